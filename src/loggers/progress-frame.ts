/**
 * The bars at the bottom of a terminal: what they show, and how they are drawn over and over.
 *
 * @module
 */

import type { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import stringWidth from "fast-string-truncated-width";
import { nodeReadline } from "../data/load-on-demand.ts";
import { formatDuration, formatNumber, formatRate } from "./format-number.ts";
import { onOneLine, type Paint, type Style } from "./printable.ts";
import type { TaskProgress } from "./task-progress.ts";

/** What a frame is drawn for. */
export interface FrameOptions {
  /** Width of the terminal; lines stay narrower. */
  readonly columns: number;
  /** The most lines. */
  readonly maxLines: number;
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly paint: Paint;
}

/** What a line says besides description and bar, in this order. The first to go on a narrow terminal stands first here. */
const dispensable = ["rate", "left", "unscored", "score", "failed"] as const;
type DetailName = "counts" | (typeof dispensable)[number];
type Details = ReadonlyMap<DetailName, readonly [text: string, style?: Style]>;

const gap = 2;
const descriptionWidth = { least: 8, comfortable: 28 };
const barWidth = { least: 6, most: 30 };

/** The lines of all tasks, with descriptions and bars of equal width. Those that find no place are counted on the last line. */
export function progressFrame(tasks: readonly TaskProgress[], options: FrameOptions): string[] {
  const { columns, maxLines, now, paint } = options;
  const width = Math.max(1, columns - 1);
  const shown = tasks.length > maxLines ? tasks.slice(0, Math.max(1, maxLines - 1)) : tasks;
  const rows = shown.map((task) => ({ task, label: onOneLine(task.description), details: detailsOf(task, now) }));
  const widths = layOut(
    Math.max(0, ...rows.map(({ label }) => widthOf(label))),
    rows.map(({ details }) => details),
    width,
  );
  const lines = rows.map(({ task, label, details }) => {
    if (widths.description === 0) return toWidth(countsOf(task).trimStart(), width);
    const pieces = [toWidth(label, widths.description)];
    if (widths.bar > 0) pieces.push(drawBar(task, widths.bar, paint));
    for (const [name, [text, style]] of details) {
      if (!widths.dropped.has(name)) pieces.push(style === undefined ? text : paint(style, text));
    }
    return pieces.join(" ".repeat(gap));
  });
  const hidden = tasks.length - shown.length;
  if (hidden > 0 && maxLines > 1) lines.push(paint("dim", toWidth(`and ${hidden} more`, width).trimEnd()));
  return lines;
}

function detailsOf(task: TaskProgress, now: number): Details {
  const { done, total, meanScore, failed, unscored } = task;
  const elapsed = Math.max(0, now - task.startedAt);
  const perMs = done / Math.max(elapsed, 1);
  const details = new Map<DetailName, [string, Style?]>([["counts", [countsOf(task)]]]);
  // Padded, and with the same number of digits all the time, so that bars keep their width while they run.
  if (meanScore !== null) details.set("score", [`score ${steady(meanScore)}`, "cyan"]);
  if (failed > 0) details.set("failed", [`${failed} failed`, "red"]);
  if (unscored > 0) details.set("unscored", [`${unscored} unscored`, "yellow"]);
  if (done > 0) details.set("rate", [formatRate(perMs * 1_000).padStart(5), "dim"]);
  const left = done > 0 && total !== null ? Math.max(0, total - done) / perMs : undefined;
  details.set("left", [`${formatDuration(left ?? elapsed).padStart(4)} ${left === undefined ? "so far" : "left"}`, "dim"]);
  return details;
}

function countsOf({ done, total }: TaskProgress): string {
  return total === null ? String(done) : `${String(done).padStart(String(total).length)}/${total}`;
}

interface Layout {
  readonly description: number;
  /** 0 when there is no bar. */
  readonly bar: number;
  readonly dropped: ReadonlySet<DetailName>;
}

/** The rate goes before the description is cut short, the other details before it is unreadable; the bar takes what is left. */
function layOut(longest: number, rows: readonly Details[], width: number): Layout {
  const dropped = new Set<DetailName>();
  const room = (): number => width - Math.max(0, ...rows.map((details) => widthOfDetails(details, dropped)));
  const readable = Math.min(longest, descriptionWidth.comfortable);
  for (const name of dispensable) {
    const needed = name === "rate" ? readable + gap + barWidth.least : Math.min(longest, descriptionWidth.least);
    if (room() < needed) dropped.add(name);
  }
  const free = Math.max(0, room());
  const description = Math.min(longest, Math.max(free - gap - barWidth.least, Math.min(readable, free)));
  const bar = Math.min(barWidth.most, free - description - gap);
  return bar >= barWidth.least ? { description, bar, dropped } : { description: Math.min(longest, free), bar: 0, dropped };
}

function widthOfDetails(details: Details, dropped: ReadonlySet<DetailName>): number {
  return [...details].reduce((sum, [name, [text]]) => (dropped.has(name) ? sum : sum + gap + text.length), 0);
}

function drawBar({ done, total }: TaskProgress, width: number, paint: Paint): string {
  const whole = total ?? Number.POSITIVE_INFINITY;
  const filled = whole > 0 ? Math.min(width, Math.floor((done / whole) * width)) : width;
  return paint("green", "━".repeat(filled)) + paint("dim", "─".repeat(width - filled));
}

/** `text` in exactly `width` columns: cut short with an ellipsis, or filled up. */
export function toWidth(text: string, width: number): string {
  if (width <= 0) return "";
  const { index, ellipsed, width: taken } = stringWidth(text, { limit: width, ellipsis: "…" });
  return text.slice(0, index) + (ellipsed ? "…" : "") + " ".repeat(Math.max(0, width - taken - (ellipsed ? 1 : 0)));
}

/** Three decimals, also when they are zeros. */
function steady(score: number): string {
  return Math.abs(score) < 10 ? score.toFixed(3) : formatNumber(score);
}

function widthOf(text: string): number {
  return stringWidth(text).width;
}

/** A terminal to draw on: `process.stdout`, `process.stderr`, or what looks like one. */
export interface TerminalStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Bytes written so far, by anybody. */
  readonly bytesWritten?: number;
}

