import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CheckpointError } from "../errors.ts";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { promptFile } from "./prompt-file.ts";
import { type PromptStore, promptFrom, type StoredPrompt } from "./prompt-store.ts";
import { planWriteBack, writeBack } from "./write-back.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opto-write-back-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const read = (path: string): string => readFileSync(path, "utf8");

/** Keeps its prompts in memory; a name may be made to fail. */
function memoryStore(
  prompts: Record<string, string[]>,
  fails: readonly string[] = [],
  { removes = false }: { readonly removes?: boolean } = {},
): PromptStore & { messages: string[] } {
  const latest = (name: string): StoredPrompt => ({ text: prompts[name]?.at(-1) ?? "", version: prompts[name]?.length ?? 0 });
  const messages: string[] = [];
  return {
    label: "memory",
    messages,
    read: async (name) => latest(name),
    write: async (name, text, { basedOn, message }) => {
      if (fails.includes(name)) throw new Error(`no connection for ${name}`);
      if (latest(name).version !== basedOn) throw new Error("conflict");
      messages.push(message);
      return prompts[name]?.push(text) ?? 0;
    },
    ...(removes && {
      remove: async (name: string, version: string | number) => {
        if (fails.includes(`remove ${name}`)) throw new Error("not allowed");
        prompts[name]?.splice(Number(version) - 1, 1);
      },
    }),
  };
}

describe("writeBack", () => {
  it("writes every parameter to where it comes from, and leaves those of the program", async () => {
    const prompts = { tone: ["Friendly."] };
    const yaml = file("a.yaml", "prompts:\n  - one a\n  - |\n    two\n");
    const parts = {
      system: promptFile(file("system.md", "Answer.\n")),
      first: promptFile(yaml, { at: "prompts.0" }),
      second: promptFile(yaml, { at: "prompts.1" }),
      tone: await promptFrom(memoryStore(prompts), "tone"),
      limit: parameter(3),
    };
    const agent = model(parts, () => "");
    agent.apply({ system: "Brief.", first: "one b", second: "three\nfour", tone: "Dry.", limit: 4 });
    const targets = await writeBack(agent, { check: true });
    expect(targets.map(({ changes, isSame }) => [changes.map(({ path, from, to }) => [path, from, to]), isSame])).toEqual([
      [[["system", "Answer.", "Brief."]], false],
      [
        [
          ["first", "one a", "one b"],
          ["second", "two", "three\nfour"],
        ],
        false,
      ],
      [[["tone", "Friendly.", "Dry."]], false],
    ]);
    expect(read(yaml)).toBe("prompts:\n  - one a\n  - |\n    two\n");
    await writeBack(agent);
    expect(read(join(folder, "system.md"))).toBe("Brief.\n");
    expect(read(yaml)).toBe("prompts:\n  - one b\n  - |\n    three\n    four\n");
    expect(prompts).toEqual({ tone: ["Friendly.", "Dry."] });
    expect((await writeBack(agent)).every(({ isSame }) => isSame)).toBe(true);
    // What this process has written itself is no change.
    agent.apply({ system: "Briefer.", tone: "Dry!" });
    await writeBack(agent);
    expect(read(join(folder, "system.md"))).toBe("Briefer.\n");
    expect(prompts.tone).toHaveLength(3);
    expect(readdirSync(folder).sort()).toEqual(["a.yaml", "system.md"]);
  });

  it("writes nothing when one of several files or prompts has changed, and names all that have", async () => {
    const prompts = { tone: ["Friendly."] };
    const [a, b, c] = [file("a.md", "A\n"), file("b.md", "---\nx: 1\n---\nB\n"), file("c.md", "C\n")];
    const agent = model(
      { a: promptFile(a), b: promptFile(b), c: promptFile(c), tone: await promptFrom(memoryStore(prompts), "tone") },
      () => "",
    );
    agent.apply({ a: "A2", b: "B2", tone: "Dry." });
    // Also outside the prompt: the whole file counts. One whose value is the same may change.
    writeFileSync(b, "---\nx: 2\n---\nB\n");
    writeFileSync(c, "C\n\n");
    agent.apply({ c: "C\n" });
    prompts.tone.push("Warm.");
    const refusal = await writeBack(agent).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CheckpointError);
    expect((refusal as Error).message).toMatch(/b\.md has changed since b was read from it\. Undo the change/);
    expect((refusal as Error).message).toContain("tone in memory has changed since tone was read from it: version 1 then, 2 now");
    expect((refusal as Error).message).toMatch(/\nNothing was written$/);
    expect([read(a), read(b), prompts.tone]).toEqual(["A\n", "---\nx: 2\n---\nB\n", ["Friendly.", "Warm."]]);
  });

  it("leaves the files as they are when a store fails", async () => {
    const prompts = { tone: ["Friendly."] };
    const path = file("a.md", "A\n");
    const agent = model({ a: promptFile(path), tone: await promptFrom(memoryStore(prompts, ["tone"]), "tone") }, () => "");
    agent.apply({ a: "A2", tone: "Dry." });
    await expect(writeBack(agent)).rejects.toThrow("Could not write tone in memory: Error: no connection for tone");
    expect(read(path)).toBe("A\n");
    expect(readdirSync(folder)).toEqual(["a.md"]);
  });

  it.each([
    {
      name: "a store that removes versions has nothing of it",
      store: { fails: ["b"], removes: true },
      message: "Written before that, and removed again: a in memory\nNothing else was written",
      left: ["A"],
    },
    {
      name: "a store that cannot remove versions has the first, and the error says which",
      store: { fails: ["b"], removes: false },
      message: "Written before that, and still there: a in memory (version 2)",
      left: ["A", "A2"],
    },
    {
      name: "a version that could not be removed is named",
      store: { fails: ["b", "remove a"], removes: true },
      message: "Written before that, and still there: a in memory (version 2), which could not be removed: Error: not allowed",
      left: ["A", "A2"],
    },
  ])("when the second prompt of a store fails, $name", async ({ store: { fails, removes }, message, left }) => {
    const prompts = { a: ["A"], b: ["B"] };
    const store = memoryStore(prompts, fails, { removes });
    const path = file("c.md", "C\n");
    const agent = model({ a: await promptFrom(store, "a"), b: await promptFrom(store, "b"), c: promptFile(path) }, () => "");
    agent.apply({ a: "A2", b: "B2", c: "C2" });
    const refusal = await writeBack(agent).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CheckpointError);
    expect((refusal as Error).message).toContain("Could not write b in memory: Error: no connection for b");
    expect((refusal as Error).message).toContain(message);
    expect([prompts, read(path), readdirSync(folder)]).toEqual([{ a: left, b: ["B"] }, "C\n", ["c.md"]]);
    // The same again succeeds once the store does.
    fails.length = 0;
    await writeBack(agent);
    expect([prompts.a.at(-1), prompts.b, read(path)]).toEqual(["A2", ["B", "B2"], "C2\n"]);
    expect(prompts.a).toHaveLength(2);
  });

  it("reads every prompt again before it writes the first", async () => {
    const prompts = { a: ["A"], b: ["B"] };
    const store = memoryStore(prompts);
    const agent = model({ a: await promptFrom(store, "a"), b: await promptFrom(store, "b") }, () => "");
    const values = [...agent.namedParameters()].map(([path, { origin }]) => {
      if (origin === undefined) throw new Error("no origin");
      return { path, origin, value: `${path}2`, since: [origin.record] };
    });
    const plan = await planWriteBack(values, folder);
    prompts.b.push("By hand");
    await expect(plan.write("why")).rejects.toThrow("b in memory has changed: version 1 was expected, and it is 2");
    expect(prompts.a).toEqual(["A"]);
  });

  it("keeps the mode of a file and the link that leads to it", async () => {
    const path = file("a.txt", "Answer.\n");
    chmodSync(path, 0o640);
    symlinkSync(path, join(folder, "link.txt"));
    const prompt = promptFile(join(folder, "link.txt"));
    prompt.set("Brief.");
    await writeBack([prompt]);
    expect([read(path), statSync(path).mode & 0o777]).toEqual(["Brief.\n", 0o640]);
    expect(lstatSync(join(folder, "link.txt")).isSymbolicLink()).toBe(true);
  });

  it("refuses two values for one text", async () => {
    const path = file("a.txt", "Answer.\n");
    symlinkSync(path, join(folder, "link.txt"));
    const agent = model({ a: promptFile(path), b: promptFile(join(folder, "link.txt")) }, () => "");
    agent.apply({ a: "Brief." });
    await expect(writeBack(agent)).rejects.toThrow(/has one text for several parameters, whose values differ: a, b/);
    agent.apply({ b: "Brief." });
    await writeBack(agent);
    expect(read(path)).toBe("Brief.\n");
  });

  it("refuses a file that no longer has the text, and one that is gone", async () => {
    const path = file("a.json", '{"p": "one"}');
    const prompt = promptFile(path, { at: "p" });
    prompt.set("two");
    writeFileSync(path, '{"q": "one"}');
    await expect(writeBack([prompt])).rejects.toThrow(/cannot go back to .*a\.json: it has nothing at "p"/);
    rmSync(path);
    await expect(writeBack([prompt])).rejects.toThrow("There is no file");
  });

  it.skipIf(process.getuid?.() === 0)("refuses a file that may not be written", async () => {
    const path = file("a.txt", "Answer.\n");
    chmodSync(path, 0o444);
    const prompt = promptFile(path);
    prompt.set("Brief.");
    await expect(writeBack([prompt])).rejects.toThrow("permission was denied. Make it writable");
  });
});

