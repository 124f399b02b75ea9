/**
 * A run that goes on after its guide or the code of its agent has changed, over files and processes.
 *
 * @module
 */

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import {
  bundle,
  exactMatch,
  Guide,
  LLMJudge,
  type Logger,
  type Module,
  Module as ModuleClass,
  model,
  type Parameter,
  parameter,
  range,
  TPE,
  type TrainOptions,
  type TrainResult,
  train,
} from "opto";
import { fromScorer } from "opto/guides";
import { scriptedModel } from "opto/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { layered } from "../support/layered.ts";
import { runProcess } from "../support/run-process.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-changed-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Agent = Module<number, number>;
type Options = Partial<Omit<TrainOptions<number, number, number>, "agent">> & { readonly agent?: Agent };

const data = [1, 2, 3, 4].map((x) => ({ input: x, info: 3 * x }));
const digit = (value = 0) => parameter(value, { domain: range(0, 9, { integer: true }) });
const close = (_x: number, y: number, right: number): number => -Math.abs(y - right);
const line = (): Agent => model({ a: digit() }, ({ a }, x: number) => a.value * x);

/** Trains the way the same command does again, and gives what it came to, with its warnings. */
async function go(options: Options): Promise<TrainResult & { readonly warnings: string[] }> {
  const { agent = line(), ...others } = options;
  const warnings: string[] = [];
  const logger: Logger = { onEvent: (event) => void (event.type === "warning" && warnings.push(event.message)) };
  const result = await train({
    ...{ agent, trainDataset: data, guide: close, optimizer: new TPE(agent, { seed: 1 }), numEpochs: 2 },
    ...layered({ run: { dir: folder, id: "r" }, logger }, others),
  });
  return { ...result, warnings };
}

const startedWith = (options: Parameters<typeof go>[0]): Promise<unknown> => go({ ...options, stop: { maxIterations: 2 } });

const checkpoint = async (name = "checkpoint.json") => JSON.parse(await readFile(join(folder, "r", name), "utf8"));

class Slope extends ModuleClass<number, number> {
  a = digit();
  scale(x: number): number {
    return this.a.value * x;
  }
  forward(x: number): number {
    return this.scale(x);
  }
}

class OtherSlope extends Slope {
  override scale(x: number): number {
    return this.a.value * x + 1;
  }
}

class Rubric extends Guide<number, number, number> {
  readonly weight: number;
  constructor(weight: number) {
    super();
    this.weight = weight;
  }
  getFeedback(_x: number, y: number, right: number) {
    return { score: -this.weight * Math.abs(y - right), feedback: "" };
  }
}

const times = (a: number, x: number): number => a * x;
const byTool = (fn: (a: number, x: number) => number): Agent => {
  const tool = bundle(fn, { name: "tool" });
  return model({ a: digit(), tool }, (parts: { a: Parameter<number>; tool: typeof tool }, x: number) =>
    parts.tool(parts.a.value, x),
  );
};
const judge = (criteria: string, id = "model"): LLMJudge<number, number, number> =>
  new LLMJudge({ model: scriptedModel('{"feedback":"f","score":0.5}', { id }), criteria });
const ranged = (scoreRange: readonly [number, number]) =>
  Object.assign((x: number, y: number, right: number) => close(x, y, right), { scoreRange });

