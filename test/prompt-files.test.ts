/**
 * Prompts in files by way of the program `opto`: trained, written back to where they came from, and refused when that has changed.
 *
 * @module
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CliProjects, nobody, opto, runsAsNobody } from "./support/cli-project.ts";

const projects = new CliProjects();
const copies = mkdtempSync(join(tmpdir(), "opto-prompt-copies-"));
afterAll(() => {
  projects.remove();
  rmSync(copies, { recursive: true, force: true });
});

/** The model looks things up only when it is instructed to, and the optimizer writes that into both prompts. */
const config = `
  import { defineConfig, generate, Module, OptoPrime, parameter, promptFile } from "opto";
  import { scriptedModel } from "opto/testing";
  const model = scriptedModel(({ system, prompt }) => {
    if (!prompt.includes("# Variables")) return system.includes("Look up") && system.includes("Warmly") ? "3 left" : "no idea";
    return '<variable name="system">Look up the stock.\\n\\nThen answer {topic}.</variable><variable name="tone">Warmly,\\nyours</variable>';
  });
  class Support extends Module<string, string> {
    system = promptFile("prompts/support.md");
    tone = promptFile("promptfooconfig.yaml", { at: "prompts.0.raw" });
    places = parameter(2, { trainable: false });
    async forward(question: string) {
      return generate({ model, system: this.system.value + this.tone.value, prompt: question });
    }
  }
  export default defineConfig({
    agent: () => new Support(),
    trainDataset: ["Lamps", "Chairs", "Tables", "Shelves"].map((input) => ({ input, info: "3 left" })),
    guide: (_question, answer, expected) => (answer === expected ? 1 : { score: 0, feedback: "Look it up, warmly." }),
    optimizer: (agent) => new OptoPrime(agent, { model }),
    batchSize: 2,
    numEpochs: 2,
  });
`;
const files = {
  "opto.config.ts": config,
  "prompts/support.md": "\uFEFF---\r\nmodel: m\r\n---\r\n\r\nAnswer {topic}.\r\n",
  "promptfooconfig.yaml": "# tone\nprompts:\n  - raw: | # kept\n      Politely.\n\n    label: a\ntests: [ 1,2 ]",
};
const applied = {
  "prompts/support.md": "\uFEFF---\r\nmodel: m\r\n---\r\n\r\nLook up the stock.\r\n\r\nThen answer {topic}.\r\n",
  "promptfooconfig.yaml": "# tone\nprompts:\n  - raw: | # kept\n      Warmly,\n      yours\n\n    label: a\ntests: [ 1,2 ]",
};
const names = Object.keys(applied) as (keyof typeof applied)[];
const contents = (folder: string): object =>
  Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
const before = Object.fromEntries(names.map((name) => [name, files[name]]));

let trained = "";
beforeAll(async () => {
  trained = projects.project(files);
  expect(await opto(trained, "train --quiet")).toMatchObject({ code: 0 });
}, 120_000);

let count = 0;
/** The trained project in another folder. */
function copy(): string {
  const folder = join(copies, `copy-${count++}`);
  cpSync(trained, folder, { recursive: true });
  return folder;
}

const runFile = (folder: string, name: string): unknown =>
  JSON.parse(readFileSync(join(folder, ".opto/runs/support-1", name), "utf8"));

