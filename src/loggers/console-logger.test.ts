import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import type { RunEvent } from "../trainer/events.ts";
import { FakeTerminal } from "./__fixtures__/fake-terminal.ts";
import { ConsoleLogger, type ConsoleLoggerOptions } from "./console-logger.ts";

let now = 0;
const clock = { now: () => now, monotonic: () => now };

/** Lets time pass: the clock's and the timers'. */
function pass(ms: number): void {
  now += ms;
  vi.advanceTimersByTime(ms);
}

function plain(options: ConsoleLoggerOptions = {}): { logger: ConsoleLogger; stream: FakeTerminal } {
  const stream = new FakeTerminal({ isTTY: false });
  return { logger: new ConsoleLogger({ stream, clock, ...options }), stream };
}

function onTerminal(options: ConsoleLoggerOptions = {}, columns = 80): { logger: ConsoleLogger; terminal: FakeTerminal } {
  const terminal = new FakeTerminal({ columns });
  return { logger: new ConsoleLogger({ stream: terminal, clock, color: false, ...options }), terminal };
}

function taskStart(position: string, total = 4): RunEvent {
  return { type: "task-start", position, description: `Task ${position}`, total };
}

function scored(position: string, score: number): RunEvent {
  return { type: "rollout-end", position: `${position}/example/0`, status: "scored", score };
}

function failed(position: string, error: string): RunEvent {
  return { type: "rollout-end", position: `${position}/example/1`, status: "failed", score: 0, error };
}

function taskEnd(position: string, change: Partial<Extract<RunEvent, { type: "task-end" }>> = {}): RunEvent {
  const counts = { meanScore: 0.5, scores: [0, 0, 1, 1], scored: 4, failed: 0, unscored: 0 };
  return { type: "task-end", position, description: `Task ${position}`, ...counts, ...change };
}

const runStart: RunEvent = {
  type: "run-start",
  algorithm: "MinibatchAlgorithm",
  numExamples: 40,
  numEpochs: 1,
  batchSize: 4,
  numThreads: 8,
  seed: 7,
  numIterations: 10,
  parameters: { prompt: "p" },
};

function runEnd(change: Partial<Extract<RunEvent, { type: "run-end" }>> = {}): RunEvent {
  return { type: "run-end", reason: "completed", iterations: 10, testScore: 2 / 3, parameters: {}, ...change };
}

