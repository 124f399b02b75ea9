/**
 * What rollouts gave, kept from process to process.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { redactJson } from "../llm/redact-secrets.ts";
import type { RolloutRecords } from "../trainer/rollout-records.ts";
import { RecordFile } from "./record-file.ts";

/** Keeps the results of rollouts in a file of lines. */
export class RolloutLog implements RolloutRecords {
  readonly #file: RecordFile;

  constructor(path: string) {
    this.#file = new RecordFile(path);
  }

  find(key: string): JsonValue | undefined {
    return this.#file.find(key);
  }

  record(key: string, position: string, result: JsonValue): Promise<void> {
    return this.#file.record({ key, position }, redactJson(result));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
