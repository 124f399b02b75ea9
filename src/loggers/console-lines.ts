/**
 * What a console says of an event: one readable line, or a few.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Candidate } from "../graph/with-values.ts";
import { canGoOn, type RunEvent, type RunEventType } from "../trainer/events.ts";
import { formatCompared, formatDuration, formatNumber } from "./format-number.ts";
import type { Style } from "./paint.ts";
import { abridged, labelled, onOneLine, valueText } from "./printable.ts";
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
      `Continuing ${onOneLine(run)} after iteration ${iteration} of ${numIterations}`,
      ...warnings.map((text) => labelled("Warning", abridged(text))),
    ].join("\n"),
    style: "bold",
  }),
  "run-stopping": ({ reason }) => ({ text: `Stopping: ${onOneLine(reason)}. Once more exits at once`, style: "yellow" }),
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
  "candidate-selected": ({ position, proposal, score }) => {
    const what = proposal === null ? "Current values kept" : `Proposal ${proposal} selected`;
    return { text: `${stepOf(position)}${what}: score ${scoreText(score)}` };
  },
  "update-accepted": (event) => ({ text: updateText(event, "accepted"), style: "green" }),
  "update-rejected": (event) => ({ text: updateText(event, "rejected"), style: "red" }),
  "checkpoint-saved": ({ path, iteration }) => ({ text: `${step(iteration)}Checkpoint saved: ${onOneLine(path)}`, style: "dim" }),
  warning: ({ message }) => ({ text: labelled("Warning", abridged(message)), style: "red" }),
  // Emitted only when the trainer was asked to be verbose, so shown whole.
  prompt: ({ position, role, text }) => ({ text: labelled(`${stepOf(position)}Prompt (${onOneLine(role)})`, text) }),
  reply: ({ position, role, text }) => ({ text: labelled(`${stepOf(position)}Reply (${onOneLine(role)})`, text) }),
};

/** What is told only on request. */
const verbose: Describers = {
  "model-retry": (event) => ({ text: retryText(event), style: "dim" }),
  "iteration-start": ({ iteration, epoch, batchSize }) => ({
    text: `${step(iteration)}Epoch ${epoch}, ${count(batchSize, "example")}`,
  }),
  "rollout-end": ({ position, status, error = "" }) => ({
    text: labelled(`${stepOf(position)}Rollout ${onOneLine(position)} ${status}`, abridged(error)),
    style: status === "failed" ? "red" : "yellow",
  }),
  "candidate-proposed": ({ position, proposal, values }) => ({
    text: `${stepOf(position)}Proposal ${proposal}${valuesText(values)}`,
  }),
  "candidate-scored": ({ position, proposal, score }) => ({
    text: `${stepOf(position)}${proposal === null ? "Current values" : `Proposal ${proposal}`}: score ${scoreText(score)}`,
  }),
  "candidate-dropped": ({ position, proposal, score, examples, total }) => ({
    text: `${stepOf(position)}${proposal === null ? "Current values" : `Proposal ${proposal}`}: dropped after ${examples} of ${total} examples, score ${scoreText(score)}`,
  }),
  "model-call": ({ position, model, role, inputTokens, outputTokens }) => ({
    text: `${stepOf(position)}Call of ${onOneLine(model)} (${onOneLine(role)}): ${inputTokens ?? "?"} tokens in, ${outputTokens ?? "?"} out`,
    style: "dim",
  }),
};

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
  const { position, description, meanScore, failed, unscored, skipped = 0 } = event;
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

/** The last line of a run. */
export function describeRunEnd(event: Event<"run-end">, duration: number | undefined): ConsoleLine {
  const { reason, error, iterations, testScore } = event;
  const took = duration === undefined ? "" : ` in ${formatDuration(duration)}`;
  const label = `Run ${endings[reason]} after ${count(iterations, "iteration")}${took}`;
  if (reason === "aborted" || reason === "failed") {
    const text = error === undefined ? label : labelled(label, abridged(error));
    return { text, style: reason === "failed" ? "red" : "yellow" };
  }
  const scored = testScore === null ? label : `${label}: test score ${scoreText(testScore)}`;
  if (!canGoOn(reason)) return { text: scored, style: "bold" };
  const why = error === undefined ? [] : [abridged(error)];
  return { text: [scored, ...why, "The same command continues it"].join("\n"), style: "yellow" };
}

const endings: Readonly<Record<Event<"run-end">["reason"], string>> = {
  completed: "completed",
  aborted: "aborted",
  failed: "failed",
  "target-score": "reached its target score",
  patience: "ended without further improvement",
  "max-iterations": "reached its number of iterations",
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

function runStart(event: Event<"run-start">): string {
  const { algorithm, numExamples, numEpochs, batchSize, numIterations, numThreads, seed, parameters } = event;
  const facts = [
    count(numExamples, "example"),
    count(numEpochs, "epoch"),
    `batch size ${batchSize}`,
    count(numIterations, "iteration"),
    count(numThreads, "thread"),
    `seed ${seed}`,
    count(Object.keys(parameters).length, "parameter"),
  ];
  return `${onOneLine(algorithm)}: ${facts.join(", ")}`;
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

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function step(iteration: number): string {
  return `[Step ${iteration}] `;
}

/** The step that a position belongs to: that of `iteration/3/proposal/2` is 3. */
function stepOf(position: string): string {
  const [, iteration] = /^iteration\/(\d+)(?:\/|$)/.exec(position) ?? [];
  return iteration === undefined ? "" : `[Step ${iteration}] `;
}
