import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileProgram } from "../../scripts/compile-program.ts";
import { CheckpointError, GraphError } from "../errors.ts";
import { range } from "./domain.ts";
import { Module, model } from "./module.ts";
import { parameter } from "./parameter.ts";
import { withValues } from "./with-values.ts";

class Client {
  readonly self = this;
  readonly handle = (): void => undefined;
}

class Agent extends Module<string, string> {
  readonly prompt = parameter("first");
  readonly weight = parameter(0.5, { domain: range(0, 1), trainable: false });
  readonly examples = parameter([{ q: "a", a: null as string | null }]);
  readonly parts = { inner: model({ words: parameter(["x"]) }, (_, x: string) => x) };
  readonly client = new Client();
  history: string[] = [];
  override forward(question: string): string {
    return question;
  }
}

const changed = {
  prompt: "second “quoted” \n{x}\u2028",
  weight: 1,
  examples: [
    { q: "b", a: "c" },
    { q: "__proto__", a: null },
  ],
  "parts.inner.words": [],
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-save-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a file of an older version of the agent", () => {
  const grown = () =>
    model({ prompt: parameter("first"), tone: parameter("kind"), size: parameter(1, { domain: range(0, 9) }) }, () => 0);
  const saved = async (parts: Parameters<typeof model>[0]): Promise<string> => {
    const path = join(folder, "older.json");
    await model(parts, () => 0).save(path);
    return path;
  };

  it("is refused when the agent has grown a parameter, with the option that takes what fits", async () => {
    const path = await saved({ prompt: parameter("learned"), size: parameter(2) });
    const agent = grown();
    await expect(agent.load(path)).rejects.toThrow(
      /has no value for tone; it was saved from an older version of the agent, .*`load\(path, \{ partial: true \}\)` takes the values that fit/,
    );
    expect(agent.prompt.value).toBe("first");
    expect(await agent.load(path, { partial: true })).toBe(agent);
    expect(agent.candidate()).toEqual({ prompt: "learned", tone: "kind", size: 2 });
  });

  it("needs no value for a parameter with an origin, and takes one that it has", async () => {
    const parts = () => ({ prompt: parameter("in a file", { origin: { record: { kind: "file" } } }), size: parameter(1) });
    const [agent, whole] = [model(parts(), () => 0), model(parts(), () => 0)];
    await agent.load(await saved({ size: parameter(2) }));
    expect(agent.candidate()).toEqual({ prompt: "in a file", size: 2 });
    await whole.load(await saved({ prompt: parameter("learned"), size: parameter(3) }));
    expect(whole.candidate()).toEqual({ prompt: "learned", size: 3 });
    expect(() => parameter("a", { origin: {} as never })).toThrow("Expected `origin` to be an origin, got");
  });

  it("gives what fits; what does not is named in a process warning", async () => {
    const path = await saved({ prompt: parameter("learned"), size: parameter(10), gone: parameter(1) });
    const agent = grown();
    await expect(agent.load(path)).rejects.toThrow(/partial: true/);
    const warned = once(process, "warning");
    await agent.load(path, { partial: true });
    expect(agent.candidate()).toEqual({ prompt: "learned", tone: "kind", size: 1 });
    const [{ name, message }] = (await warned) as [Error];
    expect([name, message]).toEqual([
      "OptoWarning",
      expect.stringMatching(
        /^Values that do not fit were not loaded: size \(.*0 to 9.*\), gone \(the agent has no such parameter\)$/,
      ),
    ]);
  });

  it("must still be a file of an agent, and the option a known one", async () => {
    const path = join(folder, "none.json");
    await writeFile(path, "{}");
    await expect(grown().load(path, { partial: true })).rejects.toThrow(CheckpointError);
    await expect(grown().load(path, { partiel: true } as never)).rejects.toThrow(/`partiel`.*did you mean `partial`/);
  });
});

