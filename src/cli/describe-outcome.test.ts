/**
 * The end of `opto train` in words.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { createPaint } from "../loggers/printable.ts";
import { exitCodeOf } from "./command.ts";
import { outcomeDocument, outcomeLines, type TrainOutcome } from "./describe-outcome.ts";
import { placeFlags, resumeFlags } from "./flags.ts";
import { dollars } from "./run-use.ts";

const usage = { requests: 14, calls: 12, inputTokens: 3400, outputTokens: 120, usd: 0.0123, elapsedMs: 65_000 };
const outcome: TrainOutcome = { iterations: 7, testScore: 0.8, best: { iteration: 5, score: 0.9 }, usage, run: "mail-3" };
const scores = [
  { iteration: 0, score: 0.25 },
  { iteration: 7, score: 0.8 },
];
const place = { scores, folder: "/work/.opto/runs/mail-3", cwd: "/work", flags: {}, paint: createPaint(false), columns: 120 };

describe("outcomeLines", () => {
  it("tells of a finished run", () => {
    expect(outcomeLines({ ...outcome, stopReason: "completed" }, place)).toEqual([
      "",
      "score  0.25 → 0.8",
      "best   0.9 at iteration 5",
      "use    12 calls (14 requests), 3,400 tokens in, 120 out, $0.0123, 1m 05s",
      "run    .opto/runs/mail-3",
      "apply  opto apply mail-3",
    ]);
  });

  it.each([
    { stopReason: "interrupted", first: "Interrupted.", last: "opto resume mail-3 --config x.ts --max-calls 9" },
    { stopReason: "budget", first: "Stopped: the budget is spent.", last: "opto resume mail-3 --config x.ts --max-calls <more>" },
    {
      stopReason: "quota",
      first: "Stopped: the provider's quota is used up.",
      last: "opto resume mail-3 --config x.ts --max-calls 9",
    },
    {
      stopReason: "patience",
      first: "Stopped: no improvement in `stop.patience` evaluations.",
      last: "opto apply mail-3 --config x.ts",
    },
  ])("says how to go on after $stopReason", ({ stopReason, first, last }) => {
    const lines = outcomeLines({ ...outcome, stopReason }, { ...place, flags: { config: "x.ts", maxCalls: 9 } });
    expect(lines[1]).toBe(first);
    expect(lines.at(-1)).toMatch(new RegExp(`^\\w+ +${last.replace(".", "\\.")}$`));
  });

  it("says little when little is known", () => {
    const bare = { iterations: 1, testScore: null };
    expect(outcomeLines(bare, { ...place, scores: [], folder: null })).toEqual(["", "score  none"]);
    expect(outcomeDocument(bare, { ...place, scores: [], folder: null })).toEqual({
      run: null,
      folder: null,
      stopReason: "completed",
      iterations: 1,
      score: { before: null, after: null },
      best: null,
      report: null,
      usage: null,
      continue: null,
    });
  });
});

describe("what programs are told", () => {
  it.each([
    ["completed", 0],
    ["target-score", 0],
    ["deadline", 0],
    ["budget", 3],
    ["quota", 3],
    ["interrupted", 130],
  ])("ends with the code of %s", (reason, code) => {
    expect(exitCodeOf(reason)).toBe(code);
  });

  it("says again where things are, quoted for a shell", () => {
    expect(placeFlags({})).toBe("");
    expect(placeFlags({ config: "a/b.ts", runDir: "it's here" })).toBe(" --config a/b.ts --run-dir 'it'\\''s here'");
  });

  it("says again what a run that goes on has to be told", () => {
    const flags = { budget: 2, maxCalls: 5, threads: 3, rolloutTimeout: 90, cache: "replay" } as const;
    expect(resumeFlags(flags, "interrupted")).toBe(" --budget 2 --max-calls 5 -j 3 --rollout-timeout 90 --cache replay");
    expect(resumeFlags({ ...flags, maxCalls: undefined } as never, "budget")).toBe(
      " --budget <more> -j 3 --rollout-timeout 90 --cache replay",
    );
    expect(resumeFlags({}, "budget")).toBe("");
  });

  it.each([
    [null, "?"],
    [0, "$0.00"],
    [0.01234, "$0.0123"],
    [0.5, "$0.50"],
    [12.3456, "$12.35"],
  ])("writes %s dollars as %s", (usd, text) => {
    expect(dollars(usd)).toBe(text);
  });
});