beforeEach(() => {
  now = 10_000;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  for (const name of ["NO_COLOR", "FORCE_COLOR"]) vi.stubEnv(name, "");
  vi.stubEnv("TERM", "xterm");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const proposed = (candidate: string) => ({ candidate, parents: ["start"], origin: "OptoPrime" });

describe("the lines of ConsoleLogger", () => {
  it.each<[string, RunEvent, string[]]>([
    [
      "run-start",
      runStart,
      ["MinibatchAlgorithm: 40 examples, 1 epoch, batch size 4, 10 iterations, concurrency 8, seed 7, 1 parameter"],
    ],
    [
      "run-start with a judge",
      { ...runStart, judge: "openai/gpt-5-mini" } as RunEvent,
      [
        "MinibatchAlgorithm: 40 examples, 1 epoch, batch size 4, 10 iterations, concurrency 8, seed 7, 1 parameter",
        "Each answer is scored by a paid call to openai/gpt-5-mini (LLMJudge); set `guide` to score in another way",
      ],
    ],
    [
      "update-skipped",
      { type: "update-skipped", iteration: 2, score: 1 },
      ["[Step 2] Update skipped: every output of the batch has the best score (1)"],
    ],
    ["run-end", runEnd(), ["Run completed after 10 iterations: test score 0.6667"]],
    ["run-end without a test", runEnd({ testScore: null, iterations: 1 }), ["Run completed after 1 iteration"]],
    [
      "a failed run",
      runEnd({ reason: "failed", error: "Error: a\nb" }),
      ["Run failed after 10 iterations:", "    Error: a", "    b"],
    ],
    ["an aborted run", runEnd({ reason: "aborted" }), ["Run aborted after 10 iterations"]],
    ["task-end", taskEnd("iteration/3/forward"), ["[Step 3] Task iteration/3/forward: score 0.5"]],
    [
      "a task with troubles",
      taskEnd("test", { meanScore: null, failed: 1, unscored: 2 }),
      ["Task test: score none, 1 failed, 2 unscored"],
    ],
    [
      "update-accepted",
      { type: "update-accepted", iteration: 3, currentScore: 0.5, newScore: 0.75, threshold: 0 },
      ["[Step 3] Update accepted: current score 0.5, new score 0.75"],
    ],
    [
      "update-rejected",
      { type: "update-rejected", iteration: 3, currentScore: 0.66123, newScore: 0.66124, threshold: 0.1 },
      ["[Step 3] Update rejected: current score 0.66123, new score 0.66124, threshold 0.1"],
    ],
    [
      "proposal-rejected",
      { type: "proposal-rejected", position: "iteration/2/proposal/1", attempt: 0, name: "x.y", reason: "too large" },
      ["[Step 2] Proposal of x.y rejected (attempt 1): too large"],
    ],
    [
      "a rejected reply",
      { type: "proposal-rejected", position: "elsewhere", attempt: 1, name: null, reason: "no tags" },
      ["Proposal rejected (attempt 2): no tags"],
    ],
    [
      "candidate-selected",
      { type: "candidate-selected", position: "iteration/12", candidate: "iteration/12/proposal/2", changed: true, score: 0.8 },
      ["[Step 12] Proposal 2 selected: score 0.8"],
    ],
    [
      "current values that stay",
      { type: "candidate-selected", position: "iteration/12", candidate: "start", changed: false, score: null },
      ["[Step 12] Current values kept: score none"],
    ],
    [
      "checkpoint-saved",
      { type: "checkpoint-saved", path: "c/agent.json", iteration: 4 },
      ["[Step 4] Checkpoint saved: c/agent.json"],
    ],
    ["warning", { type: "warning", message: "careful" }, ["Warning: careful"]],
    [
      "prompt",
      { type: "prompt", position: "iteration/1/proposal/0", role: "optimizer", text: "Improve:\n#Code" },
      ["[Step 1] Prompt (optimizer):", "    Improve:", "    #Code"],
    ],
    ["reply", { type: "reply", position: "", role: "optimizer", text: "ok" }, ["Reply (optimizer): ok"]],
  ])("tell of %s", (_, event, expected) => {
    const { logger, stream } = plain();
    logger.onEvent(event);
    expect(stream.screen).toEqual(expected);
  });

  const cutOffCall = {
    type: "model-call",
    position: "iteration/1",
    model: "m",
    role: "agent",
    inputTokens: 12,
    outputTokens: 9,
  } as const;
  const onRequest: [RunEvent, string[]][] = [
    [{ type: "iteration-start", iteration: 1, epoch: 0, batchSize: 4, examples: [0, 1, 2, 3] }, ["[Step 1] Epoch 0, 4 examples"]],
    [failed("iteration/1/forward", "Error: x"), ["[Step 1] Rollout iteration/1/forward/example/1 failed: Error: x"]],
    [
      {
        type: "candidate-proposed",
        position: "iteration/1/proposal/0",
        ...proposed("iteration/1/proposal/0"),
        values: { a: 1, b: "two\nlines" },
      },
      ["[Step 1] Proposal 0:", "    a: 1", "    b:", "        two", "        lines"],
    ],
    [
      { type: "candidate-proposed", position: "iteration/1/proposal/1", ...proposed("start"), values: { a: 1 } },
      ["[Step 1] Proposal 1, the same as Starting values:", "    a: 1"],
    ],
    [
      {
        type: "candidate-scored",
        position: "iteration/2",
        candidate: "iteration/1/proposal/3",
        score: 0.25,
        examples: 4,
        total: 4,
      },
      ["[Step 2] Candidate 1.3: score 0.25"],
    ],
    [
      {
        type: "model-call",
        position: "iteration/1",
        model: "m",
        role: "judge",
        finishReason: "stop",
        inputTokens: 12,
        outputTokens: null,
      },
      ["[Step 1] Call of m (judge): 12 tokens in, ? out"],
    ],
    [
      { ...cutOffCall, finishReason: "length", estimated: true },
      ["[Step 1] Call of m (agent): 12 tokens in, 9 out, estimated, cut off at the token limit"],
    ],
    [
      { ...cutOffCall, finishReason: "content-filter" },
      ["[Step 1] Call of m (agent): 12 tokens in, 9 out, stopped by a content filter"],
    ],
  ];

  it.each(onRequest)("tell of %j on request only", (event, expected) => {
    const quiet = plain();
    quiet.logger.onEvent(event);
    expect(quiet.stream.screen).toEqual([]);
    const { logger, stream } = plain({ verbose: true });
    logger.onEvent(event);
    expect(stream.screen).toEqual(expected);
  });

  it("tell how many rollouts a task had, how long it took, and once why some failed", () => {
    const { logger, stream } = plain();
    for (const position of ["iteration/1/a", "iteration/1/b"]) {
      logger.onEvent(taskStart(position));
      logger.onEvent(scored(position, 1));
      logger.onEvent(failed(position, "TypeError: x\n  at y"));
      pass(1_500);
      logger.onEvent(taskEnd(position, { failed: 1 }));
    }
    expect(stream.screen).toEqual([
      "[Step 1] Task iteration/1/a: 2/4, score 0.5, 1 failed, 1.5s",
      "    first error: TypeError: x at y",
      "[Step 1] Task iteration/1/b: 2/4, score 0.5, 1 failed, 1.5s",
    ]);
  });

  it("measure the run", () => {
    const { logger, stream } = plain();
    logger.onEvent(runStart);
    pass(65_000);
    logger.onEvent(runEnd());
    expect(stream.screen[1]).toBe("Run completed after 10 iterations in 1m 05s: test score 0.6667");
  });

  it("are printed once for an event that `log` is told of", () => {
    const { logger, stream } = plain();
    logger.onEvent({ type: "log", name: "Average test score", data: 0.5, step: 2 });
    logger.log("Average test score", 0.5, 2);
    expect(stream.screen).toEqual(["[Step 2] Average test score: 0.5"]);
  });

  it("hold no escape that a model, an error or a path brought along", () => {
    const { logger, stream } = plain({ verbose: true });
    const evil = "\x1b]0;title\x07\x1b[2J\x9b1A\r[Step 1] Average test score: 1";
    logger.log(`Parameter: ${evil}`, evil, 1);
    logger.log("Parameter: list", [evil], 1);
    const events: RunEvent[] = [
      { ...runStart, algorithm: evil } as RunEvent,
      { type: "task-start", position: evil, description: evil, total: 1 },
      { type: "rollout-end", position: evil, status: "failed", score: null, error: evil },
      taskEnd(evil, { description: evil }),
      { type: "proposal-rejected", position: evil, attempt: 0, name: evil, reason: evil },
      { type: "candidate-proposed", position: evil, candidate: evil, parents: [evil], origin: evil, values: { [evil]: evil } },
      { type: "prompt", position: evil, role: evil, text: evil },
      { type: "model-call", position: evil, model: evil, role: evil, finishReason: evil, inputTokens: 1, outputTokens: 1 },
      { type: "warning", message: evil },
      { type: "checkpoint-saved", path: evil, iteration: 1 },
      runEnd({ reason: "failed", error: evil }),
    ];
    for (const event of events) logger.onEvent(event);
    expect(stream.raw).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(stream.raw).toContain("\\x1b]0;title\\x07");
    expect(stream.screen.filter((line) => line.startsWith("[Step 1] Average test score"))).toEqual([]);
  });
});

describe("the warnings of ConsoleLogger", () => {
  const linesOf = (options: ConsoleLoggerOptions): string[] => {
    const { logger, stream } = plain(options);
    for (const run of [1, 2]) {
      logger.onEvent(runStart);
      for (const message of ["a", "b", "a", `of run ${run}`, "a"]) logger.onEvent({ type: "warning", message });
      logger.onEvent(runEnd({ reason: "completed" }));
    }
    return stream.screen.filter((line) => /warning/i.test(line));
  };

  it("are shown once in a run, and counted after that", () => {
    const shown = (run: number) => [
      ...["a", "b", `of run ${run}`].map((message) => `Warning: ${message}`),
      "2 warnings like those above are not shown again",
    ];
    expect(linesOf({})).toEqual([...shown(1), ...shown(2)]);
  });

  it("are all shown on request", () => {
    expect(linesOf({ verbose: true })).toHaveLength(10);
  });
});

describe("the values of ConsoleLogger", () => {
  it.each<[string, ConsoleLoggerOptions["parameters"], string[]]>([
    ["those that changed", undefined, ["[Step 1] Parameter: p: a", "[Step 3] Parameter: p: b", "[Step 1] Parameter: p: b"]],
    [
      "all",
      "all",
      ["[Step 1] Parameter: p: a", "[Step 2] Parameter: p: a", "[Step 3] Parameter: p: b", "[Step 1] Parameter: p: b"],
    ],
    ["none", "none", []],
  ])("of parameters: %s", (_, parameters, expected) => {
    const { logger, stream } = plain({ parameters });
    logger.log("Parameter: p", "a", 1);
    logger.log("Parameter: p", "a", 2);
    logger.log("Parameter: p", "b", 3);
    logger.onEvent(runStart);
    logger.log("Parameter: p", "b", 1);
    logger.log("Score", 1, 1);
    logger.log("Score", 1, 2);
    const lines = stream.screen.filter((line) => !line.startsWith("MinibatchAlgorithm"));
    expect(lines).toEqual([...expected, "[Step 1] Score: 1", "[Step 2] Score: 1"]);
  });

  it("compares structures by value", () => {
    const { logger, stream } = plain();
    logger.log("Parameter: p", { a: 1, b: [2] }, 1);
    logger.log("Parameter: p", { b: [2], a: 1 }, 2);
    expect(stream.screen).toEqual(['[Step 1] Parameter: p: {"a":1,"b":[2]}']);
  });

  it("are cut in the middle, unless asked for whole", () => {
    const prompt = `BEGIN\n${"x".repeat(5_000)}\nEND`;
    const { logger, stream } = plain();
    logger.log("Parameter: p", prompt, 1);
    expect(stream.screen.slice(0, 2)).toEqual(["[Step 1] Parameter: p:", "    BEGIN"]);
    expect(stream.screen.at(-1)).toBe("    END");
    expect(stream.raw.length).toBeLessThan(1_400);
    expect(stream.raw).toContain("characters cut");
    const whole = plain({ verbose: true });
    whole.logger.log("Parameter: p", prompt, 1);
    expect(whole.stream.screen).toEqual(["[Step 1] Parameter: p:", ...prompt.split("\n").map((line) => `    ${line}`)]);
  });
});

describe("the colours of ConsoleLogger", () => {
  it.each<[string, boolean, ConsoleLoggerOptions["color"], Record<string, string>, boolean]>([
    ["a terminal", true, undefined, {}, true],
    ["a pipe", false, undefined, {}, false],
    ["NO_COLOR", true, undefined, { NO_COLOR: "1" }, false],
    ["FORCE_COLOR on a pipe", false, undefined, { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR=0 on a terminal", true, undefined, { FORCE_COLOR: "0" }, false],
    ["FORCE_COLOR beside NO_COLOR", false, undefined, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    ["a dumb terminal", true, undefined, { TERM: "dumb" }, false],
    ["color: false", true, false, { FORCE_COLOR: "1" }, false],
    ["color: true", false, true, { NO_COLOR: "1" }, true],
  ])("for %s", (_, isTTY, color, environment, expected) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const stream = new FakeTerminal({ isTTY });
    new ConsoleLogger({ stream, clock, color }).onEvent({ type: "warning", message: "a\nb" });
    expect(stream.raw).toBe(
      expected ? "\x1b[31mWarning:\x1b[39m\n\x1b[31m    a\x1b[39m\n\x1b[31m    b\x1b[39m\n" : "Warning:\n    a\n    b\n",
    );
  });

  it("are green for a score that rose and red for a rejected update", () => {
    const { logger, stream } = plain({ color: true });
    const green: boolean[] = [];
    for (const score of [0.5, 0.6, 0.6, null, 0.7, 0.8, 0.1]) {
      const before = stream.raw.length;
      logger.log("Score", score, 1);
      green.push(stream.raw.slice(before).startsWith("\x1b[32m"));
    }
    expect(green).toEqual([false, true, false, false, false, true, false]);
    logger.onEvent({ type: "update-rejected", iteration: 1, currentScore: 1, newScore: 0, threshold: 0 });
    expect(stream.raw.split("\n").at(-2)).toBe("\x1b[31m[Step 1] Update rejected: current score 1, new score 0\x1b[39m");
  });
});

describe("the bars of ConsoleLogger", () => {
  it("come after a moment, follow the rollouts, let lines pass above, and vanish at the end", () => {
    const { logger, terminal } = onTerminal();
    logger.onEvent(taskStart("a"));
    logger.onEvent(scored("a", 1));
    expect(terminal.screen).toEqual([]);
    pass(100);
    expect(terminal.screen).toEqual([expect.stringMatching(/^Task a +━+─+ +1\/4 +score 1\.000 +10\/s +0\.3s left$/)]);
    logger.log("Score", 0.5, 1);
    expect(terminal.screen).toEqual(["[Step 1] Score: 0.5", expect.stringMatching(/^Task a .* 1\/4/)]);
    pass(50);
    logger.onEvent(scored("a", 0));
    expect(terminal.screen[1]).toMatch(/ 1\/4 /);
    pass(50);
    expect(terminal.screen[1]).toMatch(/ 2\/4 +score 0\.500/);
    logger.onEvent(taskEnd("a"));
    pass(100);
    expect(terminal.screen).toEqual(["[Step 1] Score: 0.5"]);
    expect(terminal.raw).not.toContain("\x1b[?");
  });

  it("of tasks in flight stand below each other; a finished one goes", () => {
    const { logger, terminal } = onTerminal();
    for (const position of ["a", "b", "c"]) logger.onEvent(taskStart(position));
    pass(100);
    expect(terminal.screen.map((line) => line.slice(0, 6))).toEqual(["Task a", "Task b", "Task c"]);
    logger.onEvent(taskEnd("b"));
    pass(100);
    expect(terminal.screen.map((line) => line.slice(0, 6))).toEqual(["Task a", "Task c"]);
  });

  it("are not more than four", () => {
    const { logger, terminal } = onTerminal();
    for (let index = 0; index < 30; index++) logger.onEvent(taskStart(`t${index}`));
    pass(100);
    expect(terminal.screen).toHaveLength(4);
    expect(terminal.screen[3]).toBe("and 27 more");
  });

  it("leave a line when something failed", () => {
    const { logger, terminal } = onTerminal();
    logger.onEvent(taskStart("a"));
    logger.onEvent(failed("a", "Error: x"));
    pass(200);
    logger.onEvent(taskEnd("a", { failed: 1 }));
    pass(200);
    expect(terminal.screen).toEqual(["Task a: 1/4, score 0.5, 1 failed, 0.2s", "    first error: Error: x"]);
  });

  it("are redrawn about ten times a second, however many rollouts end", () => {
    const { logger, terminal } = onTerminal();
    logger.onEvent(taskStart("a", 10_000));
    for (let index = 0; index < 10_000; index++) {
      if (index % 10 === 0) pass(1);
      logger.onEvent(scored("a", 1));
    }
    expect(terminal.writes).toBeGreaterThanOrEqual(9);
    expect(terminal.writes).toBeLessThanOrEqual(11);
  });

  it("are drawn by events alone when the program never lets a timer run", () => {
    const { logger, terminal } = onTerminal();
    logger.onEvent(taskStart("a"));
    now += 150;
    logger.onEvent(scored("a", 1));
    expect(terminal.screen[0]).toMatch(/ 1\/4 /);
  });

  it("tick while nothing happens", () => {
    const { logger, terminal } = onTerminal();
    logger.onEvent(taskStart("a"));
    pass(100);
    expect(terminal.screen[0]).toContain("0.1s so far");
    pass(1_000);
    expect(terminal.screen[0]).toContain("1.1s so far");
  });

  it("follow the width of the terminal", () => {
    const { logger, terminal } = onTerminal({}, 100);
    logger.log("Score", 0.5, 1);
    logger.onEvent(taskStart("a"));
    pass(100);
    for (const columns of [30, 16, 120, 40]) {
      terminal.columns = columns;
      pass(1_000);
      expect(terminal.screen).toHaveLength(2);
      expect(terminal.screen[1]!.length).toBeLessThan(columns);
    }
  });

  it.each([0, Number.NaN])("are drawn as on a usual terminal where it reports %d columns and rows", (size) => {
    const [text, expected] = [size, 80].map((columns) => {
      const written: string[] = [];
      const write = (chunk: string, _encoding: unknown, done: () => void): void => {
        written.push(String(chunk));
        done();
      };
      const stream = Object.assign(new Writable({ write, decodeStrings: false }), { isTTY: true, columns, rows: columns && 24 });
      const logger = new ConsoleLogger({ stream, clock, color: false });
      logger.onEvent(taskStart("a"));
      pass(100);
      logger.onEvent(scored("a", 1));
      pass(1_000);
      logger.close();
      return written.join("");
    });
    expect(expected).toContain("Task a");
    expect(text).toBe(expected);
  });

  it.each<[string, (logger: ConsoleLogger) => void, number]>([
    ["close", (logger) => logger.close(), 0],
    ["run-end", (logger) => logger.onEvent(runEnd({ reason: "aborted", error: "Error: stop" })), 1],
  ])("of tasks that never end go with %s, and nothing wakes up later", (_, stop, lines) => {
    const { logger, terminal } = onTerminal();
    logger.onEvent(taskStart("a"));
    pass(150);
    logger.onEvent(taskStart("b"));
    stop(logger);
    expect(terminal.screen).toHaveLength(lines);
    expect(vi.getTimerCount()).toBe(0);
    pass(5_000);
    expect(terminal.screen).toHaveLength(lines);
  });

  it("come back when the logger is used again", () => {
    const { logger, terminal } = onTerminal();
    logger.close();
    logger.onEvent(taskStart("a"));
    pass(100);
    expect(terminal.screen).toHaveLength(1);
  });

  it.each<[string, ConsoleLoggerOptions, string]>([
    ["progress: false", { progress: false }, "xterm"],
    ["a dumb terminal", {}, "dumb"],
  ])("give way to lines for %s", (_, options, term) => {
    vi.stubEnv("TERM", term);
    const { logger, terminal } = onTerminal(options);
    logger.onEvent(taskStart("a"));
    pass(5_000);
    logger.onEvent(taskEnd("a"));
    expect(terminal.raw).toBe("Task a: 0/4, score 0.5, 5.0s\n");
  });

  it("never keep the process alive", () => {
    vi.useRealTimers();
    const alive = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = alive();
    const { logger } = onTerminal();
    logger.onEvent(taskStart("a"));
    expect(alive()).toBe(before);
    logger.close();
  });
});

describe("new ConsoleLogger", () => {
  it.each([
    ["an unknown option", { colour: true }, /Unknown option `colour` of ConsoleLogger; did you mean `color`/],
    ["a wrong choice", { parameters: "some" }, /Expected `parameters` to be "all", "changed" or "none", got "some" \(string\)/],
  ])("refuses %s", (_, options, message) => {
    const make = (): ConsoleLogger => new ConsoleLogger(options as ConsoleLoggerOptions);
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });
});

describe("a wait for a limit", () => {
  const waiting: RunEvent = {
    type: "model-waiting",
    model: "openai/m",
    reason: "status 429: Rate limit reached",
    calls: 8,
    waitedMs: 6000,
    delayMs: 4000,
  };
  const over: RunEvent = { type: "model-wait-end", model: "openai/m", waitedMs: 45_000, isAnswered: true };
  const retry: RunEvent = { type: "model-retry", position: "p", model: "openai/m", attempt: 3, delayMs: 12_000, reason: "429" };

  it("is a line in a file: for what, how long, how many calls, and when it is over; retries add none", () => {
    const { logger, stream } = plain({ color: false });
    for (const event of [waiting, retry, over, retry, { ...over, isAnswered: false }]) logger.onEvent(event);
    expect(stream.screen).toEqual([
      "openai/m: waiting for a limit, 6.0s so far, next attempt in 4.0s, 8 calls waiting: status 429: Rate limit reached",
      "openai/m answers again after 45s",
      expect.stringMatching(/^openai\/m: attempt 4 failed, next in 12s/),
      "openai/m gave no answer, and no call is waiting for it any more, after 45s",
    ]);
  });

  it("shows below the bars of a terminal, counts up, and is gone when it is over", () => {
    const { logger, terminal } = onTerminal({}, 140);
    logger.onEvent(taskStart("iteration/1/forward"));
    logger.onEvent(waiting);
    pass(2000);
    expect(terminal.screen.at(-1)).toBe(
      "openai/m: waiting for a limit, 8.0s so far, next attempt in 2.0s, 8 calls waiting: status 429: Rate limit reached",
    );
    logger.onEvent(over);
    pass(200);
    expect(terminal.screen.join("\n")).not.toContain("waiting");
    expect(terminal.screen.join("\n")).toContain("Task iteration/1/forward");
  });

  it("shows without any bar, no wider than the terminal, and ends with the run", () => {
    const { logger, terminal } = onTerminal({}, 40);
    logger.onEvent(waiting);
    pass(200);
    expect(terminal.screen).toEqual([expect.stringMatching(/^openai\/m: waiting for a limit, .*…$/)]);
    logger.onEvent(runEnd());
    expect(terminal.screen.join("\n")).not.toContain("waiting for");
  });
});
