/**
 * What the example prints: how verdicts fell, and which parameters changed.
 *
 * @module
 */
import { type Candidate, type Dataset, evaluate, type JsonValue, type Module } from "opto";
import type { Label } from "./corpus.ts";
import type { Verdict } from "./filter.ts";
import { MailGuide, verdictScores } from "./guide.ts";
import type { Mail } from "./mail.ts";

/** How many verdicts fell which way: a confusion table with its score. */
export interface Confusion {
  readonly mailKept: number;
  readonly mailLost: number;
  readonly spamPassed: number;
  readonly spamCaught: number;
  /** The mean score in percent: 100 when every verdict is right, 50 when half the mail is spam and all of it passes. */
  readonly score: number;
}

/** Judges every mail of a dataset with the filter as it is now. */
export async function confusionOf(
  filter: Module<Mail, Verdict>,
  dataset: Dataset<Mail, Label>,
  options: { readonly numThreads: number },
): Promise<Confusion> {
  const inputs = dataset.map(({ input }) => input);
  const infos = dataset.map(({ info }) => info);
  const { mean, scores } = await evaluate(filter, new MailGuide(), inputs, infos, options);
  const count = (spam: boolean, right: boolean): number => {
    return infos.filter((info, index) => info.spam === spam && (scores[index] === verdictScores.right) === right).length;
  };
  return {
    mailKept: count(false, true),
    mailLost: count(false, false),
    spamPassed: count(true, false),
    spamCaught: count(true, true),
    score: Math.round((mean as number) * 10_000) / 100,
  };
}

/** Confusion tables, one a row. */
export function confusionTable(rows: Readonly<Record<string, Confusion>>): string {
  const line = (name: string, cells: readonly string[]): string => {
    return `  ${name.padEnd(14)}${cells.map((cell) => cell.padStart(8)).join("")}`;
  };
  return [
    `  ${"".padEnd(14)}${"good mail".padStart(16)}${"spam".padStart(16)}`,
    line("", ["kept", "lost", "caught", "passed", "score"]),
    ...Object.entries(rows).map(([name, { mailKept, mailLost, spamCaught, spamPassed, score }]) => {
      return line(name, [...[mailKept, mailLost, spamCaught, spamPassed].map(String), score.toFixed(1)]);
    }),
  ].join("\n");
}

/** The parameters that changed, one a line; of lists the elements that came and went. */
export function candidateDiff(before: Candidate, after: Candidate): string {
  const width = Math.max(...Object.keys(after).map((path) => path.length));
  const lines = Object.entries(after).flatMap(([path, value]) => {
    const change = describeChange(before[path] ?? null, value);
    return change === "" ? [] : [`  ${path.padEnd(width)}  ${change}`];
  });
  return lines.join("\n");
}

function describeChange(before: JsonValue, after: JsonValue): string {
  if (Array.isArray(before) && Array.isArray(after)) {
    const gone = before.filter((element) => !after.includes(element)).map((element) => `-${element}`);
    const come = after.filter((element) => !before.includes(element)).map((element) => `+${element}`);
    return [...gone, ...come].join(" ");
  }
  return before === after ? "" : `${JSON.stringify(before)} -> ${JSON.stringify(after)}`;
}