describe("planWriteBack", () => {
  it("takes the text at the start as proof where no state was kept", async () => {
    const path = file("a.txt", "Answer.\n");
    const { origin } = promptFile(path);
    if (origin === undefined) throw new Error("no origin");
    const value = { path: "prompt", origin, value: "Brief.", since: [] };
    await expect(planWriteBack([{ ...value, start: "Other." }], folder)).rejects.toThrow(
      "a.txt has changed since prompt was read",
    );
    const plan = await planWriteBack([{ ...value, start: "Answer." }], folder);
    expect(plan.targets[0]?.label).toBe("a.txt");
    const states = await plan.write("why");
    expect(states.prompt).toMatchObject({ kind: "file", sha256: expect.not.stringMatching(String(origin.record.sha256)) });
  });

  it("does not replace a file that changes while it is being written", async () => {
    const path = file("a.txt", "Answer.\n");
    const { origin } = promptFile(path);
    if (origin === undefined) throw new Error("no origin");
    const plan = await planWriteBack([{ path: "prompt", origin, value: "Brief.", since: [origin.record] }], folder);
    writeFileSync(path, "Edited.\n");
    await expect(plan.write("why")).rejects.toThrow("a.txt is being changed by another program, so it is left as it is");
    expect(read(path)).toBe("Edited.\n");
  });

  it("passes the reason on to stores", async () => {
    const prompts = { tone: ["Friendly."] };
    const store = memoryStore(prompts);
    const { origin } = await promptFrom(store, "tone", { description: "tone of voice" });
    if (origin === undefined) throw new Error("no origin");
    const plan = await planWriteBack([{ path: "tone", origin, value: "Dry.", since: [origin.record] }], folder);
    expect(await plan.write("why")).toEqual({ tone: { kind: "store", store: "memory", name: "tone", version: 2 } });
    expect(store.messages).toEqual(["why"]);
  });
});