describe("a change is named in a warning, and not refused", () => {
  it.each<[string, RegExp, Options, Options]>([
    ["a function as guide", /guide\.judge: /, {}, { guide: (_x, y, right) => -Math.abs(y - 2 * right) }],
    ["a helper of the guide", /guide\.judge: /, { guide: withHelper((d) => d) }, { guide: withHelper((d) => 10 * d) }],
    ["another class of guide", /guide: Rubric .* → LLMJudge /, { guide: new Rubric(1) }, { guide: judge("polite") }],
    ["a field of a guide", /guide\.weight: /, { guide: new Rubric(1) }, { guide: new Rubric(2) }],
    ["the criteria of a judge", /guide\.criteria: /, { guide: judge("polite") }, { guide: judge("rude") }],
    ["the model of a judge", /guide\.model: /, { guide: judge("polite") }, { guide: judge("polite", "other") }],
    [
      "an option of exactMatch",
      /guide\.field: |guide\.trim: /,
      { guide: exactMatch() as never },
      { guide: exactMatch({ trim: false }) as never },
    ],
    ["a scorer", /guide\.scorer: /, { guide: fromScorer(() => 1) as never }, { guide: fromScorer(() => 0) as never }],
    ["the range of the scores", /guide\.scoreRange: /, { guide: ranged([-99, 0]) }, { guide: ranged([-99, 1]) }],
    ["the guide of the validation", /validateGuide.judge: /, { validateGuide: (_x, y) => y }, { validateGuide: (_x, y) => -y }],
    ["forward", /agent: /, {}, { agent: model({ a: digit() }, ({ a }, x: number) => a.value * x + 1) }],
    ["a function that forward has closed over", /agent: /, { agent: over((y) => y) }, { agent: over((y) => -y) }],
    ["a method of the agent", /agent: /, { agent: new Slope() }, { agent: new OtherSlope() }],
    [
      "the code of a nested module",
      /agent\.part: /,
      { agent: model({ part: new Slope() }, async ({ part }, x: number) => (await part.call(x)).value) },
      { agent: model({ part: new OtherSlope() }, async ({ part }, x: number) => (await part.call(x)).value) },
    ],
    ["an operation", /agent\.tool: /, { agent: byTool(times) }, { agent: byTool((a, x) => a * x + 1) }],
  ])("%s", async (_, expected, before, after) => {
    await startedWith(before);
    const { warnings, iterations } = await go({ ...before, ...after });
    expect(iterations).toBe(8);
    expect(warnings.filter((message) => message.includes("code has changed"))).toEqual([expect.stringMatching(expected)]);
    expect(warnings.join()).toMatch(/`run\.resume: false`/);
  });

  it("but code that is written otherwise, threads, and limits are no change", async () => {
    await startedWith({ agent: new Slope(), guide: close });
    class Again extends ModuleClass<number, number> {
      a = digit();
      // What it multiplies by.
      scale(x: number): number {
        return this.a.value * x;
      }
      forward(x: number): number {
        return this.scale(x);
      }
    }
    const again = (_x: number, y: number, right: number): number =>
      // The same in other words.
      -Math.abs(y - right);
    const { warnings } = await go({ agent: new Again(), guide: again, numThreads: 1, budget: { rollouts: 10_000 } });
    expect(warnings).toEqual([]);
  });
});

describe("scores of the old guide", () => {
  const percent = (_x: number, y: number, right: number): number => 100 - Math.abs(y - right);
  const share = (x: number, y: number): number => (y === 5 * x ? 1 : 0);

  it.each<[string, Options]>([
    ["a search", { numProposals: 2 }],
    ["minibatches", { algorithm: "MinibatchAlgorithm" }],
  ])("no longer compete in %s: the best is measured again, and what was learned from them is forgotten", async (_, how) => {
    await startedWith({ ...how, guide: percent });
    const old = await checkpoint();
    expect(old.best.score).toBeGreaterThan(1);
    const { best, warnings, testScore } = await go({ ...how, guide: share });
    expect(warnings).toHaveLength(1);
    expect(testScore).toBeLessThanOrEqual(1);
    expect(best.score).toBe(share(1, Number(best.parameters.a)));
    const now = await checkpoint();
    expect(JSON.stringify([now.optimizer, now.trainer])).not.toMatch(/\b(9\d|100)\b/);
  });

  it("are forgotten once: the next process knows by which code they were measured", async () => {
    await startedWith({ guide: percent });
    await go({ guide: share, stop: { maxIterations: 4 } });
    const { warnings, iterations } = await go({ guide: share });
    expect([warnings, iterations]).toEqual([[], 8]);
    const back = await go({ guide: percent });
    expect(back.warnings).toEqual([expect.stringContaining("guide.judge")]);
    expect(back.best.score).toBeCloseTo(100 - 2.5 * Math.abs(Number(back.best.parameters.a) - 3));
  });

  it("are measured again also in a finished run, and of the values that were the best", async () => {
    const { best: before, parameters } = await go({ algorithm: "MinibatchAlgorithm", keep: "last" });
    expect(before.parameters).not.toEqual(parameters);
    const twice = (_x: number, y: number, right: number): number => -2 * Math.abs(y - right) - 1;
    const { best } = await go({ algorithm: "MinibatchAlgorithm", keep: "last", guide: twice });
    expect(best).toMatchObject({ score: 2 * (before.score as number) - 1, parameters: before.parameters });
  });
});

