/**
 * `ViewedRun`: one run directory as the viewer knows it, followed while it trains.
 *
 * @module
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isPlainObject, parseJsonObject } from "../data/json.ts";
import { refuseNewer } from "../data/json-file.ts";
import type { ObjectiveConfig } from "../data/objectives.ts";
import { errorText } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { PriceList } from "../llm/spend/prices.ts";
import { type RunFiles, readRunFiles } from "../runs/read-run-files.ts";
import { fileNames, runVersion } from "../runs/run-files.ts";
import { lockHolder } from "../runs/run-lock.ts";
import { type MeasuredEvent, trialsOf } from "../search/measured-event.ts";
import { TrialTable } from "../search/trial-table.ts";
import type { ChangedEvent, DatasetName } from "./api.ts";
import { RequestError } from "./api-error.ts";
import type { CandidateRow } from "./candidate-table.ts";
import { FrontFold } from "./front-fold.ts";
import { type JournalLine, scanJournal, textOfLine } from "./journal-lines.ts";
import { type Fields, LineStore } from "./line-store.ts";
import { Notes } from "./notes.ts";
import { PaidCalls } from "./paid-calls.ts";
import { RunFold } from "./run-fold.ts";
import { TraceIndex } from "./trace-index.ts";
import { Voids } from "./voids.ts";

type Part = ChangedEvent["parts"][number];

/** Which candidate the best values are those of, as long as there are no others. */
interface KnownBest {
  readonly of: unknown;
  readonly among: readonly CandidateRow[];
  readonly count: number;
  readonly row: CandidateRow | undefined;
}

/** How many revisions are kept apart. */
const mostHistory = 100;
/** How many tables of trials are kept. */
const mostTables = 256;

/** A run that is looked at. */
export class ViewedRun {
  readonly id: string;
  readonly folder: string;
  readonly prices: PriceList;
  readonly journal: LineStore;
  traces: TraceIndex;
  notes: Notes;
  /** What it has cost. */
  paid: PaidCalls;
  fold: RunFold;
  /** Counts up with every change. */
  revision = 0;
  damagedLines = 0;
  #files: RunFiles | undefined;
  #smallFiles = "";
  #offset = 0;
  #inode = 0;
  #createdAt: string | undefined;
  /** Rollouts for each example of an evaluation. */
  #numSamples = 1;
  readonly #voids = new Voids();
  #front: FrontFold | undefined;
  #best: KnownBest | undefined;
  readonly #tables = new Map<string, { readonly lines: number; readonly table: TrialTable }>();
  #refreshing: Promise<void> | undefined;
  /** What the latest revisions have changed. */
  readonly #history: (readonly Part[])[] = [];

