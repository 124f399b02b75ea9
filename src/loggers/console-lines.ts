/**
 * What a console says of an event: one readable line, or a few.
 *
 * @module
 */

import type { JsonValue } from "../data/json.ts";
import { counted, grouped } from "../data/number-text.ts";
import type { Candidate } from "../graph/with-values.ts";
import { type ChosenOn, canGoOn, type RunEvent, type RunEventType } from "../trainer/events.ts";
import { formatCompared, formatDuration, formatNumber } from "./format-number.ts";
import { metricsText, objectiveText } from "./metrics-text.ts";
import { abridged, labelled, onOneLine, type Style, valueText } from "./printable.ts";
import type { TaskProgress } from "./task-progress.ts";

/** Lines to print, safe for a terminal. */
export interface ConsoleLine {
  readonly text: string;
  readonly style?: Style;
}

type Event<T extends RunEventType> = Extract<RunEvent, { readonly type: T }>;
type Describers = { readonly [T in RunEventType]?: (event: Event<T>) => ConsoleLine };

/** What is told of a run. Tasks, named values and the end of a run have functions of their own. */
const always: Describers = {
  "run-start": (event) => ({ text: runStart(event), style: "bold" }),
  "run-resumed": ({ run, iteration, numIterations, warnings }) => ({
    text: [
      `Resuming ${onOneLine(run)} after iteration ${iteration} of ${numIterations}`,
      ...warnings.map((text) => labelled("Warning", abridged(text))),
    ].join("\n"),
    style: "bold",
  }),
  "run-stopping": ({ reason }) => ({
    text: `Stopping: ${onOneLine(reason)}`,
    style: "yellow",
  }),
  "proposal-rejected": ({ position, attempt, name, reason }) => {
    const which = name === null ? "" : ` of ${onOneLine(name)}`;
    return {
      text: labelled(`${stepOf(position)}Proposal${which} rejected (attempt ${attempt + 1})`, abridged(reason)),
      style: "yellow",
    };
  },
  "proposal-failed": ({ position, rejections }) => {
    const which = rejections.map(({ name }) => (name === null ? "all" : onOneLine(name))).join(", ");
    return { text: `${stepOf(position)}No usable proposal: old values kept (${abridged(which)})`, style: "yellow" };
  },
  "candidate-selected": ({ position, candidate, changed, score }) => {
    const what = changed ? `${candidateName(candidate, position)} selected` : "Current values kept";
    return { text: `${stepOf(position)}${what}: score ${scoreText(score)}` };
  },
  "candidate-evaluated": ({ iteration, candidate, scores }) => ({
    text: `${step(iteration)}${candidateName(candidate, `iteration/${iteration}`)} evaluated: ${metricsText(scores)}`,
  }),
  "update-accepted": (event) => ({ text: updateText(event, "accepted"), style: "green" }),
  "update-rejected": (event) => ({ text: updateText(event, "rejected"), style: "red" }),
  "update-skipped": ({ iteration, score }) => ({
    text: `${step(iteration)}Update skipped: every output of the batch has the best score (${formatNumber(score)})`,
    style: "dim",
  }),
  "checkpoint-saved": ({ path, iteration }) => ({ text: `${step(iteration)}Checkpoint saved: ${onOneLine(path)}`, style: "dim" }),
  "model-waiting": (event) => ({ text: waitText(event, event.waitedMs), style: "yellow" }),
  "model-wait-end": ({ model, waitedMs, isAnswered }) => ({
    text: `${onOneLine(model)} ${isAnswered ? "answers again after" : "gave no answer, and no call is waiting for it any more, after"} ${formatDuration(waitedMs)}`,
    style: "dim",
  }),
  warning: ({ message }) => ({ text: labelled("Warning", abridged(message)), style: "red" }),
  // Emitted only when the trainer was asked to be verbose, so shown whole.
  prompt: ({ position, role, text }) => ({ text: labelled(`${stepOf(position)}Prompt (${onOneLine(role)})`, text) }),
  reply: ({ position, role, text }) => ({ text: labelled(`${stepOf(position)}Reply (${onOneLine(role)})`, text) }),
};

/** What is told only on request. */
const verbose: Describers = {
  "model-retry": (event) => ({ text: retryText(event), style: "dim" }),
  "iteration-start": ({ iteration, epoch, batchSize }) => ({
    text: `${step(iteration)}Epoch ${epoch}, ${counted(batchSize, "example")}`,
  }),
  "rollout-end": ({ position, status, error = "" }) => ({
    text: labelled(`${stepOf(position)}Rollout ${onOneLine(position)} ${status}`, abridged(error)),
    style: status === "failed" ? "red" : "yellow",
  }),
  "candidate-proposed": ({ position, candidate, values }) => {
    const same = candidate === position ? "" : `, the same as ${candidateName(candidate, "")}`;
    return { text: `${stepOf(position)}Proposal ${onOneLine(position.split("/").at(-1) ?? "")}${same}${valuesText(values)}` };
  },
  "candidate-scored": ({ position, candidate, score, scores }) => ({
    text: `${stepOf(position)}${candidateName(candidate, position)}: ${scores === undefined ? `score ${scoreText(score)}` : metricsText(scores)}`,
  }),
  "candidate-dropped": ({ position, candidate, score, examples, total }) => ({
    text: `${stepOf(position)}${candidateName(candidate, position)}: dropped after ${examples} of ${total} examples, score ${scoreText(score)}`,
  }),
  "model-call": (event) => ({ text: callText(event), style: "dim" }),
};

