/**
 * User code that loses the asynchronous context: whose values are read, and whose graph the reads belong to.
 *
 * @module
 */
import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { type Model, Module, model } from "./module.ts";
import type { Node } from "./node.ts";
import { type Parameter, parameter } from "./parameter.ts";
import { type AmbientEvent, atPosition, currentPosition } from "./scope.ts";
import { text } from "./text.ts";
import { withValues } from "./with-values.ts";

type Task = () => unknown;
type Later = (task: Task) => Promise<unknown>;

const words = ["a", "b", "c", "d"];
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Ways to run functions that lose the asynchronous context, each for all rollouts of one test. */
const losing: readonly (readonly [string, () => Later])[] = [
  [
    "a queue, which begins a task when another one ends",
    () => {
      const waiting: Task[] = [];
      let isBusy = false;
      const next = async (): Promise<void> => {
        const task = isBusy ? undefined : waiting.shift();
        if (task === undefined) return;
        isBusy = true;
        await task();
        isBusy = false;
        void next();
      };
      return (task) =>
        new Promise((resolve, reject) => {
          waiting.push(() => Promise.resolve().then(tick).then(task).then(resolve, reject));
          void next();
        });
    },
  ],
  [
    "a batcher, which does all at once when the last one comes",
    () => {
      const batch: Task[] = [];
      return (task) =>
        new Promise((resolve, reject) => {
          batch.push(async () => Promise.resolve(task()).then(resolve, reject));
          if (batch.length === words.length) for (const one of batch) one();
        });
    },
  ],
  [
    "an emitter, in the context of nobody",
    () => {
      const emitter = new EventEmitter();
      const timer = setInterval(() => emitter.emit("turn"), 1);
      timer.unref();
      return (task) =>
        new Promise((resolve, reject) => {
          emitter.once("turn", () => Promise.resolve(task()).then(resolve, reject));
        });
    },
  ],
  [
    "a pool, which hands on what is given back",
    () => {
      let isFree = true;
      const waiting: (() => void)[] = [];
      return (task) =>
        new Promise((resolve, reject) => {
          const use = (): void => {
            isFree = false;
            void tick()
              .then(task)
              .then(resolve, reject)
              .then(() => {
                const first = waiting.shift();
                if (first === undefined) isFree = true;
                else first();
              });
          };
          if (isFree) use();
          else waiting.push(use);
        });
    },
  ],
];

const word = (): Parameter<string> => parameter("none");
const echo = bundle((value: string) => value, { name: "echo" });

class Part extends Module<string, string> {
  word = word();
  later: Later;
  constructor(later: Later) {
    super();
    this.later = later;
  }
  override async forward(): Promise<string> {
    return (await this.later(async () => this.word.value)) as string;
  }
}

class Agent extends Module<string, string> {
  readonly word = word();
  readonly later: Later;
  said = bundle(function (this: Agent) {
    return this.word.value;
  });
  constructor(later: Later) {
    super();
    this.later = later;
  }
  get shouted(): string {
    return this.word.value.toUpperCase();
  }
  override async forward(x: string): Promise<string> {
    return (await this.later(() => this.read(x))) as string;
  }
  read(_x: string): unknown {
    return this.word.value;
  }
}

const anyParts = (parts: Record<string, unknown>, read: (parts: never) => unknown) => (later: Later) =>
  model({ ...parts, later }, async (self, _x: string) => {
    const value = await self.later(() => read(self as never));
    return String(value);
  }) as Module<string, string>;

