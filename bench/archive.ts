/**
 * A search that has tried 10,000 candidates on 1,000 examples each: memory, and what a step costs.
 *
 * @module
 */
import type { Benchmark } from "./benchmark.ts";
import { measureInFreshProcess } from "./fresh-process.ts";

const trials = 10_000 * 1_000;

export const largeArchive: readonly Benchmark[] = [
  { name: "archive of 10,000 × 1,000, memory", unit: "bytes a trial", limit: 20, sample: () => measure("memory") },
  { name: "archive of 10,000 × 1,000, a step", unit: "ms", limit: 50, sample: () => measure("step") },
  { name: "archive of 10,000 × 1,000, best by example", unit: "ms", limit: 100, sample: () => measure("front") },
];

/** The archive is built from the events of the run, as in a run that is continued. */
function measure(wanted: "memory" | "step" | "front"): Promise<number> {
  return measureInFreshProcess(`
    import { SearchArchive } from "./dist/search/archive.js";
    import { SearchHistory } from "./dist/search/history.js";

    const [candidates, examples] = [10_000, Array.from({ length: 1_000 }, (_, index) => index)];
    const values = (index) => ({ prompt: "Answer, attempt " + index, weight: index });
    const scoreOf = (index, example) => ((index * 31 + example * 17) % 101) / 100;
    function grow(archive, index) {
      const id = index === 0 ? "start" : "iteration/" + index + "/proposal/0";
      const parents = index === 0 ? [] : ["start"];
      archive.fold({ type: "candidate-proposed", position: id, candidate: id, parents, origin: "OptoPrime", values: values(index) });
      const scores = { score: examples.map((example) => scoreOf(index, example)) };
      archive.fold({ type: "candidate-measured", position: id, candidate: id, dataset: "validate", examples, scores });
    }
    gc();
    const before = process.memoryUsage().rss;
    const archive = new SearchArchive();
    for (let index = 0; index < candidates; index++) grow(archive, index);
    gc();
    if (${JSON.stringify(wanted)} === "memory") {
      console.log((process.memoryUsage().rss - before) / ${trials});
    } else {
      const on = { dataset: "validate", examples, isHeldOut: false };
      const names = { paths: [], toAgent: (one) => one, toOptimizer: (one) => one, namesOf: (all) => all };
      const history = new SearchHistory({ archive, names, dataset: "validate", examples, isHeldOut: false });
      // What a search asks of the archive in one step, after one candidate more was scored on everything.
      function step(index) {
        grow(archive, index);
        const { entries } = archive;
        const [best] = archive.top(entries, 3, on);
        const view = history.asOf(best);
        view.best(10);
        view.latest(10);
        view.log.from(view.log.length - 10);
        archive.compare([best, entries.at(-1)], on);
        archive.mean(best, on);
        archive.find(values(5));
      }
      const asked = ${JSON.stringify(wanted)} === "front" ? () => archive.front(on) : step;
      for (let warmUp = 0; warmUp < 3; warmUp++) asked(candidates + warmUp);
      const times = Array.from({ length: 9 }, (_, index) => {
        const [started, before] = [performance.now(), process.cpuUsage()];
        asked(candidates + 3 + index);
        const { user, system } = process.cpuUsage(before);
        // As \`busyMs\` takes time.
        return Math.min(performance.now() - started, (user + system) / 1_000);
      });
      console.log(times.sort((a, b) => a - b)[4]);
    }
  `);
}
