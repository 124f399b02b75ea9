/**
 * A run warns of examples that its datasets share, once, and not of data that are used twice on purpose.
 *
 * @module
 */
import { MinibatchAlgorithm, model, parameter, range, TPE } from "opto";
import { RecordingLogger } from "opto/testing";
import { describe, expect, it } from "vitest";

const of = (...inputs: number[]) => inputs.map((input) => ({ input, info: null }));

async function warnings(data: { readonly train: object; readonly validate?: object; readonly test?: object }): Promise<string[]> {
  const agent = model({ a: parameter(1, { domain: range(0, 2) }) }, ({ a }, x: number) => a.value * x);
  const logger = new RecordingLogger();
  const trainer = new MinibatchAlgorithm(agent, new TPE(agent), { logger });
  const { train, validate: validateDataset, test: testDataset } = data as Record<string, ReturnType<typeof of>>;
  await trainer.train(() => 1, train as ReturnType<typeof of>, { validateDataset, testDataset });
  return logger.events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
}

describe("a run", () => {
  it.each([
    {
      name: "test data in the training data",
      data: { train: of(1, 2, 3), test: of(4, 2) },
      warning: /^Example 1 of `test` is the same as example 1 of `train`/,
    },
    {
      name: "validation data in the training data",
      data: { train: of(1, 2, 3), validate: of(3), test: of(9) },
      warning: /^Example 0 of `validate` is the same as example 2 of `train`/,
    },
  ])("warns of $name", async ({ data, warning }) => {
    const found = (await warnings(data)).filter((message) => message.startsWith("Example"));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(warning);
  });

  const all = of(1, 2, 3);
  it.each([
    { name: "data of their own", data: { train: of(1, 2), test: of(3, 4) } },
    { name: "the training data as test data", data: { train: all, test: all } },
    { name: "a copy of them", data: { train: of(1, 2, 3), test: of(1, 2, 3) } },
    { name: "none", data: { train: of(1, 2, 3) } },
  ])("does not warn of $name", async ({ data }) => {
    expect(await warnings(data)).toEqual([]);
  });
});
