/**
 * Where opto is not first: which baselines and other libraries are ahead of the searches of opto that were named before the scores were known.
 *
 * @module
 */
import { baseName } from "../arms.ts";
import { originals } from "../originals/originals.ts";
import type { ReportRow } from "./rows.ts";

/** What every other row is compared with. */
const standard = "default";

/** The section, or an empty text where opto is ahead everywhere. */
export function lossesText(tasks: readonly (readonly ReportRow[])[]): string {
  const lost = tasks.flatMap((rows) => lossesIn(rows));
  if (lost.length === 0) return "";
  return `## Where opto is not first

Every row that is not opto's is compared with \`${standard}\`, and another library's algorithm with the search of opto that is of its kind.

${lost.join("\n")}`;
}

function lossesIn(rows: readonly ReportRow[]): string[] {
  const own = rows.filter(({ kind }) => kind === "opto");
  const others = rows.filter(({ kind }) => kind !== "opto");
  const lost = others.flatMap((other) => {
    const behind = own.filter(({ arm, gain }) => comparedWith(other).includes(baseName(arm)) && other.gain.mean > gain.mean);
    return behind.map((search) => `- ${search.title}: ${gainText(other)} is ahead of ${gainText(search)}.`);
  });
  const [best] = own.toSorted((a, b) => b.gain.mean - a.gain.mean);
  const ahead = best === undefined ? [] : others.filter(({ gain }) => gain.mean > best.gain.mean);
  if (best === undefined || lost.length + ahead.length === 0) return [];
  const isAhead =
    ahead.length === 0
      ? "nothing else is"
      : `${ahead.map(({ arm }) => `\`${arm}\``).join(", ")} ${ahead.length === 1 ? "is" : "are"}`;
  const chosen = `the best of ${own.length} searches of opto, chosen on these scores`;
  return [...lost, `- ${best.title}: ${isAhead} ahead of ${gainText(best)}, ${chosen}.`];
}

function comparedWith({ arm }: ReportRow): readonly string[] {
  const original = originals.find(({ name }) => name === baseName(arm));
  return original === undefined ? [standard] : [standard, original.search];
}

function gainText({ arm, gain: { mean } }: ReportRow): string {
  return `\`${arm}\` (${mean < 0 ? "−" : "+"}${Math.abs(100 * mean).toFixed(1)})`;
}