/** A candidate by its id: `Proposal 2` of the same iteration, `Candidate 3.2` of another, `Starting values`. */
function candidateName(id: string, position: string): string {
  const [, iteration, proposal] = /^iteration\/(\d+)\/proposal\/(\d+)$/.exec(id) ?? [];
  if (iteration === undefined) return id === "start" ? "Starting values" : `Candidate ${onOneLine(id)}`;
  return id.startsWith(`${position}/`) ? `Proposal ${proposal}` : `Candidate ${iteration}.${proposal}`;
}

/** What to print for an event, if anything. */
export function describeEvent(event: RunEvent, isVerbose: boolean): ConsoleLine | undefined {
  if (event.type === "rollout-end" && event.status === "scored") return undefined;
  if (event.type === "model-retry" && event.delayMs >= longWaitMs) return { text: retryText(event), style: "yellow" };
  const describe = always[event.type] ?? (isVerbose ? verbose[event.type] : undefined);
  return (describe as ((event: RunEvent) => ConsoleLine) | undefined)?.(event);
}

/** `[Step 3] name: value`. */
export function describeValueLine(name: string, data: JsonValue, iteration: number, isVerbose: boolean): string {
  const text = valueText(data);
  return labelled(`${step(iteration)}${onOneLine(name)}`, isVerbose ? text : abridged(text));
}

