import { describe, expect, it } from "vitest";
import { type ObjectiveLike, objective } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { range } from "../graph/domain.ts";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import type { PastAttempt } from "../optimizers/optimizer.ts";
import { TPE } from "../optimizers/tpe.ts";
import { SearchArchive, startId } from "./archive.ts";
import { SearchHistory } from "./history.ts";
import { measuredEvent } from "./measured-event.ts";
import { namesOf } from "./names.ts";
import type { Entry } from "./search.ts";
import { allExamples } from "./step-parts.ts";

type Outcome = number | "failed" | "unscored" | undefined;

/** An archive of candidates `x: 0`, `x: 1`, … with what each example of the validation data came to. */
function setUp(
  rows: readonly (readonly Outcome[])[],
  scoreRange?: readonly [number, number],
  by?: { objective: ObjectiveLike; metrics: (x: number) => Scores },
  isHeldOut = false,
) {
  const agent = model(
    { x: parameter(0, { domain: range(0, 99) }), fixed: parameter("same", { trainable: false }) },
    (_parts, input: number) => input,
  );
  // By another name than the agent's.
  const optimizer = new TPE([agent.x]);
  const data = rows[0]?.map((_, input) => ({ input, info: null })) ?? [];
  const archive = new SearchArchive({ scoreRanges: { validate: scoreRange }, objective: by && objective(by.objective) });
  const history = new SearchHistory({
    archive,
    names: namesOf(agent, optimizer),
    dataset: "validate",
    examples: allExamples(data),
    isHeldOut,
  });
  const measure = (entry: Entry, row: readonly Outcome[], dataset: "train" | "validate" = "validate"): void => {
    const trials = row.flatMap((outcome, example) => {
      if (outcome === undefined) return [];
      const scores = typeof outcome === "number" ? { score: outcome, ...by?.metrics(entry.values.x as number) } : null;
      const failed = outcome === "failed";
      return [{ example, sample: 0, scores, failed, ...(failed ? { error: `failed on ${example}` } : {}) }];
    });
    archive.fold(measuredEvent({ position: "", candidate: entry.id, dataset }, trials));
  };
  const add = (x: number, row: readonly Outcome[]): Entry => {
    const id = x === 0 ? startId : `iteration/1/proposal/${x}`;
    const entry = archive.add({ id, values: { x, fixed: "same" }, parents: [], origin: "test" });
    if (row.length > 0) measure(entry, row);
    return entry;
  };
  const entries = rows.map((row, x) => add(x, row));
  return { archive, history, entries, add, measure, view: (current = 0) => history.asOf(entries[current] as Entry) };
}

const shown = ({ values, score, examples, estimate }: PastAttempt): unknown[] => [
  Object.values(values)[0],
  score,
  examples,
  estimate,
];

