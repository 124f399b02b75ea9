/**
 * The journal of a run: its events in logical order, one line each.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { type Clock, systemClock } from "../data/clock.ts";
import { parseJsonObject } from "../data/json.ts";
import { CheckpointError, type StopError } from "../errors.ts";
import { redactText } from "../llm/redact-secrets.ts";
import type { JsonlRecord } from "../loggers/jsonl-logger.ts";
import { isMark, type Logger, type RunEvent } from "../trainer/events.ts";
import { AppendFile, type FileLine, fileLines } from "./append-file.ts";

/** How a journal is opened. */
export interface JournalOptions {
  /** Told when the file can no longer be written. */
  readonly onFailure: (error: StopError) => void;
  readonly clock?: Clock | undefined;
}

/** How many events are kept back, and for how long in milliseconds, so that many are one write. */
const batchSize = 2_000;
const batchMs = 100;

/**
 * Appends the events of a run. An event has the next number; a mark (`run-resumed`, `model-retry`) has none. A line
 * `{"mark":"run-resumed","after":120}` says that the events after number 120 that stand before it are void: what followed the
 * last checkpoint is done again, and its events come again.
 *
 * A rollout that was scored has no line of its own: its score stands in the `task-end` of its task, in order.
 *
 * Events reach the file within a tenth of a second, and always before a checkpoint that counts on them.
 */
export class Journal implements Logger {
  readonly order = "logical";
  readonly #file: AppendFile;
  readonly #clock: Clock;
  readonly #onFailure: (error: StopError) => void;
  #seq: number;
  #pending: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;
  #isClosed = false;

  private constructor(file: AppendFile, seq: number, options: JournalOptions) {
    this.#file = file;
    this.#seq = seq;
    this.#clock = options.clock ?? systemClock;
    this.#onFailure = options.onFailure;
  }

  /** Opens a journal; what a crash has left after its last whole event is cut off. */
  static open(path: string, options: JournalOptions): Journal {
    const file = new AppendFile(path);
    const { seq, length } = readHistory(file.lines());
    if (length < file.size) file.truncate(length);
    return new Journal(file, seq, options);
  }

