/**
 * `Notes`: what people say of a run by hand: marks of candidates, and corrected answers of examples. Files of their own in the folder of the run.
 *
 * @module
 */
import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isPlainObject, type JsonValue, parseJsonObject } from "../data/json.ts";
import { writeJsonFile } from "../data/json-file.ts";
import { readJsonLines } from "../runs/json-lines.ts";
import { fileNames } from "../runs/run-files.ts";
import type { CandidateMark, Correction, DatasetName } from "./api.ts";

/** Reads and writes the notes on one run. */
export class Notes {
  readonly #folder: string;
  #marks: readonly CandidateMark[] = [];
  #corrections = new Map<string, Correction>();
  #state = "";

  constructor(folder: string) {
    this.#folder = folder;
  }

  get marks(): readonly CandidateMark[] {
    return this.#marks;
  }

  /** The newest of every example. */
  get corrections(): readonly Correction[] {
    return [...this.#corrections.values()];
  }

  correctionOf(dataset: string | null, example: number | null): Correction | undefined {
    return this.#corrections.get(`${dataset} ${example}`);
  }

  /** @returns whether anything is new */
  async refresh(): Promise<boolean> {
    const paths = [this.#marksPath, this.#correctionsPath];
    const states = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
    const state = states.map((found) => `${found?.mtimeMs} ${found?.size}`).join(" ");
    if (state === this.#state) return false;
    this.#state = state;
    this.#marks = await readMarks(this.#marksPath);
    this.#corrections = new Map();
    for await (const { value } of readJsonLines(this.#correctionsPath)) {
      const correction = correctionIn(value);
      if (correction === undefined) continue;
      this.#corrections.set(`${correction.dataset} ${correction.example}`, correction);
    }
    return true;
  }

  /** Marks a candidate, or takes its mark away. @param note `null` takes it away */
  async mark(candidate: string, note: string | null, at: string): Promise<readonly CandidateMark[]> {
    const others = (await readMarks(this.#marksPath)).filter((mark) => mark.candidate !== candidate);
    const marks = note === null ? others : [...others, { candidate, note, at }];
    await writeJsonFile(this.#marksPath, { format: "opto-marks", version: 1, marks: marks as unknown as JsonValue });
    await this.refresh();
    return marks;
  }

  /** Appends a correction to `corrections.jsonl`. */
  async correct(correction: Correction): Promise<void> {
    await appendFile(this.#correctionsPath, `${JSON.stringify(correction)}\n`);
    await this.refresh();
  }

  get #marksPath(): string {
    return join(this.#folder, fileNames.marks);
  }

  get #correctionsPath(): string {
    return join(this.#folder, fileNames.corrections);
  }
}

async function readMarks(path: string): Promise<CandidateMark[]> {
  const { marks } = parseJsonObject(await readFile(path, "utf8").catch(() => "")) ?? {};
  if (!Array.isArray(marks)) return [];
  return marks.flatMap((mark: unknown) => {
    const { candidate, note, at } = isPlainObject(mark) ? mark : {};
    return typeof candidate === "string" ? [{ candidate, note: String(note ?? ""), at: String(at ?? "") }] : [];
  });
}

function correctionIn(value: Readonly<Record<string, unknown>> | undefined): Correction | undefined {
  const { dataset, example, expected, note = "", at } = value ?? {};
  if (typeof dataset !== "string" || typeof example !== "number") return undefined;
  return {
    dataset: dataset as DatasetName,
    example,
    expected: (expected ?? null) as JsonValue,
    note: String(note),
    at: String(at),
  };
}