describe("SearchHistory", () => {
  it("tells of data that are held out how many examples failed, with the errors on training data", () => {
    const { view, entries, measure } = setUp(
      [
        [1, 1, 1, 1],
        ["failed", 1, "failed", 1],
        [1, "failed"],
      ],
      undefined,
      undefined,
      true,
    );
    const feedback = (): string[] =>
      view()
        .latest(3)
        .map((attempt) => attempt.feedback);
    expect(feedback()).toEqual(["", "2 of 4 examples failed.", "1 of 4 examples failed."]);
    measure(entries[1] as Entry, [1, 1, 1, 1, 1, 1, 1, "failed"], "train");
    expect(feedback()[1]).toBe("failed on 7\n2 of 4 examples failed.");
  });

  it("says how often there was which score on the examples that the scores are over, and on no others", () => {
    const { view } = setUp([
      [1, 0, 0],
      [1, 1, 0, 0, 0, 1],
    ]);
    const history = view();
    const [attempt] = history.best(1);
    expect(attempt?.examples).toBe(3);
    expect(history.spread?.(attempt?.values ?? {})).toEqual([
      [1, 2],
      [0, 1],
    ]);
  });

  it("has scores over the same examples, and estimates of what was scored on some of them", () => {
    const { view } = setUp([
      [0.5, 0.5, 0.5, 0.5],
      [1, 1, 0, 1],
      // Dropped: 0.25 less than the current candidate where both were run.
      [0.25, 0.25],
      // On other examples.
      [undefined, undefined, undefined, undefined, 1, 0.5],
      [],
      [0.5, "failed", 0.5, 1],
      [0, 1, "unscored", 1],
    ]);
    const history = view();
    expect(history.examples).toBe(4);
    expect(history.latest(9).map(shown)).toEqual([
      [0, 0.5, 4, undefined],
      [1, 0.75, 4, undefined],
      [2, null, 2, 0.25],
      [3, null, 0, 0.75],
      [4, null, 0, undefined],
      [5, 0.5, 4, undefined],
      // Too little of it was scored to be compared.
      [6, null, 3, expect.closeTo(0.667, 3)],
    ]);
    expect(history.latest(2).map(shown)).toHaveLength(2);
    // Estimates follow scores; a mean on other examples is none.
    expect(history.best(9).map(shown)).toEqual([
      [1, 0.75, 4, undefined],
      [5, 0.5, 4, undefined],
      [0, 0.5, 4, undefined],
      [6, null, 3, expect.closeTo(0.667, 3)],
      [2, null, 2, 0.25],
    ]);
    expect(history.best(3).map(({ score }) => score)).toEqual([0.75, 0.5, 0.5]);
    // Of equals the later first.
    expect(
      history
        .best(2)
        .map(shown)
        .map(([x]) => x),
    ).toEqual([1, 5]);
    expect([history.best(0), history.latest(0)]).toEqual([[], []]);
    expect(history.latest(2)[0]?.feedback).toBe("failed on 1");
  });

  it("counts failures as the lowest score there is in the comparison", () => {
    const losing = setUp([
      [-5, -7],
      ["failed", -1],
    ]);
    expect(losing.view().best(9).map(shown)).toEqual([
      [1, -4, 2, undefined],
      [0, -6, 2, undefined],
    ]);
    expect(
      setUp(
        [
          [1, 1],
          ["failed", 1],
        ],
        [-9, 1],
      )
        .view()
        .best(9)
        .map(({ score }) => score),
    ).toEqual([1, -4]);
  });

  it("has who violates a constraint below all who do not, and says so", () => {
    const by = {
      objective: { constraints: { costUsd: { max: 2 } } },
      metrics: (x: number) => ({ costUsd: x === 1 ? 3 : 1 }),
    };
    const { view, add } = setUp(
      [
        [0.5, 0.5],
        [1, 1],
        [0.25, 0.25],
      ],
      undefined,
      by,
    );
    const before = view();
    // 0.25, the lowest of all, less a half of the bound.
    expect(before.best(9).map(shown)).toEqual([
      [0, 0.5, 2, undefined],
      [2, 0.25, 2, undefined],
      [1, -0.25, 2, undefined],
    ]);
    expect(before.best(9)[2]?.feedback).toBe("Violates a constraint: costUsd is 3, and must be at most 2.");
    expect(view().log.scale).toBe(before.log.scale);
    // Below it come others that do not violate it.
    add(3, [0, 0]);
    expect(
      view()
        .best(9)
        .map(shown)
        .map(([x]) => x),
    ).toEqual([0, 2, 3, 1]);
    expect(view().log.scale).not.toBe(before.log.scale);
    expect(
      view()
        .log.from(0)
        .map(shown)
        .map(([x]) => x),
    ).toEqual([0, 1, 2, 3]);
  });

  it.each([
    ["pareto", { objective: { mode: "pareto" as const, minimize: ["costUsd"] }, expected: [0.5, 1, 0.75] }],
    ["weighted", { objective: { weights: { score: 1, costUsd: 2 }, minimize: ["costUsd"] }, expected: [0.5, -1, -1.25] }],
  ])("has scores and estimates as one number (%s)", (_, { objective: like, expected }) => {
    const { view } = setUp([[0.5, 0.5], [1, 1], [0.75]], undefined, {
      objective: like,
      metrics: (x) => ({ costUsd: x === 0 ? 0 : 1 }),
    });
    expect(
      view()
        .latest(3)
        .map(({ score, estimate }) => score ?? estimate),
    ).toEqual(expected);
  });

  it("counts failures of the current candidate as its lowest score in estimates, too", () => {
    const { view } = setUp([["failed", -4], [-1]]);
    // -1 is 3 more than what the failure counts as, and so it is expected to be 3 more in the mean.
    expect(view().latest(1).map(shown)).toEqual([[1, null, 1, -1]]);
  });

  it("finds values by the optimizer's names, whatever the parameters that it does not train", () => {
    const { view, archive } = setUp([[1], [0.5]]);
    const [, second] = archive.entries;
    const [name] = Object.keys(view().latest(1)[0]?.values ?? {});
    expect(view().latest(1)[0]?.values).toEqual({ [name as string]: second?.values.x });
    expect(view().find({ [name as string]: 1 })).toMatchObject({ score: 0.5 });
    expect(view().find({ [name as string]: 2 })).toBeUndefined();
  });

  it("before anything was scored there are attempts without a score", () => {
    const { view, measure, entries } = setUp([[], []]);
    measure(entries[1] as Entry, [1, 1], "train");
    expect(view().examples).toBe(0);
    expect(view().best(9)).toEqual([]);
    expect(
      view()
        .latest(9)
        .map(({ score }) => score),
    ).toEqual([null, null]);
  });

  it("is a view as of when it was made, and its log goes on where it was left as long as scores stay comparable", () => {
    const { view, add, measure, entries, archive } = setUp([
      [0.5, 0.5],
      [1, 0.5],
    ]);
    const before = view();
    const { scale, length } = before.log;
    const third = add(2, [0]);
    expect(before.latest(9)).toHaveLength(2);
    expect(before.log.from(length)).toEqual([]);
    const after = view();
    expect(after.log.scale).toBe(scale);
    expect(after.log.from(length).map(shown)).toEqual([[2, null, 1, 0]]);
    measure(third, [undefined, 1]);
    expect(view().log.from(after.log.length).map(shown)).toEqual([[2, 0.5, 2, undefined]]);
    // Each once, where it was last measured; the same values are the same object.
    expect(
      view()
        .log.from(0)
        .map(shown)
        .map(([x]) => x),
    ).toEqual([0, 1, 2]);
    expect(view().log.from(0)[2]?.values).toBe(after.log.from(length)[0]?.values);
    // Against another candidate, or on more examples, scores are others.
    expect(view(1).log.scale).not.toBe(scale);
    const { scale: again } = view().log;
    measure(entries[0] as Entry, [undefined, undefined, 0.25]);
    expect(view().log.scale).not.toBe(again);
    expect(view().examples).toBe(3);
    archive.fold({ type: "scores-forgotten" });
    expect(view().best(9)).toEqual([]);
  });
});
