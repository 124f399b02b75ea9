/**
 * The long kill test: `npm run test:kill -- [--kills 100] [--seed N] [--damage] [--algorithm NAME]… [--options JSON]`. Kills runs of
 * each algorithm that often and prints every moment; with `--damage` also what was then done to the files, as a loss of power might.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { damageFiles } from "./damage-files.ts";
import { killRuns } from "./kill-runs.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "0" },
    damage: { type: "boolean", default: false },
    algorithm: {
      type: "string",
      multiple: true,
      default: ["BasicSearchAlgorithm", "beamSearch", "prioritySearch", "gepa", "racingSearch", "mipro"],
    },
    options: { type: "string", default: "{}" },
  },
});
for (const algorithm of values.algorithm) {
  console.log(`\n${algorithm}`);
  const report = await killRuns({
    kills: Number(values.kills),
    seed: Number(values.seed),
    options: { algorithm, ...JSON.parse(values.options) },
    ...(values.damage ? { damage: damageFiles } : {}),
    print: console.log,
  });
  console.log(
    `${algorithm}: ${report.kills} kills in ${report.runs} runs: parameters, scores and events as in the undisturbed run; ` +
      `${report.requests} requests, of which ${report.repeated} were ${values.damage ? "lost with a record" : "in flight at a kill"} and made again`,
  );
}
