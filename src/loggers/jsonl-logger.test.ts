import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import type { RunEvent } from "../trainer/events.ts";
import { JsonlLogger, type JsonlLoggerOptions, readJsonl } from "./jsonl-logger.ts";

const clock = { now: () => Date.UTC(2025, 0, 2, 3, 4, 5, 6), monotonic: () => 0 };
const time = "2025-01-02T03:04:05.006Z";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opto-jsonl-"));
  path = join(folder, "events.jsonl");
});

afterEach(() => rmSync(folder, { recursive: true }));

function warning(message: string): RunEvent {
  return { type: "warning", message };
}

function write(messages: readonly string[], options: JsonlLoggerOptions = {}): void {
  const logger = new JsonlLogger(path, { clock, ...options });
  for (const message of messages) logger.onEvent(warning(message));
  logger.close();
}

/** Numbers and messages of all events of the file. */
async function read(): Promise<[number, string][]> {
  const found: [number, string][] = [];
  for await (const event of readJsonl(path)) if (event.type === "warning") found.push([event.seq, event.message]);
  return found;
}

describe("JsonlLogger", () => {
  it("writes each event as one line, in a folder that it makes", () => {
    path = join(folder, "runs/1/events.jsonl");
    const logger = new JsonlLogger(path, { clock });
    logger.onEvent({ type: "log", name: "Score", data: { a: [1, "two\nlines"] }, step: 3 });
    logger.onEvent(warning("line separators \u2028\u2029, half a character \ud800, 漢字"));
    logger.close();
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines).toEqual([
      `{"seq":1,"time":"${time}","type":"log","name":"Score","data":{"a":[1,"two\\nlines"]},"step":3}`,
      `{"seq":2,"time":"${time}","type":"warning","message":"line separators \u2028\u2029, half a character \\ud800, 漢字"}`,
      "",
    ]);
  });

  it("has written an event when `onEvent` returns", async () => {
    const logger = new JsonlLogger(path, { clock });
    logger.onEvent(warning("a"));
    expect(await read()).toEqual([[1, "a"]]);
    logger.close();
  });

  it("in batches: writes when there is much, at the end of an iteration or a run, and on close", async () => {
    const logger = new JsonlLogger(path, { clock, flush: "batch" });
    const sizes: number[] = [];
    const end: RunEvent = { type: "iteration-end", iteration: 1, epoch: 0, score: null };
    const runEnd: RunEvent = { type: "run-end", reason: "completed", iterations: 1, testScore: null, parameters: {} };
    for (const event of [warning("a"), end, warning("b"), warning("c".repeat(70_000)), warning("d"), runEnd, warning("e")]) {
      logger.onEvent(event);
      sizes.push(statSync(path).size);
    }
    logger.close();
    sizes.push(statSync(path).size);
    expect(sizes.map((size, index) => size > (sizes[index - 1] ?? 0))).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    expect((await read()).map(([seq]) => seq)).toEqual([1, 3, 4, 5, 7]);
  });

  it("goes on counting in a file that is there, also after its own close", async () => {
    write(["a", "b"]);
    const logger = new JsonlLogger(path, { clock });
    logger.onEvent(warning("c"));
    logger.close();
    logger.close();
    logger.onEvent(warning("d"));
    logger.close();
    expect(await read()).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "c"],
      [4, "d"],
    ]);
  });

  it("survives a tear at every byte of the last line", async () => {
    write(["a", "ä漢"]);
    const whole = readFileSync(path);
    const firstLine = whole.indexOf("\n") + 1;
    for (let length = firstLine; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const kept = length >= whole.length - 1 ? 2 : 1;
      expect((await read()).length, `before, torn at ${length}`).toBe(kept);
      write(["next"]);
      expect((await read()).at(-1), `after, torn at ${length}`).toEqual([kept + 1, "next"]);
      expect(
        readFileSync(path, "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line).seq),
      ).toEqual(Array.from({ length: kept + 1 }, (_, index) => index + 1));
    }
  });

  it.each([
    ["nothing", "", [[1, "next"]]],
    ["only a torn line", '{"seq":1,"ti', [[1, "next"]]],
    [
      "zeros after a crash of the machine",
      `{"seq":4,"type":"warning","message":"a"}\n\0\0\0`,
      [
        [4, "a"],
        [5, "next"],
      ],
    ],
    [
      "an empty line at the end",
      `{"seq":4,"type":"warning","message":"a"}\n\n`,
      [
        [4, "a"],
        [5, "next"],
      ],
    ],
  ])("appends to a file with %s", async (_, text, expected) => {
    writeFileSync(path, text);
    write(["next"]);
    expect(await read()).toEqual(expected);
  });

  it.each([1_000, 65_536, 70_000, 300_000])("finds the last event behind a line of %d characters", async (length) => {
    write(["a", "b".repeat(length)]);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 10));
    write(["c"]);
    expect(await read()).toEqual([
      [1, "a"],
      [2, "c"],
    ]);
    write(["d".repeat(length)]);
    appendFileSync(path, '{"seq":4,"ti');
    write(["e"]);
    expect((await read()).map(([seq]) => seq)).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ["text", "Dear diary,\ntoday"],
    ["text with a last line feed", "Dear diary,\n"],
    ["other JSON lines", '{"id":1}\n{"id":2}\n'],
    ["other JSON lines, the last one open", '{"seq":1,"type":"warning","message":"a"}\n{"id":2'],
    ["one long line", "x".repeat(200_000)],
  ])("neither cuts nor extends a file with %s", (_, text) => {
    writeFileSync(path, text);
    expect(() => new JsonlLogger(path)).toThrow(ConfigurationError);
    expect(() => new JsonlLogger(path)).toThrow(
      /Could not open .*events\.jsonl to append events: expected a file of events.*but its last line is/,
    );
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it.each<[string, () => string, RegExp]>([
    ["a folder", () => folder, /Could not open .* to append events: EISDIR/],
    [
      "a file below a file",
      () => {
        writeFileSync(path, "");
        return join(path, "below/events.jsonl");
      },
      /Could not open .*below\/events\.jsonl to append events: ENOTDIR/,
    ],
  ])("says that %s cannot be opened", (_, place, message) => {
    const make = (): JsonlLogger => new JsonlLogger(place());
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(message);
  });

  it.each([
    ["no path", "", {}, /Expected the path of a JSON Lines file, got ""/],
    ["an unknown option", "x", { flsh: "each" }, /Unknown option `flsh` of JsonlLogger; did you mean `flush`/],
    ["a wrong choice", "x", { flush: true }, /Expected `flush` to be "each" or "batch", got true/],
  ])("refuses %s", (_, name, options, message) => {
    const make = (): JsonlLogger => new JsonlLogger(name, options as JsonlLoggerOptions);
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });

  it("keeps its lines whole when a value is no JSON", async () => {
    const cycle: Record<string, unknown> = { name: "c" };
    cycle.self = cycle;
    const throwing = {
      toJSON: (): never => {
        throw new Error("no");
      },
    };
    const values = [10n, cycle, throwing, Number.NaN, undefined, () => 1, Symbol("s"), new Map([[1, 2]]), new Date(Number.NaN)];
    const logger = new JsonlLogger(path, { clock });
    for (const data of values) logger.onEvent({ type: "log", name: "x", data, step: 1 } as unknown as RunEvent);
    logger.close();
    const found: unknown[] = [];
    for await (const event of readJsonl(path)) found.push((event as { data?: unknown }).data);
    expect(found).toEqual([
      "10n",
      expect.stringContaining("[Circular"),
      expect.stringContaining("toJSON"),
      null,
      undefined,
      undefined,
      undefined,
      {},
      null,
    ]);
  });

  it.each(["each", "batch"] as const)("keeps 100,000 events in order (%s)", async (flush) => {
    const logger = new JsonlLogger(path, { flush });
    for (let index = 0; index < 100_000; index++) {
      logger.onEvent({ type: "rollout-end", position: `iteration/1/forward/example/${index}`, status: "scored", score: index });
    }
    logger.close();
    let count = 0;
    for await (const event of readJsonl(path)) {
      if (event.seq !== ++count || event.type !== "rollout-end" || event.score !== count - 1)
        throw new Error(`Event ${count} is out of place`);
    }
    expect(count).toBe(100_000);
  });
});

