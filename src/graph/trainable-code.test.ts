import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { CodeError } from "../code/code-error.ts";
import { loadSandbox } from "../code/sandbox.ts";
import { CheckpointError, InvalidArgumentError, StopError } from "../errors.ts";
import { backward } from "./backward.ts";
import { bundle } from "./bundle.ts";
import { ExecutionError } from "./execution-error.ts";
import { Module, model } from "./module.ts";
import { isNode, node } from "./node.ts";
import { parameter } from "./parameter.ts";
import { atPosition } from "./scope.ts";
import { withValues } from "./with-values.ts";

beforeAll(loadSandbox);

const makeSort = () =>
  bundle(
    function sortList(items: readonly number[]): readonly number[] {
      return items;
    },
    { trainable: true, description: "Sorts numbers ascending." },
  );
const sorts = "function sortList(items: readonly number[]): number[] {\n  return items.toSorted((a, b) => a - b);\n}";
const fails = "function sortList(items) {\n  const first = items[0];\n  return first.missing.more;\n}";

function failureOf(run: () => unknown): ExecutionError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ExecutionError);
    return error as ExecutionError;
  }
  throw new Error("Expected a failure");
}

describe("a trainable function", () => {
  it("has its source as a parameter, as its author wrote it", () => {
    const { parameter: code, operation } = makeSort();
    expect(code.value).toBe("function sortList(items: readonly number[]): readonly number[] {\n  return items;\n}");
    expect(code).toMatchObject({ name: "sortList", description: "Sorts numbers ascending.", trainable: true, placeholders: [] });
    expect(operation).toEqual({ name: "sortList", description: "Sorts numbers ascending." });
  });

  it("runs itself as long as that is the value, and else the value", () => {
    let calls = 0;
    const count = (n: number): number => {
      calls += n;
      return calls;
    };
    const counting = bundle((n: number) => count(n), { name: "counting", trainable: true, tools: { count } });
    expect(counting(1).value).toBe(1);
    const original = counting.parameter.value;
    counting.parameter.set("const counting = (n) => 100 + count(n);");
    expect(counting(1).value).toBe(102);
    counting.parameter.set(`${original}  \n`);
    expect(counting(1).value).toBe(3);
  });

  it("is the value also when only blanks at ends of lines differ, but not inside of templates", () => {
    const plain = bundle((x: number) => x + 1, { name: "plain", trainable: true });
    const { value } = plain.parameter;
    expect(plain.parameter.isOriginal(`${value}  \r\n`)).toBe(true);
    expect(plain.parameter.isOriginal(`${value}${" ".repeat(90_000)};`)).toBe(false);
    const banner = bundle(
      (x: string) => `${x}
end`,
      { name: "banner", trainable: true },
    );
    banner.parameter.set(banner.parameter.value.replace("\nend", "  \nend"));
    expect(banner("a").value).toBe("a  \nend");
  });

  it("has the arguments and the code as inputs of every call", () => {
    const sortList = makeSort();
    const given = node([2, 1]);
    for (const text of [sortList.parameter.value, sorts]) {
      sortList.parameter.set(text);
      const result = sortList(given);
      expect(result.inputs.map(({ id }) => id)).toEqual([given.id, sortList.parameter.id]);
      expect(result.inputNames).toEqual(["items", "code"]);
      expect(result.name).toBe("sortList");
      expect(backward(result, "fb").get(sortList.parameter)?.valueOf(sortList.parameter)).toBe(text);
    }
    expect(sortList(given).value).toEqual([1, 2]);
  });

  it("takes a value for one call by withValues, also many at once", async () => {
    const agent = model({ sortList: makeSort() }, async ({ sortList }, x: number[]) => sortList(x));
    const values = [sorts, sorts.replace("a - b", "b - a")].map((sortList) => ({ sortList }));
    const outputs = await Promise.all(values.map((candidate) => withValues(agent, candidate, () => agent.call([1, 3, 2]))));
    expect(outputs.map(({ value }) => value)).toEqual([
      [1, 2, 3],
      [3, 2, 1],
    ]);
    expect((await agent.call([1, 3, 2])).value).toEqual([1, 3, 2]);
  });

  it("refuses values that break a rule, with the line", () => {
    const { parameter: code } = makeSort();
    expect(() => code.set("function sortList(list) { return list; }")).toThrow(
      /line 1: expected the parameters \(items\), got \(list\)/,
    );
    expect(() => code.set("function sortList(items) {\n  return process.exit();\n}")).toThrow(/line 2: expected no `process`/);
    expect(code.problems(1)).toEqual(["expected a string, got 1 (number)"]);
    expect(code.value).toContain("return items;");
  });

  it("stays sync or async", async () => {
    const sortList = makeSort();
    expect(isNode(sortList([1]))).toBe(true);
    const search = async (query: string): Promise<string> => `found ${query}`;
    const answer = bundle(async (query: string) => search(query), { name: "answer", trainable: true, tools: { search } });
    answer.parameter.set("const answer = async (query) => (await search(query)).toUpperCase();");
    const pending = answer("x");
    expect(pending).toBeInstanceOf(Promise);
    expect((await pending).value).toBe("FOUND X");
    answer.parameter.set("const answer = (query) => query + '?';");
    expect((await answer("x")).value).toBe("x?");
  });

  it("lists what a generator yields", () => {
    const count = bundle(
      function* count(to: number) {
        for (let i = 0; i < to; i++) yield i;
      },
      { trainable: true },
    );
    expect(count(2).value).toEqual([0, 1]);
    count.parameter.set("function* count(to) { yield* [to, to]; }");
    expect(count(2).value).toEqual([2, 2]);
  });

  it("may call itself by its name", () => {
    const sum = bundle(
      function sum(n: number): number {
        return n === 0 ? 0 : n + sum(n - 1);
      },
      { trainable: true },
    );
    expect(sum(10).value).toBe(55);
    sum.parameter.set("function sum(n) { return n === 0 ? 0 : n + sum(n - 1); }\n// new");
    expect([sum(10).value, sum(10).inputs.length]).toEqual([55, 2]);
  });
});

