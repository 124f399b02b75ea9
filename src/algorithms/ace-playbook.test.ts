import { type AcePlaybookOptions, acePlaybook, PolicySearch } from "opto/algorithms";
import type { JsonValue } from "opto/data";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";
import { changedPlaybook, countedFor } from "./playbook.ts";

/** Returns the given playbooks, one a proposal, and notes what it is advised. */
class Listed extends Optimizer {
  readonly advice: string[] = [];
  readonly #playbooks: (readonly JsonValue[])[];
  constructor(agent: ConstructorParameters<typeof Optimizer>[0], playbooks: readonly (readonly JsonValue[])[]) {
    super(agent);
    this.#playbooks = [...playbooks];
  }
  protected suggest({ advice = "", from = {} }: SuggestionRequest): Suggestion {
    this.advice.push(advice);
    return { values: new Map([["playbook", this.#playbooks.shift() ?? from.playbook]]) };
  }
}

type Item = { readonly id: string; readonly text: string };

/** Right where an item of the playbook has the word; its answer names the item. */
async function curate(
  playbooks: readonly (readonly JsonValue[])[],
  options: AcePlaybookOptions = {},
  start: readonly Item[] = [],
) {
  const agent = model({ playbook: parameter(start) }, ({ playbook }, word: string) => {
    const used = playbook.value.find(({ text }) => text.includes(word));
    return used === undefined ? "unknown" : `right by ${used.id}`;
  });
  const optimizer = new Listed(agent, playbooks);
  const examples = ["one", "two", "three", "four"].map((input) => ({ input, info: null }));
  const guide = Object.assign((_: string, answer: string) => Number(answer.startsWith("right")), { scoreRange: [0, 1] as const });
  const search = new PolicySearch(agent, optimizer, acePlaybook(options));
  const settings = { validateDataset: examples, batchSize: 4, numEpochs: 99, evalFrequency: 0, keep: "last" as const };
  const { parameters } = await search.train(guide, examples, { ...settings, stop: { maxIterations: playbooks.length } });
  return { playbook: parameters.playbook as readonly Item[], advice: optimizer.advice };
}

describe("acePlaybook", () => {
  it("adds items under ids of its own, and shows what they were worth", async () => {
    const first = ["say one", { text: "say two" }];
    const { playbook, advice } = await curate([first, [{ id: "item-1", text: "say one" }]]);
    // A playbook without what was right is not better.
    expect(playbook).toEqual([
      { id: "item-1", text: "say one" },
      { id: "item-2", text: "say two" },
    ]);
    expect(advice[0]).not.toContain("worth");
    // Two examples turned right when both were added, and then each was named in one right answer.
    expect(advice[1]).toContain('[item-1] helpful 3, harmful 0: "say one"\n[item-2] helpful 3, harmful 0: "say two"');
  });

  it("counts items for answers that name the whole id, and no short ones", async () => {
    const start = [
      { id: "item-1", text: "nothing" },
      { id: "item-10", text: "one" },
      { id: "by", text: "nothing" },
      { id: "b.*", text: "nothing" },
      { id: "(rule", text: "two" },
    ];
    const { advice } = await curate([start], {}, start);
    expect(advice[0]?.split("\n").slice(-5)).toEqual([
      '[item-1] helpful 0, harmful 0: "nothing"',
      '[item-10] helpful 1, harmful 0: "one"',
      '[by] helpful 0, harmful 0: "nothing"',
      '[b.*] helpful 0, harmful 0: "nothing"',
      '[(rule] helpful 1, harmful 0: "two"',
    ]);
  });

  it("drops a proposal that cannot be read", async () => {
    const start = [{ id: "item-1", text: "nothing" }];
    const { playbook } = await curate([[1, 2, { content: "one" }]], {}, start);
    expect(playbook).toEqual(start);
  });

  it("refuses an agent without a playbook", async () => {
    const agent = model({ level: parameter(1) }, ({ level }, x: number) => level.value * x);
    const search = new PolicySearch(agent, new Listed(agent, []), acePlaybook());
    const run = search.train((_: number, y: number) => y, [{ input: 1, info: null }], { batchSize: 1 });
    await expect(run).rejects.toThrow(/No trainable parameter holds a playbook/);
  });
});

describe("changedPlaybook", () => {
  const before = [
    { id: "a", text: "first" },
    { id: "b", text: "second" },
    { id: "c", text: "third", section: "warnings" },
  ];
  const counts = { a: { helpful: 3, harmful: 1 }, b: { helpful: 1, harmful: 0 }, c: { helpful: 0, harmful: 2 } };
  const change = (proposed: readonly JsonValue[], maxTokens = 8000) =>
    changedPlaybook(before, counts, proposed, { maxTokens, next: 1 });

  it.each<[string, readonly JsonValue[], readonly JsonValue[], readonly string[]]>([
    ["adds", [...before, "fourth"], [...before, { id: "item-1", text: "fourth" }], ["item-1"]],
    ["updates", [{ id: "a", text: "other" }, before[1] ?? null], [{ id: "a", text: "other" }, before[1] ?? null], ["a"]],
    ["removes", [before[0] ?? null], [before[0] ?? null], []],
    [
      "merges",
      [{ text: "both", merges: ["a", "b"] }, before[2] ?? null],
      [{ id: "item-1", text: "both" }, before[2] ?? null],
      ["item-1"],
    ],
    ["keeps what an unreadable element names", [{ id: "a", txt: "typo" }, { merges: ["b"] }, "c"], before, []],
    [
      "keeps an item whose text is missing, once",
      [{ id: "a", text: " " }, { id: "a" }, { text: "one" }],
      [before[0] ?? null, { id: "item-1", text: "one" }],
      ["item-1"],
    ],
    ["removes everything", [], [], []],
    ["leaves out what is not an item", [before[0] ?? null, 7, { id: "x" }, " "], [before[0] ?? null], []],
    [
      "gives an unknown id and a repeated one another",
      [
        { id: "zz", text: "new" },
        { id: "a", text: "x" },
        { id: "a", text: "y" },
      ],
      [
        { id: "item-1", text: "new" },
        { id: "a", text: "x" },
        { id: "item-2", text: "y" },
      ],
      ["item-1", "a", "item-2"],
    ],
  ])("%s", (_, proposed, items, changed) => {
    expect(change(proposed)).toMatchObject({ items, changed });
  });

  it.each([[[7, {}, " "]], [[{ content: "x" }]], [[{ id: "a" }]]])("reads nothing from %j", (proposed) => {
    expect(change(proposed as readonly JsonValue[])).toBeUndefined();
  });

  it("leaves out an item that has always been without a text", () => {
    const blank = [{ id: "a", text: " " }];
    expect(changedPlaybook(blank, {}, [{ id: "a" }, "one"], { maxTokens: 99, next: 1 })?.items).toEqual([
      { id: "item-1", text: "one" },
    ]);
  });

  it("counts items with the names of what every object has", () => {
    const items = ["constructor", "__proto__"].map((id) => ({ id, text: id }));
    const counts = countedFor(countedFor({}, ["constructor", "__proto__"], { helpful: 1, harmful: 0 }), ["__proto__"], {
      helpful: 0,
      harmful: 2,
    });
    const delta = changedPlaybook(items, counts, items, { maxTokens: 1000, next: 1 });
    expect(Object.entries(delta?.counts ?? {})).toEqual([
      ["constructor", { helpful: 1, harmful: 0 }],
      ["__proto__", { helpful: 1, harmful: 2 }],
    ]);
    expect(changedPlaybook(items, {}, items, { maxTokens: 1000, next: 1 })?.counts.constructor).toEqual({
      helpful: 0,
      harmful: 0,
    });
  });

  it("adds up the counts of merged items, and keeps those of others", () => {
    const own = change([{ text: "both", merges: ["a", "b"] }, before[2] as JsonValue])?.counts;
    expect(own).toEqual({ "item-1": { helpful: 4, harmful: 1 }, c: { helpful: 0, harmful: 2 } });
  });

  it("removes the items that were worth the least beyond the token limit", () => {
    expect(change(before, 20)?.items.map(({ id }) => id)).toEqual(["a", "b"]);
  });
});
