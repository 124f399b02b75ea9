/**
 * Tests: beside the source and the benchmarks, where `opto` is the source, and the cross-cutting ones in `test/`, where it is what `npm test`
 * builds first, as in the programs that they start: a process each loads the build in a tenth of the time.
 *
 * Most files beside the source take less time than a process needs to load them, so many of them share one. The files in `test/`
 * have a process each: they start servers and programs, measure memory, and listen for signals.
 *
 * @module
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vitest/config";

const source = fileURLToPath(new URL("./src", import.meta.url));
const built = fileURLToPath(new URL("./dist", import.meta.url));

/** They read files and run nothing, so they say the same on every Node: the tests on the newest LTS leave them out. */
const staticChecks = ["glossary", "language", "layers", "public-types"].map((name) => `test/${name}.test.ts`);
/** They look into modules, or replace one. */
const onSource = ["linear-patterns", "recorded-mipro"].map((name) => `test/${name}.test.ts`);

/** Takes what is imported from `src/` as it is built. */
const fromBuild: Plugin = {
  name: "from-build",
  enforce: "pre",
  async resolveId(id, importer, options) {
    const resolved = await this.resolve(id, importer, { ...options, skipSelf: true });
    if (resolved === null || !resolved.id.startsWith(`${source}/`)) return resolved;
    refuseOldBuild();
    const file = resolved.id.replace(source, built).replace(/\.ts$/, ".js");
    return existsSync(file) ? { id: file } : resolved;
  },
};

let isChecked = false;

/** Tests of a build that is older than the source would say nothing of the source. */
function refuseOldBuild(): void {
  if (isChecked) return;
  const builtAt = statSync(join(built, "bundle", "core.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const changed = readdirSync(source, { recursive: true, encoding: "utf8" }).find(
    (file) =>
      /(?<!\.test)\.(?:tsx?|css)$/.test(file) && !file.includes("__fixtures__") && statSync(join(source, file)).mtimeMs > builtAt,
  );
  if (changed !== undefined) throw new Error(`Expected a build that is newer than src/${changed}: run \`npm run build\` first`);
  isChecked = true;
}

export default defineConfig({
  resolve: {
    alias: [
      { find: /^opto$/, replacement: `${source}/index.ts` },
      { find: /^opto\/([a-z]+)$/, replacement: `${source}/$1/index.ts` },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        plugins: [fromBuild],
        test: {
          name: "whole programs",
          server: { deps: { external: [/\/dist\//] } },
          include: ["test/**/*.test.ts"],
          exclude: ["test/conformance/**", ...staticChecks, ...onSource],
        },
      },
      {
        extends: true,
        test: { name: "on the source", include: process.env.STATIC_CHECKS === "off" ? onSource : [...staticChecks, ...onSource] },
      },
      {
        extends: true,
        test: {
          name: "units",
          include: ["src/**/*.test.ts", "examples/**/*.test.ts", "bench/**/*.test.ts", "test/conformance/**/*.test.ts"],
          isolate: false,
          // After the others, which take longest; a process is only kept for the next file when that shares it.
          sequence: { groupOrder: 1 },
        },
      },
    ],
    // Files wait for the disk and for the programs that they start, so one more than there are cores.
    maxWorkers: availableParallelism() + 1,
    // The heap test collects garbage on demand.
    execArgv: ["--expose-gc"],
    // A developer's own settings must neither change a result nor reach a provider.
    env: {
      OPTO_MODEL: "",
      OPENAI_API_KEY: "",
      OPENAI_BASE_URL: "",
      ANTHROPIC_API_KEY: "",
      GOOGLE_GENERATIVE_AI_API_KEY: "",
      GEMINI_API_KEY: "",
      GOOGLE_API_KEY: "",
      MISTRAL_API_KEY: "",
      GROQ_API_KEY: "",
    },
    maxConcurrency: 2,
    // Whole programs, on machines that are busy with something else as well.
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