describe("tools", () => {
  it("that are bundled give their values, and are inputs", () => {
    const rate = parameter(2, { name: "rate" });
    const scale = bundle((x: number) => x * rate.value, { name: "scale" });
    const twice = bundle((x: number) => scale(x).value, { name: "twice", trainable: true, tools: { scale } });
    twice.parameter.set("const twice = (x) => scale(x) + scale(x);");
    const result = twice(node(3));
    expect(result.value).toBe(12);
    expect(result.inputNames).toEqual(["x", "code", "scale", "scale"]);
    expect(backward(result, "fb").has(rate)).toBe(true);
  });

  it("that fail are the cause", () => {
    const strict = bundle(
      (x: number): number => {
        throw new RangeError(`no ${x}`);
      },
      { name: "strict" },
    );
    const calling = bundle((x: number) => strict(x).value, { name: "calling", trainable: true, tools: { strict } });
    calling.parameter.set("const calling = (x) => {\n  return strict(x);\n};");
    const error = failureOf(() => calling(node(1)));
    expect(error.exceptionNode.value).toBe("(ExecutionError) strict: (RangeError) no 1");
    expect(error.exceptionNode.inputs.map(({ kind }) => kind)).toEqual(["constant", "parameter", "exception"]);
    expect(error.createFeedback()).toContain("return strict(x);  <-- (ExecutionError) strict: (RangeError) no 1");
  });

  it("whose infrastructure fails pass that on, unscored", async () => {
    const stop = new StopError("budget", "spent");
    const ask = async (): Promise<number> => {
      throw stop;
    };
    const asking = bundle(async () => ask(), { name: "asking", trainable: true, tools: { ask } });
    await expect(asking()).rejects.toBe(stop);
    asking.parameter.set("const asking = async () => { try { return await ask(); } catch { return 0; } };");
    await expect(asking()).rejects.toBe(stop);
  });
});

