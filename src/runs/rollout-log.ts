/**
 * The results of rollouts, kept from process to process.
 *
 * @module
 */
import { hash } from "node:crypto";
import { fingerprint } from "../data/fingerprint.ts";
import type { JsonValue } from "../data/json.ts";
import type { RolloutRecords } from "../trainer/rollout-records.ts";
import type { RunIdentity } from "../trainer/run-keeper.ts";
import { RecordFile } from "./record-file.ts";

/** By which code the results of rollouts came to be. */
export interface RolloutLogOptions {
  /** Fingerprints of the code of agent and guide: results of other code are not found. */
  readonly code?: RunIdentity["code"];
  /** Whether results are found, too, of which it is not known by which code they came to be: those of an earlier opto. */
  readonly takesUnknown?: boolean;
}

/** Keeps the results of rollouts in a file of lines. */
export class RolloutLog implements RolloutRecords {
  readonly #file: RecordFile;
  readonly #code: string;
  readonly #takesUnknown: boolean;

  constructor(path: string, { code = {}, takesUnknown = false }: RolloutLogOptions = {}) {
    this.#file = new RecordFile(path);
    this.#code = fingerprint(code);
    this.#takesUnknown = takesUnknown;
  }

  find(key: string): JsonValue | undefined {
    return this.#file.find(this.#keyOf(key)) ?? (this.#takesUnknown ? this.#file.find(key) : undefined);
  }

  record(key: string, position: string, result: JsonValue): Promise<void> {
    return this.#file.record({ key: this.#keyOf(key), position }, result);
  }

  #keyOf(key: string): string {
    return hash("sha256", `${key}/${this.#code}`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
