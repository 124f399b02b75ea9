/**
 * What must and must not compile. The compiler reads the whole project for it, so an error of types anywhere fails these tests.
 *
 * @module
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [],
    typecheck: {
      enabled: true,
      only: true,
      include: ["src/**/*.test-d.ts", "test/types/**/*.test-d.ts"],
      tsconfig: "tsconfig.json",
    },
  },
});
