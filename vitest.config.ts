/**
 * Tests: beside the source and the benchmarks, and the cross-cutting ones in `test/`. `opto` resolves to the source in all of them;
 * programs that a test starts as separate processes resolve it to `dist`, which `npm test` builds first.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = fileURLToPath(new URL("./src", import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^opto$/, replacement: `${source}/index.ts` },
      { find: /^opto\/([a-z]+)$/, replacement: `${source}/$1/index.ts` },
    ],
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts", "bench/**/*.test.ts"],
    typecheck: { include: ["src/**/*.test-d.ts", "test/types/**/*.test-d.ts"], tsconfig: "tsconfig.json" },
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
