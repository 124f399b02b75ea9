/**
 * `judgeModel`: which model a guide will be paid for.
 *
 * @module
 */
import { requestedModel } from "../llm/resolve-model.ts";
import { LLMJudge } from "./llm-judge.ts";

/** The name of the model that an `LLMJudge` asks; `undefined` for other guides, and where no model is named. */
export function judgeModel(guide: object): string | undefined {
  if (!(guide instanceof LLMJudge)) return undefined;
  try {
    return requestedModel(guide.options.model);
  } catch {
    // The first verdict will say so.
    return undefined;
  }
}
