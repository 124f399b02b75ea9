import { describe, expect, it } from "vitest";
import { choices, range } from "../graph/domain.ts";
import { model } from "../graph/module.ts";
import { node } from "../graph/node.ts";
import { add } from "../graph/operators.ts";
import { type Parameter, parameter } from "../graph/parameter.ts";
import { type AmbientEvent, atPosition } from "../graph/scope.ts";
import { Optimizer, type Suggestion, type SuggestionRequest } from "./optimizer.ts";

/** Suggests the entries of its script, one for each attempt. */
class Scripted extends Optimizer {
  readonly asked: SuggestionRequest[] = [];
  readonly #script: readonly Suggestion[];

  constructor(parameters: ConstructorParameters<typeof Optimizer>[0], ...script: readonly (readonly [string, unknown][])[]) {
    super(parameters);
    this.#script = script.map((values) => ({ values: new Map(values) }));
  }

  protected suggest(request: SuggestionRequest): Suggestion {
    this.asked.push(request);
    return this.#script[Math.min(request.attempt, this.#script.length - 1)] ?? { values: new Map() };
  }
}

function agent() {
  return model(
    {
      prompt: parameter("Answer {question}"),
      style: parameter("short", { domain: choices(["short", "long"]) }),
      weight: parameter(1, { domain: range(0, 5) }),
      fixed: parameter("never", { trainable: false }),
    },
    ({ prompt }, x: string) => `${prompt.value} ${x}`,
  );
}

async function eventsOf(work: () => Promise<unknown>): Promise<AmbientEvent[]> {
  const events: AmbientEvent[] = [];
  await atPosition("iteration/1", work, { emit: (event) => events.push(event) });
  return events;
}