describe("readJsonl", () => {
  it("leaves out a torn last line and nothing else", async () => {
    writeFileSync(path, '{"seq":1,"type":"warning","message":"a"}\n\n{"seq":2,"type":"warning","message":"b"}\n{"seq":3,"ty');
    expect(await read()).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
  });

  it("takes a whole last line without its line feed", async () => {
    writeFileSync(path, '{"seq":1,"type":"warning","message":"a"}');
    expect(await read()).toEqual([[1, "a"]]);
  });

  it.each([
    [
      "no JSON",
      '{"seq":1,"type":"warning","message":"a"}\n{"seq":2,\n{"seq":3}\n',
      /events\.jsonl:2 to be an event, got "\{\\"seq\\":2,"/,
    ],
    ["no event", "[1]\n", /events\.jsonl:1 to be an event, got "\[1\]"/],
  ])("names the line that is %s", async (_, text, message) => {
    writeFileSync(path, text);
    await expect(read()).rejects.toThrow(message);
  });

  it("says that a file cannot be read", async () => {
    await expect(read()).rejects.toThrow(/Could not read .*events\.jsonl: ENOENT/);
    mkdirSync(path);
    await expect(read()).rejects.toThrow(/Could not read .*events\.jsonl: EISDIR/);
  });

  it("stops with the reason of its signal", async () => {
    write(["a", "b"]);
    const controller = new AbortController();
    const reason = new Error("enough");
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const event of readJsonl(path, { signal: controller.signal })) {
        seen.push(event.seq);
        controller.abort(reason);
      }
    };
    await expect(loop()).rejects.toBe(reason);
    expect(seen).toEqual([1]);
  });

  it("ends early without leaving the file open", async () => {
    write(["a", "b"]);
    for await (const event of readJsonl(path)) if (event.seq === 1) break;
    write(["c"]);
    expect((await read()).length).toBe(3);
  });
});