  /** The number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  /** The events of candidates up to event number `seq`, in order: what the archive of a search is made of. */
  *candidateEvents(seq: number): Generator<RunEvent> {
    const events = new EventLines(isOfCandidates);
    readHistory(this.#file.lines(), events);
    events.cut(seq);
    for (const line of events.lines) yield JSON.parse(line) as RunEvent;
  }

  /** Continues after event number `after`; later events are void. */
  resume(after: number, about: Readonly<Record<string, string | number>>): void {
    this.#seq = after;
    this.#add({ event: { type: "run-resumed", after, ...about }, seq: after, time: this.#clock.now() });
  }

  /** What comes after the end, from work that an abort has not waited for, is no part of the history. */
  onEvent(event: RunEvent): void {
    if (this.#isClosed || event.type === "run-resumed") return;
    // Rollouts that were scored stand in the `scores` of their task: there may be millions.
    if (event.type === "rollout-end" && event.status === "scored") return;
    if (!isMark(event.type)) this.#seq++;
    this.#add({ event, seq: this.#seq, time: this.#clock.now() });
  }

  /** Resolves when all events so far would survive a loss of power. */
  async durable(): Promise<void> {
    this.#flush();
    await this.#file.durable();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#flush();
    await this.#file.close();
  }

  /** The text is made later: thousands of events may come at a moment when many rollouts wait to go on. */
  #add(entry: Entry): void {
    this.#pending.push(entry);
    if (this.#pending.length >= batchSize) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), batchMs).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = this.#pending;
    this.#pending = [];
    if (entries.length === 0 || this.#hasFailed) return;
    try {
      this.#file.append(entries.map(lineOf).join(""));
    } catch (error) {
      this.#hasFailed = true;
      this.#onFailure(error as StopError);
    }
  }
}

/** Whether a line is about candidates, without parsing it. */
function isOfCandidates(line: string): boolean {
  return candidateLine.test(line);
}

const candidateLine =
  /^\{"seq":\d+,"time":"[^"]*","type":"(?:run-start|candidate-proposed|candidate-measured|candidate-tested|candidate-evaluated|scores-forgotten)"/;

/** An event or a mark that is to be written. */
interface Entry {
  readonly event: RunEvent | { readonly type: "run-resumed"; readonly after: number };
  readonly seq: number;
  readonly time: number;
}

function lineOf({ event, seq, time }: Entry): string {
  const at = new Date(time).toISOString();
  if (event.type === "run-resumed" || isMark(event.type)) {
    const { type, ...fields } = withoutSecrets(event as RunEvent);
    return `${JSON.stringify({ mark: type, time: at, ...fields })}\n`;
  }
  return `{"seq":${seq},"time":"${at}",${JSON.stringify(withoutSecrets(event as RunEvent)).slice(1)}\n`;
}

/** Fields that may quote what a provider or another service has said. */
const quoting = ["error", "reason", "message", "text"] as const;

function withoutSecrets(event: RunEvent): RunEvent {
  const fields = event as { readonly [name in (typeof quoting)[number]]?: unknown };
  const quoted = quoting.filter((name) => typeof fields[name] === "string");
  if (quoted.length === 0) return event;
  return { ...event, ...Object.fromEntries(quoted.map((name) => [name, redactText(fields[name] as string)])) } as RunEvent;
}

/** Something that happened on one machine at one moment, and is no part of the history. */
export interface JournalMark {
  readonly mark: string;
  /** ISO 8601. */
  readonly time: string;
  /** Of a `run-resumed`: the number of the last event that counts. */
  readonly after?: number;
  readonly [field: string]: unknown;
}

/** What a journal holds. */
export interface History {
  readonly marks: readonly JournalMark[];
  /** The number of the last event; 0 when there is none. */
  readonly seq: number;
  /** How many bytes are whole; what follows was torn or damaged. */
  readonly length: number;
}

/** Collects lines of events, all or some. */
export class EventLines {
  readonly #isWanted: (line: string) => boolean;
  readonly #all: { readonly seq: number; readonly line: string }[] = [];

  /** @param isWanted @default all */
  constructor(isWanted: (line: string) => boolean = () => true) {
    this.#isWanted = isWanted;
  }

  get lines(): readonly string[] {
    return this.#all.map(({ line }) => line);
  }

  add(seq: number, line: string): void {
    if (this.#isWanted(line)) this.#all.push({ seq, line });
  }

  /** Events after number `seq` are void. */
  cut(seq: number): void {
    while ((this.#all.at(-1)?.seq ?? 0) > seq) this.#all.pop();
  }
}

/**
 * The history in the lines of a journal, up to the first that is damaged or out of order.
 *
 * @param events receives the lines of the events that count: numbers 1, 2, 3, … without a gap
 */
export function readHistory(lines: Iterable<FileLine>, events?: EventLines): History {
  const marks: JournalMark[] = [];
  let seq = 0;
  let length = 0;
  for (const { bytes, next } of lines) {
    const line = bytes.toString("utf8");
    const number = seqOf(line);
    if (number !== undefined) {
      if (number !== seq + 1 || !isWhole(line, bytes)) break;
      seq = number;
      events?.add(seq, line);
    } else {
      const mark = markOf(line);
      if (mark === undefined || (mark.after ?? 0) > seq) break;
      marks.push(mark);
      if (mark.mark === "run-resumed") seq = mark.after ?? 0;
      events?.cut(seq);
    }
    length = next;
  }
  return { marks, seq, length };
}

/**
 * The events of a run, in order, as recorded in the journal of its directory.
 *
 * @throws CheckpointError when the file cannot be read
 */
export async function readRunEvents(path: string): Promise<JsonlRecord[]> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new CheckpointError(`Could not read ${path}: ${cause.message}`, { cause });
  });
  const events = new EventLines();
  readHistory(fileLines([bytes]), events);
  return events.lines.flatMap((line) => (parseJsonObject(line) as JsonlRecord | undefined) ?? []);
}

/** Whether an event can be read: none holds a zero, which a loss of power may leave, and those that the archive is made of are JSON. */
function isWhole(line: string, bytes: Uint8Array): boolean {
  return !bytes.includes(0) && (!isOfCandidates(line) || parseJsonObject(line) !== undefined);
}

/** Without parsing all of it: a journal may be long. A whole line ends its object. */
function seqOf(line: string): number | undefined {
  const [, seq] = /^\{"seq":(\d{1,15}),"time":".*\}$/s.exec(line) ?? [];
  return seq === undefined ? undefined : Number(seq);
}

function markOf(line: string): JournalMark | undefined {
  const mark = parseJsonObject(line);
  return typeof mark?.mark === "string" ? (mark as unknown as JournalMark) : undefined;
}
