/**
 * The evaluation before the first iteration, as trials of a search that measures candidates on some of the same examples.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import type { JsonValue } from "../data/json.ts";
import { currentPosition } from "../graph/scope.ts";
import type { Evaluation } from "../trainer/evaluation.ts";
import { emitRunEvent } from "../trainer/event-stream.ts";
import { trialsIn } from "./evaluation-table.ts";
import { measuredEvent } from "./measured-event.ts";
import type { EngineParts } from "./step-parts.ts";
import type { Tail } from "./tail.ts";

type Parts<X, Y, Info, Output, Memo extends JsonValue> = Pick<
  EngineParts<X, Y, Info, Output, Memo>,
  "run" | "policy" | "archive" | "scoring" | "validated"
>;

/**
 * Whether the search would measure its start on examples on which it is evaluated: where it scores candidates on a number of validation examples, and the best
 * values are chosen by evaluations on all of them. Then the first iteration waits for the evaluation.
 */
export function learnsFromStart<X, Y, Info, Output, Memo extends JsonValue>({
  run,
  policy,
  validated,
}: Pick<Parts<X, Y, Info, Output, Memo>, "run" | "policy" | "validated">): boolean {
  const scoresSome = policy.appetite().scored.some(({ on, candidates }) => typeof on === "number" && on > 0 && candidates > 0);
  return validated === undefined && run.settings.evalFrequency > 0 && scoresSome;
}

/** What the start was evaluated on, and by what. */
interface StartEvaluation {
  readonly on: { readonly dataset: Dataset<unknown, unknown>; readonly guide: object };
  readonly evaluation: Pick<Evaluation, "cells" | "metrics">;
}

/** Takes the evaluations of the start that are on the validation data of the search into the archive. */
export function noteStartTrials<X, Y, Info, Output, Memo extends JsonValue>(
  parts: Parts<X, Y, Info, Output, Memo>,
  { state }: Pick<Tail<X, Y, Info>, "state">,
  evaluated: readonly StartEvaluation[],
): void {
  if (!learnsFromStart(parts)) return;
  const { archive, scoring, run } = parts;
  const { numEvalSamples } = run.settings;
  for (const {
    on: { dataset, guide },
    evaluation,
  } of evaluated) {
    if (dataset !== scoring.validate.dataset || guide !== scoring.validate.guide) continue;
    const trials = trialsIn(evaluation).map((trial, at) => {
      return { ...trial, example: Math.floor(at / numEvalSamples), sample: at % numEvalSamples };
    });
    const event = measuredEvent({ position: currentPosition(), candidate: state.loop.current, dataset: "validate" }, trials);
    archive.fold(event);
    emitRunEvent(event);
  }
}