describe("Optimizer", () => {
  it("trains what is trainable, by dotted path or by name", () => {
    expect([...new Scripted(agent()).parameters.keys()]).toEqual(["prompt", "style", "weight"]);
    const list = [parameter(1, { name: "x" }), parameter(2, { name: "x" }), parameter(3)];
    expect([...new Scripted(list).parameters.keys()]).toEqual(["x", "x_2", "parameter"]);
  });

  it("tells of a flood of names that there are not in a few words", async () => {
    const flood = Array.from({ length: 100_000 }, (_, n): [string, unknown] => [`x${n}`, n]);
    const optimizer = new Scripted(agent(), [...flood, ["style", "odd"], ["weight", 2]], []);
    const events = await eventsOf(async () => expect(await optimizer.propose()).toEqual({ weight: 2 }));
    expect(events).toHaveLength(12);
    expect(optimizer.asked[1]?.rejections.slice(-2)).toEqual([
      { name: "style", reason: expect.stringContaining("long") },
      { name: null, reason: "99990 more parts could not be used for similar reasons" },
    ]);
  });

  it("takes over values as they were checked: no rule can change one, and zero has no sign", async () => {
    const greedy = (words: string[]) => {
      if (words.length > 1) words.push("and more");
      return true;
    };
    const list = parameter(["a"], { name: "list", maxLength: 12, validate: greedy });
    const zero = parameter(1, { name: "zero" });
    const optimizer = new Scripted(
      [list as Parameter, zero as Parameter],
      [
        ["list", ["b", "c"]],
        ["zero", -0],
      ],
      [],
    );
    const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({ zero: 0 }));
    expect(events).toMatchObject([
      { type: "proposal-rejected", name: "list", reason: expect.stringContaining("not extensible") },
    ]);
    expect([list.value, Object.is(zero.value, 0)]).toEqual([["a"], true]);
  });

  it.each([
    ["no parameters", [], /found none\. Parameters are found in the fields of an agent, .*not in #private fields, in variables/],
    ["only frozen ones", [parameter(1, { name: "a", trainable: false })], /got a with `trainable: false`/],
  ])("refuses %s, and says where they have to be", (_title, parameters: Parameter[], message) => {
    expect(() => new Scripted(parameters)).toThrow(/^Expected at least one trainable parameter, /);
    expect(() => new Scripted(parameters)).toThrow(message);
  });

  it("knows which parameters no output depended on, also after a restart", async () => {
    const [read, unread] = [parameter(1, { name: "read" }), parameter(2, { name: "unread" })];
    const optimizer = new Scripted([read, unread]);
    expect([optimizer.unreadParameters, optimizer.state()]).toEqual([[], { steps: 0 }]);
    optimizer.backward(node(1), "of neither");
    expect(optimizer.unreadParameters).toEqual(["read", "unread"]);
    optimizer.backward(read, "of one");
    await optimizer.step();
    expect([optimizer.unreadParameters, optimizer.state()]).toEqual([["unread"], { steps: 1, unread: ["unread"] }]);
    const again = new Scripted([read, unread]);
    again.restore(JSON.parse(JSON.stringify(optimizer.state())));
    expect(again.unreadParameters).toEqual(["unread"]);
    again.backward(unread, "of the other");
    expect([again.unreadParameters, again.state()]).toEqual([[], { steps: 1 }]);
  });

  it("step applies the proposal; with bypassing, and by propose, nothing changes", async () => {
    const subject = agent();
    const optimizer = new Scripted(subject, [["weight", 3]]);
    expect(await optimizer.step({ bypassing: true })).toEqual({ weight: 3 });
    expect(await optimizer.propose()).toEqual({ weight: 3 });
    expect(subject.weight.value).toBe(1);
    expect(await optimizer.step()).toEqual({ weight: 3 });
    expect(subject.weight.value).toBe(3);
  });

  it.each([
    ["an unknown name", "wieght", 3, /no variable with this name; the variables are: prompt, style, weight/],
    ["__proto__", "__proto__", { polluted: true }, /no variable with this name/],
    ["a frozen parameter", "fixed", "now", /no variable with this name/],
    ["a wrong type", "weight", "3", /expected a number, got "3"/],
    ["a value outside the domain", "weight", 6, /from 0 to 5/],
    ["a choice that is none", "style", "medium", /one of \["short","long"\]/],
    ["a lost placeholder", "prompt", "Answer", /keep \{question\}/],
    ["a value that is not JSON", "weight", Number.NaN, /NaN/],
  ])("%s is asked for again with the reason, and never applied", async (_title, name, value, reason) => {
    const subject = agent();
    const good = name === "style" ? { weight: 2 } : { style: "long" };
    const optimizer = new Scripted(subject, [[name, value], ...Object.entries(good)]);
    const before = subject.candidate();
    const events = await eventsOf(async () => expect(await optimizer.step()).toEqual(good));
    expect(subject.candidate()).toEqual({ ...before, ...good });
    expect(optimizer.asked.map(({ attempt }) => attempt)).toEqual([0, 1]);
    expect(optimizer.asked[1]?.rejections).toEqual([{ name, reason: expect.stringMatching(reason) }]);
    expect(events.map(({ type }) => type)).toEqual(["proposal-rejected", "proposal-rejected", "proposal-failed"]);
    expect(events[0]).toMatchObject({ type: "proposal-rejected", position: "iteration/1/step/0", attempt: 0, name });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("a reroll that is right ends the asking", async () => {
    const subject = agent();
    const optimizer = new Scripted(subject, [["weight", 9]], [["weight", 4]]);
    expect(await optimizer.step()).toEqual({ weight: 4 });
    expect(optimizer.asked).toHaveLength(2);
  });

  it("backward collects until zeroFeedback; targets that no parameter reaches say nothing", async () => {
    const x = parameter(1, { name: "x" });
    const optimizer = new Scripted([x]);
    optimizer.backward(add(x, 1), "one");
    optimizer.backward(add(1, 1), "nobody");
    optimizer.backward([add(x, 2), add(x, 3)], [{ score: 0.5, feedback: "two" }, "three"]);
    const said = () => optimizer.graph.targets.map(({ feedback }) => feedback.feedback);
    expect(said()).toEqual(["one", "two", "three"]);
    await optimizer.step();
    expect(said()).toEqual(["one", "two", "three"]);
    optimizer.zeroFeedback();
    expect(said()).toEqual([]);
  });

  it("a step is at its label's position, by default numbered", async () => {
    const optimizer = new Scripted(agent(), []);
    await optimizer.step();
    await atPosition("iteration/7", () => optimizer.step({ label: "proposal/2" }));
    await optimizer.step();
    expect(optimizer.asked.map(({ position }) => position)).toEqual(["step/0", "iteration/7/proposal/2", "step/2"]);
  });

  it("an abort before the step is thrown unchanged", async () => {
    const optimizer = new Scripted(agent(), []);
    const reason = new Error("stop");
    await expect(optimizer.step({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(optimizer.asked).toEqual([]);
  });

  it("state and restore keep the numbering; a state of another kind is refused", async () => {
    const optimizer = new Scripted(agent(), []);
    await optimizer.step();
    const restored = new Scripted(agent(), []);
    restored.restore(JSON.parse(JSON.stringify(optimizer.state())));
    await restored.step();
    expect(restored.asked[0]?.position).toBe("step/1");
    for (const state of [null, {}, { steps: "1" }]) expect(() => restored.restore(state)).toThrow(/state of an optimizer/);
  });
});