describe("failures of code", () => {
  it("are exception nodes, with the line marked for the optimizer", () => {
    const sortList = makeSort();
    sortList.parameter.set(fails);
    const error = failureOf(() => sortList(node([1])));
    expect(error.cause).toBeInstanceOf(CodeError);
    expect(error.exceptionNode).toMatchObject({ kind: "exception", name: "exception_sortList", inputNames: ["items", "code"] });
    expect(error.createFeedback()).toBe(`(TypeError) cannot read property 'more' of undefined
Raised in sortList.

function sortList(items) {
  const first = items[0];
  return first.missing.more;  <-- (TypeError) cannot read property 'more' of undefined
}`);
    expect(backward(error.exceptionNode, error.createFeedback()).has(sortList.parameter)).toBe(true);
  });

  it("tell which operations they passed through", () => {
    const sortList = makeSort();
    sortList.parameter.set(fails);
    const outer = bundle((x: number[]) => sortList(x).value, { name: "outer" });
    expect(failureOf(() => outer([1])).createFeedback()).toContain("Raised in sortList, called by outer.\n\nfunction sortList");
  });

  it("come as they are with catch: false", () => {
    const raw = bundle((x: number) => x, { name: "raw", trainable: true, catch: false });
    raw.parameter.set("const raw = (x) => x.y.z;");
    expect(() => raw(1)).toThrow(CodeError);
  });

  it("of the first version are those of the program itself", () => {
    const own = bundle((x: { y?: { z: number } }) => (x.y as { z: number }).z, { name: "own", trainable: true });
    const error = failureOf(() => own({}));
    expect([error.exceptionNode.value, error.createFeedback()]).toEqual([
      expect.stringMatching(/^\(TypeError\) /),
      expect.stringMatching(/\nRaised in own\.$/),
    ]);
  });

  it("an argument that is no plain data is refused from the first version on", () => {
    const day = bundle((date: unknown) => String(date), { name: "day", trainable: true });
    expect(failureOf(() => day(new Date(0))).exceptionNode.value).toBe(
      "(TypeError) date is an instance of Date; a trainable function takes plain data only",
    );
  });

  it("an abort of the run ends a call with its reason, unchanged", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const wait = (): Promise<void> => new Promise(() => undefined);
    const waiting = bundle(async () => wait(), { name: "waiting", trainable: true, tools: { wait } });
    waiting.parameter.set("const waiting = async () => { await wait(); };");
    const pending = atPosition("here", () => waiting(), { signal: controller.signal });
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });
});

describe("what cannot be trained is refused at once", () => {
  const outside = 3;
  it.each<[title: string, make: () => unknown, message: RegExp]>([
    [
      "a free name",
      () => bundle((x: number) => x + outside, { name: "f", trainable: true }),
      /line 1: expected no `outside`.*tools: \{ … \}/,
    ],
    [
      "this",
      () =>
        bundle(
          function f(this: { x: number }) {
            return this.x;
          },
          { trainable: true },
        ),
      /expected no `this`/,
    ],
    [
      "an answer that is neither yes nor no",
      () => bundle((x: number) => x, { name: "f", trainable: "yes" as never }),
      /`trainable` to be true or false, got "yes"/,
    ],
    ["a native function", () => bundle(Math.max, { trainable: true }), /its own source code/],
    ["a bound function", () => bundle(((x: number) => x).bind(null), { trainable: true }), /its own source code/],
    [
      "a tool under no name",
      () => bundle((x: number) => x, { name: "f", trainable: true, tools: { "a-b": 1 } }),
      /"a-b".*|name of a tool/,
    ],
    [
      "a tool under a word of the language",
      () => bundle((x: number) => x, { name: "f", trainable: true, tools: { class: 1 } }),
      /name of a tool/,
    ],
    [
      "a tool that is no data",
      () => bundle((x: number) => x, { name: "f", trainable: true, tools: { m: new Map() } }),
      /m is an instance of Map/,
    ],
    [
      "tools that are none",
      () => bundle((x: number) => x, { name: "f", trainable: true, tools: [1] as never }),
      /Expected tools to be an object/,
    ],
    [
      "an unknown limit",
      () => bundle((x: number) => x, { name: "f", trainable: true, limits: { step: 1 } as never }),
      /`step`.*did you mean `steps`/,
    ],
    [
      "tools of a function that is not trained",
      () => bundle((x: number) => x, { tools: {} }),
      /`tools` is only for `trainable: true`/,
    ],
    ["limits of one", () => bundle((x: number) => x, { limits: {} }), /`limits` is only for `trainable: true`/],
  ])("%s", (_title, make, message) => {
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });
});

