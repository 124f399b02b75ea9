/**
 * The viewer over a long run: 10,000 candidates × 1,000 examples, and a journal of 1 GB; and what a run costs that is watched.
 *
 * @module
 */
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { Benchmark } from "./benchmark.ts";
import { measureInFreshProcess } from "./fresh-process.ts";

export const viewer: readonly Benchmark[] = [
  { name: "viewer, opening a journal of 1 GB", unit: "ms", limit: 3_000, sample: () => measure("opened") },
  { name: "viewer, most resident memory", unit: "MB", limit: 300, sample: () => measure("memory") },
  { name: "viewer, a window of 100 candidates × 200 examples", unit: "ms", limit: 300, sample: () => measure("window") },
  { name: "viewer, news of a run of 1 GB", unit: "ms", limit: 20, sample: () => measure("news") },
  { name: "watching a run of 10 s, no page open", unit: "% of wall time", limit: 1, sample: costOfServing },
  { name: "watching a run of 4 s, a page open", unit: "% of wall time", limit: 5, sample: costOfWatching },
];

const numCandidates = 10_000;
const numExamples = 1_000;
const perIteration = 5;
/** Calls for each candidate: they make up the rest of the gigabyte. */
const numCalls = 390;

let made: Promise<string> | undefined;

/** The folder of the run, which is made once. */
function longRun(): Promise<string> {
  made ??= makeRun();
  return made;
}

async function makeRun(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "opto-bench-viewer-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const parameters = { prompt: promptOf(0) };
  const identity = {
    name: "long",
    algorithm: "beamSearch",
    optimizer: "OptoPrime",
    seed: 0,
    options: {},
    datasets: {},
    shape: {},
    parameters,
  };
  const run = { format: "opto-run", version: 1, id: "long", createdAt: at, versions: { opto: "0", node: "0" }, identity };
  writeFileSync(join(folder, "run.json"), JSON.stringify(run));
  writeFileSync(
    join(folder, "best.json"),
    JSON.stringify({ format: "opto-agent", parameters: { prompt: promptOf(numCandidates - 1) }, score: 0.9 }),
  );
  const file = createWriteStream(join(folder, "events.jsonl"));
  for (const text of pieces()) if (!file.write(text)) await once(file, "drain");
  file.end();
  await finished(file);
  return folder;
}

const at = "2026-11-25T08:30:00.000Z";

function promptOf(candidate: number): string {
  return `Answer the question in the fewest words that are right, as candidate ${candidate} does. `.repeat(40);
}

/** The journal, a candidate a piece. */
function* pieces(): Generator<string> {
  let seq = 0;
  const line = (event: object): string => `{"seq":${++seq},"time":"${at}",${JSON.stringify(event).slice(1)}\n`;
  const examples = Array.from({ length: numExamples }, (_, example) => example);
  const chosenOn = { dataset: "validation", examples: numExamples };
  yield line({ type: "run-start", algorithm: "beamSearch", numIterations: 2_000, chosenOn, parameters: { prompt: promptOf(0) } });
  for (let index = 1; index < numCandidates; index++) {
    const iteration = Math.ceil(index / perIteration);
    const position = `iteration/${iteration}`;
    const candidate = `${position}/proposal/${index % perIteration}`;
    const parents = index <= perIteration ? ["start"] : [`iteration/${iteration - 1}/proposal/0`];
    const column = examples.map((example) => ((example * 7919 + index * 104729) % 1_000 < 300 + index / 20 ? 1 : 0));
    let text =
      index % perIteration === 1 ? line({ type: "iteration-start", iteration, epoch: 0, batchSize: 0, examples: [] }) : "";
    text += line({
      type: "candidate-proposed",
      position: candidate,
      candidate,
      parents,
      origin: "OptoPrime",
      values: { prompt: promptOf(index) },
    });
    for (let call = 0; call < numCalls; call++) {
      const place = `${position}/validate/candidate/0/example/${call}/sample/0/call/0`;
      const tokens = { inputTokens: 1_200 + call, outputTokens: 40 + (call % 7) };
      text += line({
        type: "model-call",
        position: place,
        model: "openai/gpt-5-mini",
        role: "agent",
        finishReason: "stop",
        ...tokens,
      });
    }
    text += line({ type: "candidate-measured", position, candidate, dataset: "validate", examples, scores: { score: column } });
    text += line({ type: "candidate-scored", position, candidate, score: 0.3, examples: numExamples, total: numExamples });
    if (index % perIteration === 0) {
      text += line({ type: "log", name: "Validation score", data: 0.3 + index / 20_000, step: iteration });
      text += line({ type: "iteration-end", iteration, epoch: 0, score: null });
    }
    yield text;
  }
}

/** All numbers of one process: each is asked for by itself, so that every one is measured anew. */
async function measure(what: "opened" | "memory" | "window" | "news"): Promise<number> {
  const folder = await longRun();
  return measureInFreshProcess(`
    import { appendFileSync, statSync, truncateSync } from "node:fs";
    import { PriceList } from "./dist/llm/spend/prices.js";
    import { heatView } from "./dist/viewer/heat-view.js";
    import { lineageView } from "./dist/viewer/lineage-view.js";
    import { runView } from "./dist/viewer/run-view.js";
    import { ViewedRun } from "./dist/viewer/viewed-run.js";

    const folder = ${JSON.stringify(folder)};
    const timed = async (work) => {
      const started = performance.now();
      await work();
      return performance.now() - started;
    };
    const run = new ViewedRun(folder, "long", new PriceList({}, 0));
    const opened = await timed(async () => {
      await run.refresh();
      JSON.stringify([runView(run), lineageView(run, 0, 2_000)]);
    });
    const { rows } = run.fold.candidates;
    if (rows.length !== ${numCandidates}) throw new Error("Expected all candidates, got " + rows.length);
    const query = { dataset: "validate", metric: "score", from: 5_000, count: 100, columns: 0, width: 200 };
    const heat = () => JSON.stringify(heatView(run, { ...query, rows: "score", sort: "difficulty", filter: "all", q: "" }));
    const window = await timed(heat);
    const journal = folder + "/events.jsonl";
    const { size } = statSync(journal);
    appendFileSync(journal, '{"seq":' + (run.fold.seq + 1) + ',"time":"${at}","type":"warning","message":"news"}\\n');
    const news = await timed(() => run.refresh());
    truncateSync(journal, size);
    const memory = process.resourceUsage().maxRSS / 1e3;
    if (process.env.SHOW) console.error(JSON.stringify({ size, opened, window, news, memory }));
    console.log({ opened, window, news, memory }[${JSON.stringify(what)}]);
  `);
}

