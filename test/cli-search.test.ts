/**
 * Searches by way of the program `opto`: a policy or its name in the config, estimated, run, refused.
 *
 * @module
 */
import { afterAll, describe, expect, it } from "vitest";
import { CliProjects, opto } from "./support/cli-project.ts";

const projects = new CliProjects();
afterAll(() => projects.remove());

/** A config that trains without a language model, by this algorithm. */
function project(algorithm: string): string {
  const config = `
    import { beamSearch, defineConfig, model, parameter, range } from "opto";
    const level = () => parameter(0, { domain: range(-9, 9, { integer: true }) });
    export default defineConfig({
      agent: () => model({ level: level() }, ({ level }, x: number) => level.value * x),
      trainDataset: Array.from({ length: 8 }, (_, x) => ({ input: x, info: 3 * x })),
      guide: (_x, y, right) => -Math.abs(y - right),
      optimizer: "TPE",
      algorithm: ${algorithm},
      batchSize: 4,
      name: "search",
    });
  `;
  return projects.project({ "opto.config.ts": config });
}

describe("opto train", () => {
  it.each([["beamSearch({ beamWidth: 2, numProposals: 2 })"], [`"ucbSearch"`]])(
    "runs %s as its estimate says",
    async (algorithm) => {
      const folder = project(algorithm);
      const estimate = await opto(folder, "train --dry-run --json");
      expect(estimate.code, estimate.stderr).toBe(0);
      const { work } = JSON.parse(estimate.stdout) as { work: Record<string, { min: number; max: number }> };
      expect(work.iterations).toEqual({ min: 2, max: 2 });

      const { code, stdout, stderr } = await opto(folder, "train --quiet --json");
      expect(code, stderr).toBe(0);
      const outcome = JSON.parse(stdout) as { iterations: number; usage: { rollouts: number }; run: string };
      expect(outcome).toMatchObject({ iterations: 2, run: "search-1", stopReason: "completed" });
      expect(outcome.usage.rollouts).toBeGreaterThanOrEqual(work.rollouts?.min ?? 0);
      expect(outcome.usage.rollouts).toBeLessThanOrEqual(work.rollouts?.max ?? 0);
    },
  );

  it.each(["train", "train --dry-run"])("refuses an unknown name and lists all of them, as `opto %s`", async (command) => {
    const { code, stderr } = await opto(project(`"beamserch" as never`), command);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /one of MinibatchAlgorithm, BasicSearchAlgorithm, .*beamSearch, .*ucbSearch, got "beamserch"; did you mean "beamSearch"\?/,
    );
  });
});