/** The width of a terminal; `undefined` where it is not known. Terminals without a window report 0. */
export function terminalColumns({ columns }: { readonly columns?: number | undefined }): number | undefined {
  return columns !== undefined && columns > 0 ? columns : undefined;
}

/**
 * Between two calls the cursor stands at the start of the line below the region and is never hidden, so a program that
 * dies leaves a usable terminal.
 *
 * When somebody else has written meanwhile, the place of the region is unknown: it is left where it is and drawn anew
 * below, so foreign text is never erased.
 */
export class LiveRegion {
  readonly #stream: TerminalStream;
  #lines: readonly string[] = [];
  #bytes = 0;

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  /** Whether anything is drawn. */
  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Replaces the region; every line must be narrower than the terminal. */
  draw(lines: readonly string[]): void {
    this.#write("", lines);
  }

  /** Writes lines that stay, above the region. */
  print(text: string): void {
    this.#write(`${text}\n`, this.#lines);
  }

  /** Takes the region away. */
  clear(): void {
    if (!this.isEmpty) this.#write("", []);
  }

  #write(text: string, lines: readonly string[]): void {
    const stream = this.#stream;
    if (!stream.writable) return;
    // When the reader of a pipe goes away, the run goes on, as it does with console.log.
    const onWritten = (error?: Error | null): void => {
      if (error != null) stream.once("error", () => {});
    };
    // One write for all of it, so that no half-drawn state is ever seen.
    stream.cork();
    const height = this.#height();
    if (height > 0) {
      const { clearScreenDown, cursorTo, moveCursor } = nodeReadline();
      cursorTo(stream, 0);
      moveCursor(stream, 0, -height);
      clearScreenDown(stream, onWritten);
    }
    const region = lines.map((line) => `${line}\n`).join("");
    if (text !== "" || region !== "") stream.write(text + region, onWritten);
    stream.uncork();
    this.#lines = lines;
    this.#bytes = this.#bytesWritten();
  }

  /** Rows that the region takes now: terminals wrap what they show when they become narrower. */
  #height(): number {
    if (this.#bytes !== this.#bytesWritten()) return 0;
    const columns = terminalColumns(this.#stream) ?? Number.POSITIVE_INFINITY;
    return this.#lines.reduce((sum, line) => {
      return sum + Math.max(1, Math.ceil(stringWidth(stripVTControlCharacters(line)).width / columns));
    }, 0);
  }

  /** Standard error mostly shares the terminal, and warnings go there. */
  #bytesWritten(): number {
    const own = this.#stream.bytesWritten ?? 0;
    return this.#stream === (process.stdout as TerminalStream) && process.stderr.isTTY ? own + process.stderr.bytesWritten : own;
  }
}