/**
 * What `train({ view: true })` adds to a run of 10 seconds that is not looked at, as processor time of the process that trains: loading the viewer,
 * serving, ten seconds of having it, closing. Nearly all of it is spent once, at the start. What a process that waits as long without it spends is taken
 * off: Node tidies its heap meanwhile. What a run adds in processor time can delay it by no more than that. (`opto view` is another process, and adds
 * nothing to the run but reads of its files.)
 */
async function costOfServing(): Promise<number> {
  return ((await waiting({ serves: true })) - (await waiting({ serves: false }))) / 100;
}

/** @returns the processor time of a process that waits for ten seconds, in milliseconds */
function waiting({ serves }: { readonly serves: boolean }): Promise<number> {
  return measureInFreshProcess(`
    import { mkdtempSync, rmSync } from "node:fs";
    import { tmpdir } from "node:os";
    import { join } from "node:path";
    import { setTimeout as sleep } from "node:timers/promises";
    import "opto";

    const folder = mkdtempSync(join(tmpdir(), "opto-bench-"));
    const serve = async () => {
      const { watchedRun } = await import("./dist/viewer/watch-training.js");
      const { opener, close } = watchedRun({ open: async () => ({ id: "bench" }) }, { folder, print() {} });
      await opener.open();
      return close;
    };
    await sleep(100);
    const before = process.cpuUsage();
    const close = ${serves} ? await serve() : undefined;
    await sleep(10_000);
    await close?.();
    const { user, system } = process.cpuUsage(before);
    rmSync(folder, { recursive: true });
    console.log((user + system) / 1_000);
  `);
}

/**
 * The same with a page that follows the run: another process, which asks for the run again whenever it hears of a change. Runs with and without it are
 * made by turns, and the median of the differences in processor time counts. 64 rollouts of 400 ms are in flight, so that little of the run's own stands in the way.
 */
function costOfWatching(): Promise<number> {
  const page = `
    const [origin] = process.argv.slice(1);
    const { body } = await fetch(origin + "/api/runs/bench/events");
    for await (const piece of body) if (String.fromCharCode(...piece).includes("changed")) await (await fetch(origin + "/api/runs/bench")).text();
  `;
  return measureInFreshProcess(`
    import { spawn } from "node:child_process";
    import { mkdtempSync, rmSync } from "node:fs";
    import { tmpdir } from "node:os";
    import { join } from "node:path";
    import { setTimeout as sleep } from "node:timers/promises";
    import { model, parameter, train } from "opto";
    import { Optimizer } from "opto/optimizers";

    class Idle extends Optimizer {
      suggest() {
        return { values: new Map() };
      }
    }
    let open = () => {};
    process.stderr.write = (text) => {
      const [origin] = /http:[/][/]127.0.0.1:[0-9]+/.exec(text) ?? [];
      if (origin !== undefined) open(origin);
      return true;
    };
    const costOf = async (work) => {
      gc();
      const before = process.cpuUsage();
      const started = performance.now();
      await work();
      const { user, system } = process.cpuUsage(before);
      return { cpu: (user + system) / 1_000, wall: performance.now() - started };
    };
    const run = async (view, count) => {
      const dir = mkdtempSync(join(tmpdir(), "opto-bench-"));
      const agent = model({ prompt: parameter("Answer.") }, async ({ prompt }, question) => {
        await sleep(400);
        return prompt.value + question;
      });
      let child;
      open = (origin) => {
        child = spawn(process.execPath, ["--input-type=module", "--eval", ${JSON.stringify(page)}, origin], { stdio: "ignore" });
      };
      const trainDataset = Array.from({ length: count }, (_, index) => ({ input: "question " + index, info: "" }));
      const cost = await costOf(() => train({
        agent,
        trainDataset,
        guide: (_question, answer) => [answer.length, "fine"],
        optimizer: new Idle(agent),
        algorithm: "MinibatchAlgorithm",
        keep: "last",
        evalFrequency: 0,
        batchSize: 256,
        numThreads: 64,
        logger: [],
        run: { dir, id: "bench" },
        view,
      }));
      child?.kill();
      rmSync(dir, { recursive: true, force: true });
      return cost;
    };
    const medianOf = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
    await run(false, 128);
    await run(true, 128);
    const differences = [];
    const walls = [];
    for (let pair = 0; pair < 7; pair++) {
      const first = await run(pair % 2 === 0, 640);
      const second = await run(pair % 2 === 1, 640);
      differences.push((first.cpu - second.cpu) * (pair % 2 === 0 ? 1 : -1));
      walls.push(Math.min(first.wall, second.wall));
    }
    if (process.env.SHOW) console.error(JSON.stringify({ differences, walls }));
    console.log((medianOf(differences) / medianOf(walls)) * 100);
  `);
}
