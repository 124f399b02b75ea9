/**
 * A logger for people: progress bars and coloured lines on a terminal, plain lines elsewhere.
 *
 * @module
 */
import { type Clock, systemClock } from "../data/clock.ts";
import { environmentVariable } from "../data/environment.ts";
import { canonicalJson, type JsonValue } from "../data/json.ts";
import { anything, type OptionTable, oneOf, trueOrFalse, withMethod } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Logger, RunEvent } from "../trainer/events.ts";
import {
  type ConsoleLine,
  describeEvent,
  describeFirstError,
  describeRepeatedWarnings,
  describeRunEnd,
  describeTaskEnd,
  describeValueLine,
  waitText,
} from "./console-lines.ts";
import { createPaint, type Paint, wantsColor } from "./printable.ts";
import { LiveRegion, progressFrame, type TerminalStream, terminalColumns, toWidth } from "./progress-frame.ts";
import { TasksInFlight } from "./task-progress.ts";

/** Options of `ConsoleLogger`. */
export interface ConsoleLoggerOptions {
  /** Where to print. It is never ended. @default process.stdout */
  readonly stream?: TerminalStream | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** Colours. @default by `FORCE_COLOR` and `NO_COLOR`; else whether `stream` is a terminal */
  readonly color?: boolean | undefined;
  /**
   * Progress bars, where `stream` is a terminal. Switch them off for an agent that prints a lot to the same terminal:
   * each of its prints leaves a copy of the bars behind.
   *
   * @default true
   */
  readonly progress?: boolean | undefined;
  /** Also report every iteration, proposal, candidate's score, failed rollout, model call, and repeated warning, and cut no values. @default false */
  readonly verbose?: boolean | undefined;
  /** Which values of parameters to print: all, those that changed since they were last printed, or none. @default "changed" */
  readonly parameters?: "all" | "changed" | "none" | undefined;
}

const consoleTable: OptionTable<ConsoleLoggerOptions> = {
  stream: withMethod("write", "a stream to write to"),
  clock: anything,
  color: trueOrFalse,
  progress: trueOrFalse,
  verbose: trueOrFalse,
  parameters: oneOf(["all", "changed", "none"]),
};

type WaitingEvent = Extract<RunEvent, { readonly type: "model-waiting" }>;

/** The name of a logged value is this and the path when it is a parameter. */
export const parameterPrefix = "Parameter: ";

const maxBars = 4;
const refreshMs = 100;
/** How often bars are redrawn while nothing happens, so that rate and time left stay true. */
const tickMs = 1_000;

/**
 * Prints what happens in a run.
 *
 * Text of language models and errors is printed with its control characters escaped. On a terminal a task shows as a bar
 * and leaves a line only when something in it failed; elsewhere every task leaves a line.
 *
 * @example
 * ```ts
 * const trainer = new MinibatchAlgorithm(agent, optimizer, { logger: new ConsoleLogger({ parameters: "none" }) });
 * ```
 */
export class ConsoleLogger implements Logger {
  readonly #stream: TerminalStream;
  readonly #clock: Clock;
  readonly #paint: Paint;
  readonly #showsBars: boolean;
  readonly #verbose: boolean;
  readonly #parameters: "all" | "changed" | "none";
  readonly #region: LiveRegion;
  readonly #tasks = new TasksInFlight();
  /** Models whose calls wait for a limit, and since when. */
  readonly #waits = new Map<string, { readonly event: WaitingEvent; readonly since: number; readonly next: number }>();
  readonly #lastValues = new Map<string, JsonValue>();
  /** An error that stays the same is told once. */
  #lastError: string | undefined;
  /** Warnings that were shown in this run: the same one is shown once. */
  readonly #warnings = new Set<string>();
  #repeatedWarnings = 0;
  #runStartedAt: number | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  /** @throws InvalidArgumentError for an unknown option or a bad value. */
  constructor(options: ConsoleLoggerOptions = {}) {
    checkTable(options, consoleTable, "ConsoleLogger", "");
    const { stream = process.stdout, clock = systemClock, progress = true, verbose = false, parameters = "changed" } = options;
    const isTerminal = stream.isTTY === true;
    this.#stream = stream;
    this.#clock = clock;
    this.#paint = createPaint(options.color ?? wantsColor(isTerminal));
    this.#showsBars = progress && isTerminal && environmentVariable("TERM") !== "dumb";
    this.#verbose = verbose;
    this.#parameters = parameters;
    this.#region = new LiveRegion(stream);
  }