/** Agents that read a parameter through `later`, in the ways in which people keep parameters. */
const agents: readonly (readonly [string, (later: Later) => Module<string, string>])[] = [
  ["a field of a class", (later) => new Agent(later)],
  ["a nested module", (later) => model({ part: new Part(later) }, async ({ part }, x: string) => (await part.call(x)).value)],
  [
    "a nested module that is called in the lost context",
    (later) =>
      model({ part: new Part((task) => Promise.resolve(task())), later }, async ({ part }, x: string) => {
        return (await later(async () => (await part.call(x)).value)) as string;
      }),
  ],
  ["a list", anyParts({ words: [word()] }, ({ words }: { words: Parameter[] }) => words[0]?.value)],
  ["a frozen list", anyParts({ words: Object.freeze([word()]) }, ({ words }: { words: Parameter[] }) => words[0]?.value)],
  ["an object", anyParts({ all: { word: word() } }, ({ all }: { all: { word: Parameter } }) => all.word.value)],
  ["a Map", anyParts({ all: new Map([["w", word()]]) }, ({ all }: { all: Map<string, Parameter> }) => all.get("w")?.value)],
  ["a Set", anyParts({ all: new Set([word()]) }, ({ all }: { all: Set<Parameter> }) => [...all][0]?.value)],
  ["peek", anyParts({ word: word() }, (self: { word: Parameter }) => self.word.peek())],
  ["a template string", anyParts({ word: word() }, (self: { word: Parameter }) => `${self.word}`)],
  ["JSON", anyParts({ word: word() }, (self: { word: Parameter }) => JSON.parse(JSON.stringify(self.word)))],
  ["map", anyParts({ word: word() }, (self: { word: Parameter<string> }) => self.word.map((value) => value).value)],
  ["text", anyParts({ word: word() }, (self: { word: Parameter }) => text`${self.word}`.value)],
  ["an operation's argument", anyParts({ word: word() }, (self: { word: Parameter<string> }) => echo(self.word).value)],
  [
    "a value in an argument",
    anyParts({ word: word() }, (self: { word: Parameter }) => text`${{ w: self.word }}`.value.slice(6, -2)),
  ],
  [
    "a bundled method",
    anyParts(
      {
        word: word(),
        said: bundle(function (this: { word: Parameter }) {
          return this.word.value;
        }),
      },
      (self: { said(): Node }) => self.said().value,
    ),
  ],
  ["the candidate", anyParts({ word: word() }, (self: Model<object, string, string>) => self.candidate().word)],
];

const pathOf = (agent: Module): string => [...agent.namedParameters().keys()][0] as string;

describe.each(losing)("%s", (_, losingContext) => {
  it.each(agents)("%s has the candidate's value, on copies and on the agent itself", async (_how, make) => {
    for (const isCopy of [true, false]) {
      const agent = make(losingContext());
      const path = pathOf(agent);
      const outputs = await Promise.all(
        words.map((value) => withValues(agent, { [path]: value }, () => (isCopy ? agent.clone() : agent).call("x"))),
      );
      expect(outputs.map((output) => output.peek())).toEqual(words);
      expect(agent.candidate()).toEqual({ [path]: "none" });
    }
  });

  it("the graph of each rollout has its own reads, at their values", async () => {
    const agent = new Agent(losingContext());
    const outputs = await Promise.all(words.map((value) => withValues(agent, { word: value }, () => agent.clone().call(value))));
    for (const [index, output] of outputs.entries()) {
      const at = output.inputs.indexOf(agent.word as Parameter);
      expect([output.inputs.length, at, output.inputValue(at)]).toEqual([2, 1, words[index]]);
    }
  });

  it("operations on a parameter stand at the position of their rollout", async () => {
    const positions: string[] = [];
    const here = bundle((value: string) => {
      positions.push(`${value} ${currentPosition()}`);
      return value;
    });
    const agent = anyParts({ word: word() }, (self: { word: Parameter<string> }) => here(self.word).value)(losingContext());
    await Promise.all(
      words.map((value) => atPosition(`of ${value}`, () => withValues(agent, { word: value }, () => agent.clone().call("x")))),
    );
    expect(positions.sort()).toEqual(words.map((value) => `${value} of ${value}`));
  });

  it("is reported once, with what to do", async () => {
    const events: AmbientEvent[] = [];
    const agent = new Agent(losingContext());
    await atPosition(
      "",
      () => Promise.all(words.map((value, index) => atPosition(`${index}`, () => agent.clone().call(value)))),
      { emit: (event) => events.push(event) },
    );
    expect(events).toEqual([
      { type: "warning", message: expect.stringMatching(/^The parameter was read .*AsyncResource\.bind/) },
    ]);
  });
});

