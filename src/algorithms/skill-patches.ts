/**
 * Skill patches: several proposals are taken apart into edits, the ones that most agree on are applied together, and rejected edits are remembered.
 *
 * @module
 */
import { shorten } from "../data/json.ts";
import { type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { chooseBest } from "./best-of.ts";
import { quoted } from "./quoted.ts";
import { shownGain } from "./shown-score.ts";
import { applyEdits, editText, type LineEdit, lineEdits, overlap } from "./text-patches.ts";

/** Options of `skillPatches`. */
export interface SkillPatchesOptions {
  /** Proposals whose edits are joined, at least 1. @default 3 */
  readonly numPatches?: number | undefined;
  /** Edits that are applied together at first, at least 1. @default 4 */
  readonly maxEdits?: number | undefined;
  /** Edits that are applied together in the end, at least 1. @default 2 */
  readonly minEdits?: number | undefined;
  /** Iterations over which the one falls to the other, along a cosine, at least 1. @default 20 */
  readonly decayOver?: number | undefined;
  /** Rejected edits that the optimizer sees, the latest. @default 12 */
  readonly maxRejected?: number | undefined;
}

const skillTable: OptionTable<SkillPatchesOptions> = {
  numPatches: wholeFrom(1),
  maxEdits: wholeFrom(1),
  minEdits: wholeFrom(1),
  decayOver: wholeFrom(1),
  maxRejected: wholeFrom(0),
};

/** An edit of a parameter. */
type PathEdit = LineEdit & { readonly path: string };

/** An edit that was not better, how many others were applied with it, and by how much all of them together were worse, where that is known. */
type RejectedEdit = { readonly path: string; readonly text: string; readonly loss: number | null; readonly others?: number };

const mostCharacters = 400;

/**
 * The optimizer makes several proposals from the same batch. What they change in text parameters, line by line, is joined: edits that several made come first, and no
 * more than `maxEdits` are applied, fewer later on. The result replaces the current candidate only if it is better on all validation data; its edits
 * are else remembered, shown to the optimizer with the loss, and not applied again. After SkillOpt (2026).
 */
export function skillPatches(options: SkillPatchesOptions = {}): SearchPolicy<readonly RejectedEdit[]> {
  checkTable(options, skillTable, "SkillPatches");
  const { numPatches = 3, maxEdits = 4, decayOver = 20, maxRejected = 12 } = options;
  const minEdits = Math.min(maxEdits, options.minEdits ?? 2);
  return {
    name: "SkillPatches",
    settings: { numPatches, maxEdits, minEdits, decayOver, maxRejected },
    start: [],
    defaults: { batchSize: 4 },
    appetite: () => ({
      forward: 1,
      proposals: numPatches,
      added: 1,
      scored: [{ candidates: 2, on: "validation" }],
    }),
    async iterate(given, rejected) {
      const step = given as Step;
      const { archive, current, iteration, validation } = step;
      const progress = Math.min(1, (iteration - 1) / decayOver);
      const most = Math.round(minEdits + ((maxEdits - minEdits) * (1 + Math.cos(Math.PI * progress))) / 2);
      const proposed = await step.propose([current], { count: numPatches, advice: adviceOf(most, rejected) });
      const chosen = agreedEdits(current, proposed, rejected).slice(0, most);
      const child = patched(step, current, proposed, chosen);
      const best = await chooseBest(step, current, child === current ? [] : [child], { keep: 1 });
      if (best !== current || child === current) return { current: best, memo: rejected };
      const [before, after] = archive.compare([current, child], validation) as [number | null, number | null];
      const loss = before === null || after === null ? null : before - after;
      const others = chosen.length - 1;
      const fresh = chosen.map((edit) => ({ path: edit.path, text: editText(edit), loss, ...(others > 0 && { others }) }));
      return { current, memo: maxRejected === 0 ? [] : [...rejected, ...fresh].slice(-maxRejected) };
    },
  };
}

/** Edits that do not overlap, those first that several proposals made, then in order of the proposals; none that was rejected. */
function agreedEdits(current: Entry, proposed: readonly Entry[], rejected: readonly RejectedEdit[]): readonly PathEdit[] {
  const all = proposed.flatMap((entry, number) => {
    return Object.entries(entry.values).flatMap(([path, value]) => {
      const before = current.values[path];
      if (typeof value !== "string" || typeof before !== "string") return [];
      return lineEdits(before, value).map((edit) => ({ ...edit, path, number }));
    });
  });
  const isRejected = (edit: PathEdit): boolean => {
    return rejected.some(({ path, text }) => path === edit.path && text === editText(edit));
  };
  const areRivals = (a: PathEdit, b: PathEdit): boolean => a.path === b.path && overlap(a, b);
  const support = (edit: PathEdit): number => new Set(all.filter((one) => areRivals(one, edit)).map((one) => one.number)).size;
  const ranked = all
    .filter((edit) => !isRejected(edit))
    .map((edit) => ({ edit, count: support(edit) }))
    .sort((a, b) => b.count - a.count);
  const kept: PathEdit[] = [];
  for (const { edit } of ranked) {
    const { number: _, ...plain } = edit;
    if (!kept.some((one) => areRivals(one, edit))) kept.push(plain);
  }
  return kept;
}

/** The candidate with the edits; with none the first proposal, whose other parameters it has in any case. */
function patched(step: Step, current: Entry, proposed: readonly Entry[], edits: readonly PathEdit[]): Entry {
  const [first = current] = proposed.filter((entry) => entry !== current);
  const values = Object.fromEntries(
    step.parameters.map((path) => {
      const before = current.values[path] ?? null;
      if (typeof before !== "string") return [path, first.values[path] ?? before];
      const own = edits.filter((edit) => edit.path === path);
      return [path, own.length === 0 ? before : applyEdits(before, own)];
    }),
  );
  const isFitting = step.parameters.every((path) => step.rulesOf(path).problems(values[path] ?? null).length === 0);
  return isFitting ? step.add(values, [current], "patch") : current;
}

function adviceOf(most: number, rejected: readonly RejectedEdit[]): string {
  const limit = `Make at most ${most} small ${most === 1 ? "edit" : "edits"}: add, replace, or remove single lines, and keep every other line as it is.`;
  if (rejected.length === 0) return limit;
  const lines = rejected.map(({ path, text, loss, others = 0 }) => {
    const outcome = loss === null || loss <= 0 ? "not better" : shownGain(0 - loss);
    const company = others === 0 ? "" : `, together with ${others} other ${others === 1 ? "edit" : "edits"}`;
    // An edit is lines, each with a sign before it.
    const edit = shorten(text, mostCharacters).split("\n");
    return [`${path} (${outcome}${company}):`, ...edit.map((line) => `${line.slice(0, 2)}${quoted(line.slice(2))}`)].join("\n");
  });
  return `${limit}\n\nEdits that were tried and rejected:\n${lines.join("\n")}`;
}
