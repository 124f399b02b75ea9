/**
 * Takes the place of the package `vitest` in eval files: its tests are not run, only the set-up that the data may need.
 *
 * @module
 */
import { ConfigurationError } from "../../errors.ts";
import { defineSetUp, type Inert, inert } from "./collect-evals.ts";

/** What is inside a suite is defined; the suite itself has nothing to do. */
export const describe: Inert = inert({ skip: inert(), todo: inert() }, (_name: string, ...args: readonly unknown[]) => {
  const body = args.find((arg) => typeof arg === "function");
  if (body !== undefined) (body as () => unknown)();
});
export const suite: Inert = describe;
export const it: Inert = inert();
export const test: Inert = it;
export const bench: Inert = it;
export const expect: Inert = inert();
export const assert: Inert = inert();
export const expectTypeOf: Inert = inert();
export const assertType: Inert = inert();
export const afterAll: Inert = inert();
export const afterEach: Inert = inert();
export const onTestFinished: Inert = inert();
export const onTestFailed: Inert = inert();

/** Runs before the data are read. */
export function beforeAll(work: () => unknown): void {
  defineSetUp(work);
}

/** @throws ConfigurationError, because there are no tests here to run it before */
export function beforeEach(): never {
  throw new ConfigurationError("An eval file that is trained on cannot use `beforeEach` of vitest. Do that work in the task");
}

/** @throws ConfigurationError, because a task without its mocks would do something else */
export const vi: Record<string, unknown> = new Proxy(
  {},
  {
    get: (_, member) => {
      throw new ConfigurationError(
        `An eval file that is trained on cannot use \`vi.${String(member)}\`: only vitest can replace modules and clocks. Pass the replacement to the task instead`,
      );
    },
  },
);
export const vitest: Record<string, unknown> = vi;

/** @throws ConfigurationError, because nothing is provided here */
export function inject(name: string): never {
  throw new ConfigurationError(`An eval file that is trained on cannot use \`inject\` of vitest (${JSON.stringify(name)})`);
}
