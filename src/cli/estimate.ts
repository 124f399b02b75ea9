/**
 * What a run would cost, for `--dry-run`.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { ConfigurationError } from "../errors.ts";
import type { TrainArguments } from "./to-train-options.ts";

/** An estimate for people and for programs. */
export interface Estimate {
  readonly text: string;
  readonly document: JsonValue;
}

/**
 * Estimates calls, tokens and dollars of a run without calling a model.
 *
 * @throws ConfigurationError as long as this build has no estimates
 */
export async function estimate(_options: TrainArguments): Promise<Estimate> {
  throw new ConfigurationError("This build of opto cannot estimate a run yet");
}