describe("a copy of an agent", () => {
  const direct: Later = async (task) => task();

  it("reads as always, and reports nothing, where the context is kept", async () => {
    const events: AmbientEvent[] = [];
    await atPosition(
      "",
      async () => {
        const agent = new Agent(direct);
        const inner = (): Promise<Node<string>> =>
          atPosition("inner", () => withValues(agent, { word: "b" }, () => copy.call("x")));
        const copy = agent.clone();
        expect((await copy.call("x")).value).toBe("none");
        expect((await inner()).value).toBe("b");
        expect(copy.word.value).toBe("none");
        expect(copy.shouted).toBe("NONE");
      },
      { emit: (event) => events.push(event) },
    );
    expect(events).toEqual([]);
  });

  it("made outside of any rollout has the very parameters", () => {
    const agent = new Agent(direct);
    expect(agent.clone().word).toBe(agent.word);
  });

  it("has handles that pass for the parameter, which the graph has itself", async () => {
    const agent = new Agent(direct);
    const copy = withValues(agent, { word: "a" }, () => agent.clone());
    const again = withValues(agent, { word: "b" }, () => copy.clone());
    expect(copy.word).not.toBe(agent.word);
    expect(copy.parameters()).toEqual([agent.word]);
    expect(copy.parameters()[0]).toBe(agent.word);
    expect(again.word).not.toBe(copy.word);
    expect(withValues(agent, { word: "c" }, () => [copy.word.value, again.word.value, again.shouted])).toEqual(["c", "c", "C"]);
    expect(echo(copy.word).inputs[0]).toBe(agent.word);
    expect(text`${[copy.word]}`.inputs[0]?.inputs[0]).toBe(agent.word);
  });

  it("that outlives its rollout reads what is bound where it is used", async () => {
    const agent = new Agent(direct);
    let kept: Agent | undefined;
    const keeping = model({ agent }, async ({ agent: own }, x: string) => {
      kept ??= own;
      return (await kept.call(x)).value;
    });
    const first = await withValues(keeping, { "agent.word": "a" }, () => keeping.clone().call("x"));
    const second = await withValues(keeping, { "agent.word": "b" }, () => keeping.clone().call("x"));
    expect([first.value, second.value]).toEqual(["a", "b"]);
    expect(kept?.word.value).toBe("none");
  });
});

it.each(losing)("%s: calls of one copy with values of their own keep them", async (_, losingContext) => {
  const agent = new Agent(losingContext());
  const outputs = await atPosition("", () => {
    const copy = agent.clone();
    return Promise.all(words.map((value) => withValues(agent, { word: value }, () => copy.call("x"))));
  });
  expect(outputs.map((output) => output.peek())).toEqual(words);
});

describe("a call on the agent itself within withValues", () => {
  it("keeps what forward changes", async () => {
    const agent = model({ word: word(), state: { all: [] as string[], word: word() }, calls: 0 }, async (self, x: string) => {
      (self as { calls: number }).calls++;
      self.state.all.push(`${self.word.value} ${self.state.word.value} ${x}`);
      return x;
    });
    await withValues(agent, { word: "a", "state.word": "b" }, () => agent.call("1"));
    await withValues(agent, { word: "c" }, () => agent.call("2"));
    expect([agent.calls, agent.state.all]).toEqual([2, ["a b 1", "c none 2"]]);
  });

  it("works with #private members, by the context alone", async () => {
    class Private extends Module<string, string> {
      readonly word = word();
      #calls = 0;
      override async forward(x: string): Promise<string> {
        return `${++this.#calls} ${this.word.value} ${x}`;
      }
    }
    const agent = new Private();
    const outputs = await Promise.all(words.map((value) => withValues(agent, { word: value }, () => agent.call("x"))));
    expect(outputs.map((output) => output.value)).toEqual(["1 a x", "2 b x", "3 c x", "4 d x"]);
  });
});

it("a read after its operation has ended is reported: nothing records it", async () => {
  const events: AmbientEvent[] = [];
  const shared = parameter("p", { name: "shared" });
  let late: Promise<unknown> | undefined;
  const agent = model({}, async (_parts, x: string) => {
    late = tick().then(() => shared.value);
    return x;
  });
  await atPosition("", async () => void (await agent.clone().call("x")), { emit: (event) => events.push(event) });
  await late;
  expect(events).toEqual([
    { type: "warning", message: expect.stringMatching(/^The parameter shared was read after .* had ended/) },
  ]);
});