describe("in an agent", () => {
  class Agent extends Module<number[], readonly number[]> {
    readonly prompt = parameter("x");
    readonly sortList = makeSort();
    readonly inner = { list: [bundle((n: number) => n, { name: "same", trainable: true })] };
    override forward(x: number[]) {
      return this.sortList(x);
    }
  }

  it("code is found in fields, by dotted path, and can be set as a candidate", async () => {
    const agent = new Agent();
    expect([...agent.namedParameters().keys()]).toEqual(["prompt", "sortList", "inner.list.0"]);
    agent.apply({ sortList: sorts });
    expect((await agent.clone().call([2, 1])).value).toEqual([1, 2]);
    expect(agent.clone().sortList).toBe(agent.sortList);
    expect(() => agent.apply({ prompt: "y", sortList: "nonsense" })).toThrow(
      /"sortList" cannot take this value: expected a declaration of `function sortList/,
    );
    expect(agent.candidate()).toMatchObject({ prompt: "x", sortList: sorts });
  });

  it("two agents have code of their own", () => {
    const [one, other] = [new Agent(), new Agent()];
    one.sortList.parameter.set(sorts);
    expect([one.sortList([2, 1]).value, other.sortList([2, 1]).value]).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  it("code is saved and loaded, and checked on the way", async () => {
    const folder = await mkdtemp(join(tmpdir(), "opto-code-"));
    try {
      const file = join(folder, "agent.json");
      const agent = new Agent();
      agent.apply({ sortList: sorts });
      await agent.save(file);
      expect((await (await new Agent().load(file)).call([2, 1])).value).toEqual([1, 2]);
      const { writeFile } = await import("node:fs/promises");
      await writeFile(file, (await readFile(file, "utf8")).replace("items.toSorted", "process.exit"));
      await expect(new Agent().load(file)).rejects.toThrow(CheckpointError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("code is exported as a file of TypeScript", () => {
    const agent = new Agent();
    agent.apply({ sortList: sorts });
    const file = agent.exportCode();
    expect(file).toContain(
      "// sortList: Sorts numbers ascending.\nexport function sortList(items: readonly number[]): number[] {",
    );
    expect(file).toContain("export const same = (n: number) => n;");
    expect(file).not.toContain("bundle");
  });
});

describe("the parameters of a function that a bundler has renamed", () => {
  const gross = (params: readonly string[]) =>
    bundle((e: readonly number[], { rate: t }: { readonly rate: number }, ...n: number[]) => e.length * t + n.length, {
      name: "gross",
      trainable: true,
      params,
    });
  const learned = `function gross(prices: number[], { rate }: { rate: number }, ...more: number[]): number {
  return prices.reduce((sum, price) => sum + price, 0) * rate + more.length;
}`;

  it("are those that are written down", () => {
    const fn = gross(["prices", "{ rate }", "...more"]);
    const own = fn.parameter.value;
    expect(fn.parameter.problems(own)).toEqual([]);
    expect(fn.parameter.problems(learned)).toEqual([]);
    expect(fn.parameter.problems(learned.replace("prices: number[]", "costs: number[]"))[0]).toContain(
      "expected the parameters (prices, {rate}, ...more), got (costs, {rate}, ...more)",
    );
    expect(fn([1, 2], { rate: 3 }, 0, 0).value).toBe(8);
    fn.parameter.set(learned);
    expect(fn([1, 2], { rate: 3 }, 0, 0).value).toBe(11);
    fn.parameter.set(own);
    expect(fn([1, 2], { rate: 3 }).value).toBe(6);
  });

  it.each<[string, unknown]>([
    ["fewer than there are", ["prices", "{ rate }"]],
    ["more than there are", ["prices", "{ rate }", "...more", "last"]],
    ["a name in place of an object", ["prices", "options", "...more"]],
    ["no rest", ["prices", "{ rate }", "more"]],
    ["what is no parameter", ["prices", "{ rate", "...more"]],
    ["no list", "prices"],
  ])("are refused when they are %s", (_, params) => {
    expect(() => gross(params as string[])).toThrow(InvalidArgumentError);
    expect(() => gross(params as string[])).toThrow(
      /Expected `params` to be the parameters of gross as written in the source, like \["e","\{rate: t\}","\.\.\.n"\], got/,
    );
  });

  it("are refused for a function that is not trained", () => {
    expect(() => bundle((x: number) => x, { params: ["x"] })).toThrow("`params` is only for `trainable: true`");
  });

  it("say what to do when learned code does not fit", async () => {
    const folder = await mkdtemp(join(tmpdir(), "opto-renamed-"));
    try {
      const file = join(folder, "agent.json");
      const agent = (name: string, params: readonly string[]) =>
        model({ gross: bundle((e: number) => e, { name, trainable: true, params }) }, ({ gross }, x: number) => gross(x));
      await agent("gross", ["price"]).save(file);
      await expect(agent("t", ["n"]).load(file)).rejects.toThrow(
        /saved from another agent: .*If a bundler has renamed it, build with source maps.*bundle\(fn, \{ trainable: true, name: "…", params: \["…"\] \}\)/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