/** A finished task on one line. `task` is missing when its start was not seen. */
export function describeTaskEnd(event: Event<"task-end">, task: TaskProgress | undefined, now: number): string {
  const { position, description, meanScore, scored, failed, unscored, skipped = 0 } = event;
  if (skipped > 0 && scored + failed + unscored === 0) {
    const examples = counted(skipped, "rollout");
    return `${stepOf(position)}${onOneLine(description)}: not necessary, ${examples} skipped because they could not change the result`;
  }
  const facts = [
    ...(task === undefined ? [] : [task.total === null ? String(task.done) : `${task.done}/${task.total}`]),
    `score ${scoreText(meanScore)}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unscored > 0 ? [`${unscored} unscored`] : []),
    ...(skipped > 0 ? [`${skipped} left out`] : []),
    ...(task === undefined ? [] : [formatDuration(now - task.startedAt)]),
  ];
  return `${stepOf(position)}${onOneLine(description)}: ${facts.join(", ")}`;
}

/** The first error of a task, to stand below its line. */
export function describeFirstError(error: string): string {
  return `    first error: ${onOneLine(abridged(error))}`;
}

/** How many warnings were the same as earlier ones. */
export function describeRepeatedWarnings(repeated: number): ConsoleLine {
  return {
    text: `${counted(repeated, "warning")} like those above ${repeated === 1 ? "is" : "are"} not shown again`,
    style: "dim",
  };
}

/** That a model scores, which nobody may have asked for. */
export function describeJudge(model: string): string {
  return `Each answer is scored by a paid call to ${onOneLine(model)} (LLMJudge); set \`guide\` to score in another way`;
}

/** The last line of a run. */
export function describeRunEnd(event: Event<"run-end">, duration: number | undefined): ConsoleLine {
  const { reason, error, iterations, testScore, best, report } = event;
  const took = duration === undefined ? "" : ` in ${formatDuration(duration)}`;
  const label = `Run ${endings[reason]} after ${counted(iterations, "iteration")}${took}`;
  if (reason === "aborted" || reason === "failed") {
    const text = error === undefined ? label : labelled(label, abridged(error));
    return { text, style: reason === "failed" ? "red" : "yellow" };
  }
  const facts = [
    ...(best === undefined || best.score === null ? [] : [bestText(best)]),
    // Of the values that the agent has now, on other data, or of the last ones.
    ...(testScore === null || (best?.isKept && !best.hasTest)
      ? []
      : [`${best?.isKept ? "last " : ""}test score ${scoreText(testScore)}`]),
  ];
  const outcome = facts.length === 0 ? label : `${label}: ${facts.join(", ")}`;
  const gain = report === undefined ? [] : [onOneLine(report.text)];
  if (!canGoOn(reason)) return { text: [outcome, ...gain].join("\n"), style: "bold" };
  const why = error === undefined ? [] : [abridged(error)];
  return { text: [outcome, ...why, ...gain, "Run the same command again to resume it"].join("\n"), style: "yellow" };
}

function bestText({ iteration, score, scores, chosenOn, isKept }: NonNullable<Event<"run-end">["best"]>): string {
  const who = isKept ? "" : " (the agent keeps the last values)";
  const metrics = scores === undefined ? `score ${scoreText(score)}` : metricsText(scores);
  return `best ${metrics} at iteration ${iteration} on ${chosenOnText(chosenOn)}${who}`;
}

const endings: Readonly<Record<Event<"run-end">["reason"], string>> = {
  completed: "completed",
  aborted: "aborted",
  failed: "failed",
  "target-score": "reached its target score",
  patience: "ended without further improvement",
  "max-iterations": "stopped at its iteration limit",
  deadline: "stopped at its deadline",
  budget: "stopped at its budget",
  quota: "stopped at the provider's quota",
  interrupted: "interrupted",
};

/** A wait that is told of unasked. */
const longWaitMs = 10_000;

function retryText({ position, model, attempt, delayMs, reason }: Event<"model-retry">): string {
  const when = `attempt ${attempt + 1} failed, next in ${formatDuration(delayMs)}`;
  return labelled(`${stepOf(position)}${onOneLine(model)}: ${when}`, abridged(reason));
}

function callText({ position, model, role, finishReason, inputTokens, outputTokens, estimated }: Event<"model-call">): string {
  const facts = [
    `${inputTokens ?? "?"} tokens in`,
    `${outputTokens ?? "?"} out`,
    ...(estimated ? ["estimated"] : []),
    ...(finishReason === "length" ? ["cut off at the token limit"] : []),
    ...(finishReason === "content-filter" ? ["stopped by a content filter"] : []),
  ];
  return `${stepOf(position)}Call of ${onOneLine(model)} (${onOneLine(role)}): ${facts.join(", ")}`;
}

/** What calls wait for, how long they have waited, and how many they are. */
export function waitText({ model, reason, calls, delayMs }: Event<"model-waiting">, waitedMs: number): string {
  const facts = [
    `${formatDuration(waitedMs)} so far`,
    `next attempt in ${formatDuration(delayMs)}`,
    `${counted(calls, "call")} waiting`,
  ];
  return `${onOneLine(model)}: waiting for a limit, ${facts.join(", ")}: ${onOneLine(abridged(reason))}`;
}

function runStart(event: Event<"run-start">): string {
  const { algorithm, numExamples, numEpochs, batchSize, numIterations, numThreads, seed, parameters, judge } = event;
  const facts = [
    counted(numExamples, "example"),
    counted(numEpochs, "epoch"),
    `batch size ${batchSize}`,
    counted(numIterations, "iteration"),
    `concurrency ${numThreads}`,
    `seed ${seed}`,
    counted(Object.keys(parameters).length, "parameter"),
  ];
  const lines = [
    `${onOneLine(algorithm)}: ${facts.join(", ")}`,
    event.objective === undefined ? undefined : `Objective: ${objectiveText(event.objective)}`,
    choiceText(event.chosenOn),
    billText(event.rollouts),
    judge === undefined ? undefined : describeJudge(judge),
  ];
  return lines.filter((line) => line !== undefined).join("\n");
}

/** What the best values are chosen on, before the first of them is. */
function choiceText(chosenOn: ChosenOn | undefined): string | undefined {
  if (chosenOn === undefined || chosenOn.dataset === "none") return undefined;
  return `The best values are chosen on ${chosenOnText(chosenOn)}`;
}

function chosenOnText({ dataset, examples }: ChosenOn): string {
  const kinds = { validation: "validation", split: "set-aside training", train: "training", test: "test", none: "" } as const;
  return counted(examples, `${kinds[dataset]} example`);
}

/** Who evaluates more than they train should know it before it is paid for. */
function billText(rollouts: Event<"run-start">["rollouts"]): string | undefined {
  if (rollouts === undefined || rollouts.evaluation.max <= rollouts.all.max / 2) return undefined;
  const [all, evaluation] = [rollouts.all.max, rollouts.evaluation.max].map(grouped);
  const isExact = rollouts.all.min === rollouts.all.max;
  return (
    `${evaluation} of ${isExact ? "" : "up to "}${all} rollouts are evaluation; ` +
    "to change that, set `evalFrequency`, or the sizes of `validateDataset` and `testDataset`"
  );
}

function updateText(event: Event<"update-accepted" | "update-rejected">, verdict: string): string {
  const [current, next] = formatCompared(event.currentScore, event.newScore);
  const threshold = event.threshold === 0 ? "" : `, threshold ${formatNumber(event.threshold)}`;
  return `${step(event.iteration)}Update ${verdict}: current score ${current}, new score ${next}${threshold}`;
}

/** Indented, each value below or beside its name. */
function valuesText(values: Candidate): string {
  const lines = Object.entries(values).map(([name, value]) => labelled(onOneLine(name), abridged(valueText(value))));
  return lines.length === 0 ? ": no change" : `:\n${lines.join("\n").replace(/^/gm, "    ")}`;
}

function scoreText(score: number | null): string {
  return score === null ? "none" : formatNumber(score);
}

function step(iteration: number): string {
  return `[Step ${iteration}] `;
}

/** The step that a position belongs to: that of `iteration/3/proposal/2` is 3. */
function stepOf(position: string): string {
  const [, iteration] = /^iteration\/(\d+)(?:\/|$)/.exec(position) ?? [];
  return iteration === undefined ? "" : `[Step ${iteration}] `;
}