describe("opto apply", () => {
  it("writes prompts into their files, byte for byte around them, and the rest into the agent's file", async () => {
    const folder = copy();
    const check = await opto(folder, "apply --check");
    expect(check.code).toBe(1);
    expect(check.stdout).toContain("--- prompts/support.md\n+++ support-1\n");
    expect(check.stdout).toContain(
      "- Answer {topic}.\n+ Look up the stock.\n+\n+ Then answer {topic}.\n\nDiffers: prompts/support.md\n",
    );
    expect(contents(folder)).toEqual(before);
    expect(existsSync(join(folder, "agent.json"))).toBe(false);

    chmodSync(join(folder, "prompts/support.md"), 0o640);
    const written = await opto(folder, "apply --json");
    expect(written).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(written.stdout)).toMatchObject({
      run: "support-1",
      same: false,
      written: true,
      targets: [
        { name: "prompts/support.md", same: false, written: true },
        { name: "promptfooconfig.yaml", same: false, written: true },
        { name: "agent.json", same: false, written: true },
      ],
    });
    expect(contents(folder)).toEqual(applied);
    expect(statSync(join(folder, "prompts/support.md")).mode & 0o777).toBe(0o640);
    expect(JSON.parse(readFileSync(join(folder, "agent.json"), "utf8")).parameters).toEqual({ places: 2 });
    expect(readdirSync(join(folder, "prompts"))).toEqual(["support.md"]);

    expect(await opto(folder, "apply --check")).toMatchObject({
      code: 0,
      stdout: ["prompts/support.md", "promptfooconfig.yaml", "agent.json"]
        .map((name) => `${name} has the best parameters of support-1\n`)
        .join("\n"),
    });
    const evaluated = JSON.parse((await opto(folder, "eval --quiet --json")).stdout);
    expect(evaluated).toMatchObject({ mean: 1, parameters: "agent.json" });
  });

  it("writes nothing when one of the files has changed since, not even where a file has not", async () => {
    const folder = copy();
    const edited = files["promptfooconfig.yaml"].replace("label: a", "label: b");
    writeFileSync(join(folder, "promptfooconfig.yaml"), edited);
    for (const args of ["apply", "apply --check"]) {
      const { code, stderr } = await opto(folder, args);
      expect(code).toBe(1);
      expect(stderr).toContain("promptfooconfig.yaml has changed since tone was read from it. Undo the change, or train again");
      expect(stderr).toContain("Nothing was written");
    }
    expect(contents(folder)).toEqual({ ...before, "promptfooconfig.yaml": edited });
    expect(existsSync(join(folder, "agent.json"))).toBe(false);
  });

  it("writes what a run has found since over what it has written before, but not over an edit", async () => {
    const folder = copy();
    await opto(folder, "apply");
    const best = join(folder, ".opto/runs/support-1/best.json");
    writeFileSync(best, readFileSync(best, "utf8").replace("Warmly,", "Very warmly,"));
    expect(await opto(folder, "apply")).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(folder, "promptfooconfig.yaml"), "utf8")).toContain(
      "      Very warmly,\n      yours\n\n    label: a",
    );
    writeFileSync(best, readFileSync(best, "utf8").replace("Very warmly,", "Coldly,"));
    writeFileSync(join(folder, "promptfooconfig.yaml"), applied["promptfooconfig.yaml"]);
    expect((await opto(folder, "apply")).stderr).toContain("promptfooconfig.yaml has changed since");
  });

  it("finds the files without a config, by what the run has kept", async () => {
    const folder = copy();
    rmSync(join(folder, "opto.config.ts"));
    expect(await opto(folder, "apply")).toMatchObject({ code: 0, stderr: "" });
    expect(contents(folder)).toEqual(applied);
  });

  it("writes a copy of all values with --output, too", async () => {
    const folder = copy();
    expect(await opto(folder, "apply --output all.json")).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(folder, "all.json"), "utf8")).parameters).toMatchObject({
      tone: "Warmly,\nyours",
      places: 2,
    });
    expect(contents(folder)).toEqual(applied);
  });

  it("writes nothing when a store fails, and says which prompt it was", async () => {
    const folder = projects.project({
      ...files,
      "opto.config.ts": config
        .replace("OptoPrime, parameter,", "OptoPrime, parameter, promptFrom,")
        .replace('promptFile("promptfooconfig.yaml", { at: "prompts.0.raw" })', "tone")
        .replace(
          "class Support",
          `const refuse = async () => { throw new Error("503 out of reach"); };
          const store = { label: "the shop", read: async () => ({ text: "Politely.", version: 1 }), write: refuse };
          const tone = await promptFrom(store, "tone-of-voice");
          class Support`,
        ),
    });
    expect(await opto(folder, "train --quiet")).toMatchObject({ code: 0 });
    const { code, stderr } = await opto(folder, "apply");
    expect(code).toBe(1);
    expect(stderr).toContain("Could not write tone-of-voice in the shop: Error: 503 out of reach");
    expect(stderr).not.toContain("opto.config.ts:");
    expect(contents(folder)).toEqual(before);
    expect(readdirSync(folder).filter((name) => /agent\.json/.test(name))).toEqual([]);
  });

  it.runIf(runsAsNobody())("writes nothing when a file may not be written", async () => {
    const folder = copy();
    chmodSync(copies, 0o755);
    const result = await opto(folder, "apply --json", { uid: nobody });
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout).error.message).toContain("Could not write prompts/support.md: permission was denied");
    expect(contents(folder)).toEqual(before);
  });
});

describe("a run whose prompts are in files", () => {
  it("keeps where they come from, without the path of the checkout, and the hashes of the files", () => {
    const { identity } = runFile(trained, "run.json") as { identity: { origins: object; parameters: object } };
    expect(identity.origins).toEqual({
      system: { kind: "file", file: "prompts/support.md", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      tone: {
        kind: "file",
        file: "promptfooconfig.yaml",
        at: ["prompts", "0", "raw"],
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(identity.parameters).toEqual({ system: "Answer {topic}.", tone: "Politely.", places: 2 });
    expect(JSON.stringify(identity)).not.toContain(trained);
  });

  it("resumes in another folder, and after its best values were applied", async () => {
    const first = projects.project(files);
    expect((await opto(first, "train --quiet --max-calls 16")).code).toBe(3);
    const moved = join(copies, "moved");
    renameSync(first, moved);
    expect((await opto(moved, "apply")).code).toBe(0);
    expect(contents(moved)).toEqual(applied);
    expect(await opto(moved, "resume --quiet")).toMatchObject({ code: 0, stderr: "" });
    expect((await opto(moved, "apply")).code).toBe(0);
    expect(contents(moved)).toEqual(applied);
    expect(readdirSync(join(moved, ".opto/runs"))).toEqual(["support-1"]);
  });

  it("needs no agent file where all parameters have a file of their own", async () => {
    const folder = projects.project({
      ...files,
      "opto.config.ts": config.replace("places = parameter(2, { trainable: false });", ""),
      // From before the prompts were in files: opto eval leaves it alone.
      "agent.json": '{ "format": "opto-agent", "version": 1, "parameters": { "system": "Old.", "tone": "Old." } }',
    });
    await opto(folder, "train --quiet");
    const written = await opto(folder, "apply --json");
    expect(JSON.parse(written.stdout)).toMatchObject({ output: null, written: true });
    expect(readFileSync(join(folder, "agent.json"), "utf8")).toContain("Old.");
    expect(JSON.parse((await opto(folder, "eval --quiet --json")).stdout).mean).toBe(1);
  });
});