describe("save and load", () => {
  it("bring the values back, and nothing else", async () => {
    const path = join(folder, "new", "folder", "agent.json");
    const agent = new Agent();
    agent.apply(changed);
    agent.history.push("not saved");
    await agent.save(path);
    const other = new Agent();
    const { prompt } = other;
    expect(await other.load(path)).toBe(other);
    expect(other.candidate()).toEqual(changed);
    expect(other.prompt).toBe(prompt);
    expect(other.history).toEqual([]);
    expect(await readdir(join(folder, "new", "folder"))).toEqual(["agent.json"]);
  });

  it("write readable JSON, the same for the same values", async () => {
    const path = join(folder, "readable.json");
    const agent = model({ prompt: parameter("Be brief."), rules: [parameter({ weight: 1 })] }, () => 0);
    await agent.save(path);
    const text = await readFile(path, "utf8");
    expect(text).toBe(
      [
        "{",
        '  "format": "opto-agent",',
        '  "version": 1,',
        '  "parameters": {',
        '    "prompt": "Be brief.",',
        '    "rules.0": {',
        '      "weight": 1',
        "    }",
        "  }",
        "}",
        "",
      ].join("\n"),
    );
    await agent.save(path);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("save the values that hold here and now", async () => {
    const path = join(folder, "bound.json");
    const agent = new Agent();
    await withValues(agent, { prompt: "bound" }, () => agent.save(path));
    expect((await new Agent().load(path)).prompt.value).toBe("bound");
    expect(agent.prompt.value).toBe("first");
  });

  it("do not load where the values are bound", async () => {
    const path = join(folder, "bound-load.json");
    const agent = new Agent();
    await agent.save(path);
    await expect(withValues(agent, { prompt: "bound" }, () => agent.load(path))).rejects.toBeInstanceOf(GraphError);
  });

  it("keep a file that was there when a save fails", async () => {
    const path = join(folder, "kept.json");
    await new Agent().save(path);
    const before = await readFile(path, "utf8");
    const broken = model({ p: parameter(1) }, () => 0);
    broken.candidate = () => ({ toJSON: () => JSON.parse("{") as never }) as never;
    await expect(broken.save(path)).rejects.toBeInstanceOf(SyntaxError);
    expect(await readFile(path, "utf8")).toBe(before);
  });

  it("many at once leave one of them, whole", async () => {
    const path = join(folder, "race.json");
    const agents = Array.from({ length: 20 }, (_, index) => {
      const agent = new Agent();
      agent.apply({ prompt: String(index).repeat(20_000) });
      return agent;
    });
    await Promise.all(agents.map((agent) => agent.save(path)));
    const loaded = await new Agent().load(path);
    expect(agents.map((agent) => agent.prompt.value)).toContain(loaded.prompt.value);
    expect((await readdir(folder)).filter((name) => name.startsWith("race"))).toEqual(["race.json"]);
  });
});

describe("load refuses", () => {
  const good = { format: "opto-agent", version: 1, parameters: new Agent().candidate() };
  const text = JSON.stringify(good);

  it.each<[string, string | undefined, RegExp]>([
    ["a missing file", undefined, /Could not read .*ENOENT/],
    ["an empty file", "", /not complete JSON \(0 characters/],
    ["a truncated file", text.slice(0, -30), /not complete JSON \(\d+ characters, ending in ".*"\)/],
    ["text", "prompt: x", /not complete JSON/],
    ["a list", "[1]", /does not hold the parameters of an agent/],
    ["null", "null", /does not hold the parameters/],
    ["another kind", JSON.stringify({ ...good, format: "opto-graph" }), /expected "format": "opto-agent"/],
    ["a file without parameters", JSON.stringify({ format: "opto-agent", version: 1 }), /does not hold the parameters/],
    ["parameters that are a list", JSON.stringify({ ...good, parameters: [] }), /does not hold the parameters/],
    ["a newer version", JSON.stringify({ ...good, version: 2 }), /has version 2; this program reads versions up to 1/],
    ["no version", JSON.stringify({ ...good, version: "1" }), /has version 1/],
    [
      "missing names",
      JSON.stringify({ ...good, parameters: { prompt: "x", weight: 1 } }),
      /no value for examples, parts\.inner\.words/,
    ],
    ["unknown names", JSON.stringify({ ...good, parameters: { ...good.parameters, tone: 1 } }), /no parameter "tone"/],
    ["a hostile name", text.replace('"prompt"', '"__proto__":1,"prompt"'), /no parameter "__proto__"/],
    [
      "a value that breaks a rule",
      JSON.stringify({ ...good, parameters: { ...good.parameters, weight: 7 } }),
      /from 0 to 1, got 7/,
    ],
    [
      "a value of another type",
      JSON.stringify({ ...good, parameters: { ...good.parameters, prompt: ["x"] } }),
      /"prompt" cannot take this value: expected a string/,
    ],
  ])("%s, and changes nothing", async (name, content, message) => {
    const path = join(folder, `${name.replaceAll(" ", "-")}.json`);
    if (content !== undefined) await writeFile(path, content);
    const agent = new Agent();
    agent.apply(changed);
    const error = await agent.load(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(path);
    expect(agent.candidate()).toEqual(changed);
  });

  it("a folder", async () => {
    await expect(new Agent().load(folder)).rejects.toBeInstanceOf(CheckpointError);
  });
});

describe("a program that is killed while it saves", () => {
  const program = compileProgram(new URL("./__fixtures__/save-forever.ts", import.meta.url).pathname);

  it("leaves the old version or the new one, and at no moment anything else", async () => {
    const path = join(folder, "killed.json");
    const agent = model({ version: parameter(0), padding: parameter("") }, () => 0);
    const loadWhole = async (): Promise<number> => {
      await agent.load(path);
      expect(agent.padding.value).toBe(String(agent.version.value).repeat(2_000_000));
      return agent.version.value;
    };
    for (let kills = 0; kills < 3; kills++) {
      const child = spawn(process.execPath, [program, path], { stdio: ["ignore", "pipe", "inherit"] });
      const lines = createInterface({ input: child.stdout });
      const ended = Promise.all([once(child, "close"), once(lines, "close")]);
      let last = -1;
      const started = new Promise<void>((resolve) =>
        lines.on("line", (line) => {
          last = Number(line);
          if (last === 1) resolve();
        }),
      );
      await started;
      // What a reader finds at some moment is what a crash at that moment would have left.
      try {
        for (let reads = 0; reads < 25; reads++) await loadWhole();
      } finally {
        child.kill("SIGKILL");
        await ended;
      }
      const version = await loadWhole();
      expect(child.signalCode).toBe("SIGKILL");
      expect([last - 1, last]).toContain(version);
    }
  });
});
