/**
 * What is read of the library's own code when a run looks for changes of the program's: nothing, also where all of the library is one file.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { runProcess } from "../support/run-process.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-library-code-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const built = (entry: string): string => JSON.stringify(pathToFileURL(resolve("dist", entry)).href);
const packages = (name: string): string => JSON.stringify(import.meta.resolve(name));

/** Trains an agent with the built package, and prints how many questions the inspector was asked. */
const program = (agent: string): string => `
import { Session } from "node:inspector";
import { generateText, ToolLoopAgent } from ${packages("ai")};
import { fromAgent, fromFunction, model, OptoPrime, parameter, tracked, train } from ${built("index.js")};
import { scriptedModel } from ${built("testing/index.js")};
let posts = 0;
const { post } = Session.prototype;
Session.prototype.post = function (...args) { posts++; return Reflect.apply(post, this, args); };
const llm = tracked(scriptedModel(({ system }) => system, { onExhausted: "repeat-last" }));
const answer = async (prompt) => (await generateText({ model: llm, system: "Answer the customer.", prompt })).text;
const agent = ${agent};
const trainDataset = ["a", "b"].map((input) => ({ input, info: null }));
await train({ agent, trainDataset, guide: () => 0.5, optimizer: new OptoPrime(agent, { model: llm }), budget: { calls: 2 }, logger: [], run: { dir: ${JSON.stringify(folder)}, id: process.argv[2] } });
console.log(posts);
`;

describe("with the built package the inspector is asked of the program's functions alone", () => {
  it.each([
    ["a-function", 'fromFunction(answer, { prompt: parameter("Answer the customer.") })'],
    ["an-agent", 'fromAgent(new ToolLoopAgent({ model: llm, instructions: "Answer the customer." }))'],
  ])("%s", async (id, agent) => {
    const file = join(folder, `${id}.mjs`);
    writeFileSync(file, program(agent));
    const { stdout, stderr } = await runProcess(process.execPath, [file, id], { cwd: folder });
    expect(stderr).not.toContain("Error");
    expect(stdout).toMatch(/^\d+\n$/);
    expect(Number(stdout)).toBeLessThan(100);
  });
});