  constructor(folder: string, id: string, prices: PriceList) {
    this.folder = folder;
    this.id = id;
    this.prices = prices;
    this.journal = new LineStore(this.#journalPath);
    this.fold = this.#newFold();
    this.traces = new TraceIndex(folder);
    this.notes = new Notes(folder);
    this.paid = new PaidCalls(join(folder, fileNames.calls), prices);
  }

  /** Of its journal, in bytes. */
  get size(): number {
    return this.#offset;
  }

  /** What the small files say. */
  get files(): RunFiles {
    if (this.#files === undefined) throw new Error("The run was not opened");
    return this.#files;
  }

  /** How candidates are compared; `null` where that is by the guide's score alone. */
  get objective(): ObjectiveConfig | null {
    const { objective } = this.fold.start ?? {};
    return isPlainObject(objective) ? (objective as unknown as ObjectiveConfig) : null;
  }

  /** The front of several objectives. */
  get front(): FrontFold {
    const valuesOf = (id: string): Candidate => this.valuesOf(this.fold.candidates.get(id));
    this.#front ??= new FrontFold(this.objective, valuesOf);
    if (!this.#front.follow(this.fold.evaluated)) {
      this.#front = new FrontFold(this.objective, valuesOf);
      this.#front.follow(this.fold.evaluated);
    }
    return this.#front;
  }

  /** The best candidate, as the files of the run name it. */
  get best(): CandidateRow | undefined {
    const { best } = this.files;
    if (best === null) return undefined;
    const { rows } = this.fold.candidates;
    // Every candidate of a list is compared with it.
    if (this.#best?.of !== best || this.#best.among !== rows || this.#best.count !== rows.length)
      this.#best = { of: best, among: rows, count: rows.length, row: this.fold.candidates.ofValues(best.parameters) };
    return this.#best.row;
  }

  /** What the best values are chosen on. */
  get mainDataset(): DatasetName {
    const { chosenOn } = this.fold.start ?? {};
    const { dataset } = isPlainObject(chosenOn) ? chosenOn : {};
    const { examples } = this.fold.candidates;
    if (dataset === "test") return "test";
    // Where validation or test data are the train dataset, they are what was measured as a whole; batches are measured as "train".
    if (dataset === "train") return this.namesOf("train").find((name) => name !== "train" && examples.has(name)) ?? "train";
    return examples.has("validate") || !examples.has("train") ? "validate" : "train";
  }

  /** All names of the data that a dataset has, its own first: where there are no validation or test data, they are those of another. */
  namesOf(dataset: DatasetName): DatasetName[] {
    const { datasets } = this.files;
    const { sha256 } = datasets[dataset] ?? { sha256: "" };
    const others =
      sha256 === "" ? [] : (["validate", "test", "train"] as const).filter((name) => datasets[name]?.sha256 === sha256);
    return [...new Set([dataset, ...others])];
  }

  /** The datasets that candidates were measured on: first what the best values are chosen on. */
  get measuredDatasets(): DatasetName[] {
    const { examples } = this.fold.candidates;
    const all = [...new Set([this.mainDataset, "validate", "train", "test"] as const)];
    return all.filter((name) => (examples.get(name)?.length ?? 0) > 0);
  }

  /** The values of a candidate. */
  valuesOf(row: CandidateRow | undefined): Candidate {
    return valuesIn(this.journal.one(row?.line));
  }

  /** Every trial of a candidate on a dataset. */
  tableOf(row: CandidateRow, dataset: DatasetName): TrialTable {
    const lines = row.measured.get(dataset)?.lines ?? [];
    const key = `${dataset} ${row.id}`;
    const known = this.#tables.get(key);
    if (known?.lines === lines.length) return known.table;
    const table = new TrialTable();
    for (const event of this.journal.read(lines)) {
      if (!Array.isArray(event.examples) || !isPlainObject(event.scores)) continue;
      const trials = trialsOf(event as unknown as MeasuredEvent);
      for (const { example, sample, ...trial } of trials) if (Number.isSafeInteger(example)) table.add(example, trial, sample);
    }
    this.#tables.delete(key);
    this.#tables.set(key, { lines: lines.length, table });
    for (const oldest of this.#tables.keys()) if (this.#tables.size > mostTables) this.#tables.delete(oldest);
    return table;
  }

  /**
   * Reads what is new.
   *
   * @throws RequestError for a run of a newer version
   */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    await this.#readIdentity();
    const parts = new Set<Part>();
    await this.#readJournal();
    for (const part of this.fold.takeChanged()) parts.add(part);
    const small = await this.#stateOfSmallFiles();
    if (small !== this.#smallFiles || this.#files === undefined) {
      this.#files = await readRunFiles(this.folder, this.id);
      this.#smallFiles = small;
      parts.add("state");
    }
    if (await this.paid.refresh()) parts.add("spend");
    if (await this.traces.refresh()) parts.add("traces");
    if (await this.notes.refresh()) parts.add("marks");
    if (parts.size === 0) return;
    this.revision++;
    this.#history.push([...parts]);
    if (this.#history.length > mostHistory) this.#history.shift();
  }

  /** What has changed since a revision. */
  partsSince(revision: number): Part[] {
    const count = Math.min(this.#history.length, Math.max(0, this.revision - revision));
    return [...new Set(this.#history.slice(this.#history.length - count).flat())];
  }

  /** What the rest is read by. @throws RequestError for a run of a newer version */
  async #readIdentity(): Promise<void> {
    const path = join(this.folder, fileNames.run);
    const text = await readFile(path, "utf8").catch(() => "");
    const { version, identity, createdAt } = parseJsonObject(text) ?? {};
    if (typeof createdAt === "string") this.#follow(createdAt);
    const { options } = isPlainObject(identity) ? identity : {};
    const { numEvalSamples } = isPlainObject(options) ? options : {};
    if (Number.isSafeInteger(numEvalSamples) && Number(numEvalSamples) > 0) this.#numSamples = Number(numEvalSamples);
    if (typeof version !== "number") return;
    try {
      refuseNewer(path, version, runVersion, "look at this run");
    } catch (error) {
      throw new RequestError("unreadable", errorText(error));
    }
  }

  /** A run that was deleted and made again under the same name is another one: its files may even have the same numbers on the disk. */
  #follow(createdAt: string): void {
    const isAnother = this.#createdAt !== undefined && this.#createdAt !== createdAt;
    this.#createdAt = createdAt;
    if (!isAnother) return;
    this.#voids.clear();
    this.#startAgain();
    this.traces = new TraceIndex(this.folder);
    this.notes = new Notes(this.folder);
    this.paid = new PaidCalls(join(this.folder, fileNames.calls), this.prices);
  }

  /** They are read again when one of them has changed, or another process has the run. */
  async #stateOfSmallFiles(): Promise<string> {
    const { run, checkpoint, previous, best, applied } = fileNames;
    const states = await Promise.all(
      [run, checkpoint, previous, best, applied].map((name) => stat(join(this.folder, name)).catch(() => undefined)),
    );
    const { pid = "", host = "" } = lockHolder(this.folder) ?? {};
    return `${states.map((found) => `${found?.ino} ${found?.mtimeMs} ${found?.size}`).join(" ")} ${pid} ${host}`;
  }

  async #readJournal(): Promise<void> {
    const found = await stat(this.#journalPath).catch(() => undefined);
    if (found === undefined) return;
    // A process that resumes cuts off what a crash has torn.
    if (found.ino !== this.#inode || found.size < this.#offset) {
      this.#inode = found.ino;
      this.#voids.clear();
      this.#startAgain();
    }
    if (found.size <= this.#offset) return;
    if (await this.#scan()) return;
    // Something that was taken in is void.
    this.#startAgain();
    await this.#scan();
  }

  #newFold(): RunFold {
    const valuesOf = (rows: readonly CandidateRow[]): Candidate[] =>
      this.journal.read(rows.map(({ line }) => line)).map(valuesIn);
    return new RunFold(this.prices, this.#numSamples, valuesOf);
  }

  #startAgain(): void {
    this.#offset = 0;
    this.damagedLines = 0;
    this.fold = this.#newFold();
    this.#front = undefined;
    this.#tables.clear();
  }

  /** @returns whether everything that was taken in counts */
  async #scan(): Promise<boolean> {
    let counts = true;
    const { fold } = this;
    const onLine = (line: JournalLine): void => {
      if (line.type === "mark") {
        const { mark, after } = parseJsonObject(textOfLine(line)) ?? {};
        if (mark === "run-resumed" && typeof after === "number") {
          if (fold.seq > after) counts = false;
          this.#voids.add(line.offset, after);
          fold.seq = after;
        }
      } else if (this.#voids.has(line.seq, line.offset)) return;
      fold.add(line);
    };
    const onCalls = (bytes: Buffer, from: number, offset: number): number => {
      return fold.addCalls(bytes, from, this.#voids.lastValid(offset));
    };
    const { offset, damaged } = await scanJournal(this.#journalPath, this.#offset, { onLine, onCalls });
    this.#offset = offset;
    this.damagedLines += damaged;
    return counts;
  }

  get #journalPath(): string {
    return join(this.folder, fileNames.events);
  }
}

/** What a line says that proposes a candidate, or begins the run. */
function valuesIn({ values, parameters }: Fields): Candidate {
  const found = values ?? parameters;
  return isPlainObject(found) ? (found as Candidate) : {};
}
