/**
 * `Notes`: what people say of a run by hand: marks of candidates, and corrected answers of examples. Files of their own in the folder of the run.
 *
 * @module
 */
import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isPlainObject, type JsonValue, parseJsonObject } from "../data/json.ts";
import { writeJsonFile } from "../data/json-file.ts";
import { inTurn } from "../data/shared-work.ts";
import { readJsonLines } from "../runs/append-file.ts";
import { fileNames } from "../runs/run-files.ts";
import type { CandidateMark, Correction, DatasetName } from "./api.ts";
import { RequestError } from "./api-error.ts";

/** Reads and writes the notes on one run. */
export class Notes {
  readonly #folder: string;
  #marks: readonly CandidateMark[] = [];
  #corrections = new Map<string, Correction>();
  #state = "";
  /** A mark is the file with it: those that come at the same moment would replace each other. */
  readonly #inTurn = inTurn();

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
    this.#marks = (await readMarks(this.#marksPath)) ?? [];
    this.#corrections = new Map();
    for await (const { value } of readJsonLines(this.#correctionsPath)) {
      const correction = correctionIn(value);
      if (correction === undefined) continue;
      this.#corrections.set(`${correction.dataset} ${correction.example}`, correction);
    }
    return true;
  }

  /**
   * Marks a candidate, or takes its mark away.
   *
   * @param note `null` takes it away
   * @throws RequestError when the run has gone, or its marks cannot be read: they would be lost
   */
  mark(candidate: string, note: string | null, at: string): Promise<readonly CandidateMark[]> {
    return this.#inTurn(async () => {
      await refuseGone(this.#folder);
      const before = await readMarks(this.#marksPath);
      if (before === undefined) {
        throw new RequestError(
          "conflict",
          `${this.#marksPath} does not have the form of marks. Fix the file, or move it away, so that it is not overwritten`,
        );
      }
      const others = before.filter((mark) => mark.candidate !== candidate);
      const marks = note === null ? others : [...others, { candidate, note, at }];
      await writeJsonFile(this.#marksPath, { format: "opto-marks", version: 1, marks: marks as unknown as JsonValue });
      await this.refresh();
      return marks;
    });
  }

  /** Appends a correction to `corrections.jsonl`. @throws RequestError when the run has gone */
  correct(correction: Correction): Promise<void> {
    return this.#inTurn(async () => {
      await refuseGone(this.#folder);
      // After a line that was torn off comes a new one.
      const before = await readFile(this.#correctionsPath, "utf8").catch(() => "");
      const start = before === "" || before.endsWith("\n") ? "" : "\n";
      await appendFile(this.#correctionsPath, `${start}${JSON.stringify(correction)}\n`);
      await this.refresh();
    });
  }

  get #marksPath(): string {
    return join(this.#folder, fileNames.marks);
  }

  get #correctionsPath(): string {
    return join(this.#folder, fileNames.corrections);
  }
}

/** @throws RequestError when a run is no longer in its folder, which a write would make again */
export async function refuseGone(folder: string): Promise<void> {
  const isThere = await stat(join(folder, fileNames.run)).catch(() => undefined);
  if (isThere === undefined) throw new RequestError("conflict", `The run in ${folder} no longer exists, so nothing was written`);
}

/** None where there is no file; `undefined` where what it holds are no marks. */
async function readMarks(path: string): Promise<CandidateMark[] | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? "" : undefined));
  if (text === "") return [];
  const { marks } = parseJsonObject(text ?? "") ?? {};
  if (!Array.isArray(marks)) return undefined;
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
