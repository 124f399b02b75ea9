/**
 * Runs an agent on every version of the AI SDK that opto supports: what the run reports is what the server has counted, and a replay asks
 * nothing. Each version is installed in a folder of its own, with the package as it is published.
 *
 *     npm run test:ai -- [--folder FOLDER] [VERSION…]
 *
 * @module
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { transformSync } from "esbuild";
import { type ServerReply, startOpenAIServer } from "../test/support/openai-server.ts";
import { runProgram, withoutModels } from "./run-program.ts";

/** The release of the provider's package that goes with each. */
const providers: Readonly<Record<string, string>> = { 5: "2", 6: "3", 7: "4" };

const { values, positionals } = parseArgs({
  options: { folder: { type: "string", default: "node_modules/.cache/ai-versions" } },
  allowPositionals: true,
});
const root = resolve(values.folder);
const packed = mkdtempSync(join(tmpdir(), "opto-packed-"));
try {
  await npm(["pack", "--ignore-scripts", "--pack-destination", packed], process.cwd());
  const tarball = join(packed, readdirSync(packed)[0] as string);
  for (const version of positionals.length > 0 ? positionals : Object.keys(providers)) await testOn(version, tarball);
} finally {
  rmSync(packed, { recursive: true, force: true });
}

async function testOn(version: string, tarball: string): Promise<void> {
  const folder = join(root, `ai-${version}`);
  mkdirSync(folder, { recursive: true });
  // A manifest of its own keeps npm from taking the project around it for the place to install into.
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const packages = [`ai@${version}`, `@ai-sdk/openai@${providers[version]}`, "zod@4", tarball];
  await npm(["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", ...packages], folder);
  const program = readFileSync("test/ai-versions/program.ts", "utf8");
  writeFileSync(join(folder, "program.ts"), program);
  writeFileSync(join(folder, "program.js"), transformSync(program, { loader: "ts" }).code);
  await checkTypes(folder);

  const server = await startOpenAIServer((request) => reply(request.body ?? {}));
  const runDir = mkdtempSync(join(tmpdir(), "opto-ai-"));
  try {
    const first = await run(folder, { OPENAI_BASE_URL: server.baseUrl, RUN_DIR: runDir });
    const asked = server.requests.length;
    const { usage, calls, parameters } = first;
    assert.deepEqual([usage.requests, usage.calls, calls.length], [asked, asked, asked]);
    // Loops of two steps, a stream among them, and one call for data.
    const streamed = server.requests.filter(({ body }) => body?.stream === true).length;
    assert.equal(usage.byRole.agent?.calls, streamed * 3 + streamed / 2);
    const again = await run(folder, { OPENAI_BASE_URL: server.baseUrl, RUN_DIR: runDir, REPLAY: join(runDir, "first") });
    assert.equal(server.requests.length, asked);
    assert.deepEqual([again.calls, again.parameters], [calls, parameters]);
    console.log(`ai ${version}: ${asked} requests, and none in the replay`);
  } finally {
    await server.close();
    rmSync(runDir, { recursive: true, force: true });
  }
}

interface Report {
  readonly usage: {
    readonly requests: number;
    readonly calls: number;
    readonly byRole: Readonly<Record<string, { calls: number }>>;
  };
  readonly calls: readonly string[];
  readonly parameters: object;
}

async function run(folder: string, env: Readonly<Record<string, string>>): Promise<Report> {
  const environment = {
    ...withoutModels(),
    ...env,
    OPENAI_API_KEY: "test",
    OPTO_MODEL: "openai/test-model",
    NODE_NO_WARNINGS: "1",
  };
  const { code, stdout, output } = await runProgram(process.execPath, ["program.js"], { cwd: folder, env: environment });
  assert.equal(code, 0, output);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) as string) as Report;
}

/** Whether the types of opto fit those of this version. */
async function checkTypes(folder: string): Promise<void> {
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  };
  const typeRoots = [resolve("node_modules/@types")];
  const config = { compilerOptions: { ...compilerOptions, typeRoots }, files: ["program.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const { code, output } = await runProgram(process.execPath, [tsc, "-p", folder], { cwd: folder });
  assert.equal(code, 0, output);
}

/** The first tool that is offered is called once; data and variables are given where they are asked for. */
function reply(body: Readonly<Record<string, unknown>>): ServerReply {
  const {
    tools = [],
    messages = [],
    response_format: format,
  } = body as {
    readonly tools?: readonly { readonly function: { readonly name: string } }[];
    readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
    readonly response_format?: object;
  };
  const [tool] = tools;
  if (tool !== undefined && !messages.some(({ role }) => role === "tool")) {
    return { text: "", toolCalls: [{ name: tool.function.name, input: { about: "orders" } }] };
  }
  const isOptimizer = JSON.stringify(messages).includes("# Variables");
  if (isOptimizer) return '<reasoning>More.</reasoning>\n<variable name="system">\nAnswer at length.\n</variable>';
  return format === undefined ? "It is on its way" : '{"answer":"on its way"}';
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await runProgram("npm", args, { cwd, timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`npm ${args[0]} failed:\n${output}`);
}