describe("recorded rollouts", () => {
  const counting = (): { agent: () => Agent; other: () => Agent; calls: { count: number } } => {
    const calls = { count: 0 };
    return {
      calls,
      agent: () => model({ a: digit() }, ({ a }, x: number) => a.value * x * (++calls.count > 0 ? 1 : 0)),
      other: () => model({ a: digit() }, ({ a }, x: number) => a.value * x * (++calls.count > 0 ? 1 : 0) + 1000),
    };
  };

  it("of the same code are used again; of other code, or for another guide, they are not", async () => {
    const { agent, other, calls } = counting();
    const whole = { run: { cacheRollouts: true, resume: true } } as const;
    await go({ ...whole, agent: agent(), stop: { maxIterations: 2 } });
    const [first] = [calls.count];
    await rm(join(folder, "r", "checkpoint.json"));
    await rm(join(folder, "r", "checkpoint.previous.json"), { force: true });
    await go({ ...whole, agent: agent(), stop: { maxIterations: 2 } });
    expect(calls.count).toBe(first);
    const { best } = await go({ ...whole, agent: other() });
    expect(calls.count).toBeGreaterThan(first);
    expect(best.score).toBeLessThan(-900);
    const { best: positive } = await go({ ...whole, agent: other(), guide: (_x, y) => y });
    expect(positive.score).toBeGreaterThanOrEqual(1000);
  });

  it("of a run from before there were fingerprints are used, and nothing is reported", async () => {
    const { agent, calls } = counting();
    await go({ run: { cacheRollouts: true }, agent: agent(), stop: { maxIterations: 2 } });
    const path = join(folder, "r", "run.json");
    const description = JSON.parse(await readFile(path, "utf8"));
    expect(Object.keys(description.identity.code)).toEqual(["agent", "guide", "guide.judge"]);
    delete description.identity.code;
    await writeFile(path, JSON.stringify(description));
    await rm(join(folder, "r", "checkpoint.json"));
    await rm(join(folder, "r", "checkpoint.previous.json"), { force: true });
    const { warnings, iterations } = await go({ run: { cacheRollouts: true }, agent: agent() });
    expect([warnings, iterations]).toEqual([[], 8]);
    expect(calls.count).toBeGreaterThan(0);
  });
});

it("fingerprints are the same in every process, with and without a compiler, whatever the number of threads", async () => {
  const program = `
    import { BasicSearchAlgorithm, Guide, Module, parameter, range, TPE } from "opto";
    import { runDirectory } from "opto/runs";
    const right = (x: number): number => 3 * x;
    class Line extends Module<number, number> {
      a = parameter(0, { domain: range(0, 9, { integer: true }) });
      /** Multiplies. */
      async forward(x: number): Promise<number> {
        const { value } = this.a; // what it multiplies by
        return value === undefined ? 0 : value * x;
      }
    }
    class Close extends Guide<number, number, number> {
      readonly weight: number = 2;
      getFeedback(x: number, y: number): { score: number; feedback: string } {
        return { score: -this.weight * Math.abs((y as number) - right(x)), feedback: \`\${y}\` };
      }
    }
    const agent = new Line();
    const numThreads = Number(process.argv[2]);
    await new BasicSearchAlgorithm(agent, new TPE(agent, { seed: 1 }), { numThreads, logger: [] }).train(new Close(), [{ input: 1, info: 3 }], {
      numProposals: 2, keeper: runDirectory({ dir: process.argv[3], id: process.argv[4] }),
    });
  `;
  // Inside of the package, so that \`opto\` is this package.
  await mkdir(".cache", { recursive: true });
  const place = await mkdtemp(join(".cache", "changed-code-"));
  try {
    await writeFile(join(place, "program.ts"), program);
    await writeFile(join(place, "program.mjs"), transformSync(program, { loader: "ts", target: "es2022" }).code);
    const env = { ...process.env, TSX_TSCONFIG_PATH: "tsconfig.build.json" };
    const runs = [
      ["1", "one", "--import", "tsx", join(place, "program.ts")],
      ["4", "two", "--import", "tsx", join(place, "program.ts")],
      ["2", "plain", join(place, "program.mjs")],
    ];
    const codes = await Promise.all(
      runs.map(async ([threads, id, ...args]) => {
        const { code, stderr } = await runProcess(process.execPath, [...args, threads, folder, id] as string[], {
          cwd: ".",
          env,
        });
        expect([code, stderr]).toEqual([0, ""]);
        return JSON.parse(await readFile(join(folder, id as string, "run.json"), "utf8")).identity.code;
      }),
    );
    expect(codes[1]).toEqual(codes[0]);
    expect(codes[2]).toEqual(codes[0]);
    expect(Object.keys(codes[0] as object)).toEqual(["agent", "guide", "guide.weight"]);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}, 180_000);

function withHelper(helper: (difference: number) => number) {
  return (_x: number, y: number, right: number): number => -Math.abs(helper(y - right));
}

function over(f: (y: number) => number): Agent {
  return model({ a: digit() }, ({ a }, x: number) => f(a.value * x));
}