  /** Prints `[Step n] name: value`; a number that is higher than the last one of this name is green. */
  log(name: string, data: JsonValue, step: number): void {
    const isParameter = name.startsWith(parameterPrefix);
    const last = this.#lastValues.get(name);
    if (isParameter && (this.#parameters === "none" || (this.#parameters === "changed" && isSame(last, data)))) return;
    this.#lastValues.set(name, data);
    const rose = !isParameter && typeof last === "number" && typeof data === "number" && data > last;
    this.#print({ text: describeValueLine(name, data, step, this.#verbose), ...(rose ? { style: "green" } : {}) });
  }

  onEvent(event: RunEvent): void {
    const now = this.#clock.monotonic();
    switch (event.type) {
      case "run-start":
      case "run-resumed":
        this.#startRun(now);
        break;
      case "warning":
        if (this.#isRepeated(event.message) && !this.#verbose) return;
        break;
      case "task-start":
        this.#startTask(event, now);
        break;
      case "rollout-end":
        this.#tasks.advance(event);
        this.#refresh(now);
        break;
      case "task-end":
        this.#endTask(event, now);
        return;
      case "model-waiting":
      case "model-wait-end":
        this.#noteWait(event, now);
        // The wait is shown below the bars, as long as it takes.
        if (!this.#showsBars) break;
        this.#refresh(now);
        return;
      case "model-retry":
        // What the model is waited for has been said.
        if (!this.#verbose && this.#waits.has(event.model)) return;
        break;
      case "run-end":
        this.#endRun(event, now);
        return;
    }
    const line = describeEvent(event, this.#verbose);
    if (line !== undefined) this.#print(line);
  }

  /** Takes the bars away and stops refreshing. The logger can be used again. */
  close(): void {
    this.#removeBars();
    this.#runStartedAt = undefined;
  }

  #startRun(now: number): void {
    this.#runStartedAt = now;
    this.#lastValues.clear();
    this.#lastError = undefined;
    this.#warnings.clear();
    this.#repeatedWarnings = 0;
  }

  #endRun(event: Extract<RunEvent, { readonly type: "run-end" }>, now: number): void {
    this.#removeBars();
    if (this.#repeatedWarnings > 0 && !this.#verbose) this.#print(describeRepeatedWarnings(this.#repeatedWarnings));
    this.#print(describeRunEnd(event, this.#runStartedAt === undefined ? undefined : now - this.#runStartedAt));
  }

  /** Whether the run has shown the warning before. */
  #isRepeated(warning: string): boolean {
    const isRepeated = this.#warnings.has(warning);
    if (isRepeated) this.#repeatedWarnings++;
    else this.#warnings.add(warning);
    return isRepeated;
  }

  #noteWait(event: Extract<RunEvent, { readonly type: "model-waiting" | "model-wait-end" }>, now: number): void {
    if (event.type === "model-wait-end") this.#waits.delete(event.model);
    else this.#waits.set(event.model, { event, since: now - event.waitedMs, next: now + event.delayMs });
  }

  #startTask(event: Extract<RunEvent, { type: "task-start" }>, now: number): void {
    // A task that is over before the next refresh never shows.
    if (this.#tasks.isEmpty && this.#region.isEmpty) this.#drawnAt = Math.max(this.#drawnAt, now);
    this.#tasks.start(event, now);
    this.#refresh(now);
  }

  #endTask(event: Extract<RunEvent, { readonly type: "task-end" }>, now: number): void {
    const task = this.#tasks.end(event);
    const hadTrouble = event.failed > 0 || event.unscored > 0;
    if (!this.#showsBars || this.#verbose || hadTrouble) {
      const style = hadTrouble ? "yellow" : "dim";
      const error = task?.firstError;
      this.#print({ text: describeTaskEnd(event, task, now), style });
      if (error !== undefined && error !== this.#lastError) this.#print({ text: describeFirstError(error), style });
      this.#lastError = error ?? this.#lastError;
    }
    this.#refresh(now);
  }

  #print({ text, style }: ConsoleLine): void {
    // Line by line, so that a pager or a cut keeps the colour of each.
    const lines = style === undefined ? [text] : text.split("\n").map((line) => this.#paint(style, line));
    this.#region.print(lines.join("\n"));
  }

  /** Draws now, or as soon as the last drawing is old enough. */
  #refresh(now: number): void {
    if (!this.#showsBars) return;
    const dueAt = this.#drawnAt + refreshMs;
    if (now >= dueAt) this.#draw(now);
    else this.#wakeAt(dueAt, now);
  }

  #draw(now: number): void {
    const columns = terminalColumns(this.#stream) ?? 80;
    const maxLines = Math.max(1, Math.min(maxBars, (this.#stream.rows || 24) - 1));
    this.#drawnAt = now;
    const bars = progressFrame(this.#tasks.all, { columns, maxLines, now, paint: this.#paint });
    const waits = [...this.#waits.values()].map(({ event, since, next }) => {
      const text = waitText({ ...event, delayMs: Math.max(0, next - now) }, now - since);
      return this.#paint("yellow", toWidth(text, Math.max(1, columns - 1)).trimEnd());
    });
    this.#region.draw([...bars, ...waits].slice(0, Math.max(1, (this.#stream.rows || 24) - 1)));
    this.#sleep();
    if (!this.#tasks.isEmpty || waits.length > 0) this.#wakeAt(now + tickMs, now);
  }

  #removeBars(): void {
    this.#tasks.clear();
    this.#waits.clear();
    this.#sleep();
    this.#region.clear();
  }

  /** The timer never keeps the process alive. */
  #wakeAt(at: number, now: number): void {
    if (at >= this.#timerAt) return;
    this.#sleep();
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#draw(this.#clock.monotonic()), at - now);
    this.#timer.unref();
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
  }
}

function isSame(last: JsonValue | undefined, data: JsonValue): boolean {
  return last !== undefined && canonicalJson(last) === canonicalJson(data);
}
