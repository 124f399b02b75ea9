/**
 * Storage that fails, and what a user sees: a full disk, a read-only folder, files of a newer version, secrets.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startOpenAIServer } from "../support/openai-server.ts";
import { answerOf, type ModelServer, startModelServer } from "./model-server.ts";
import { startProgram } from "./start-program.ts";

let folder: string;
let server: ModelServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-storage-"));
  server = await startModelServer(2);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command in a namespace of its own where `folder` is a small file system in memory, mounted with these options. */
function mounted(options: string): string[] {
  const script = `mount -t tmpfs -o ${options} tmpfs "$0" && exec "$@"`;
  return ["unshare", "-rm", "sh", "-c", script, folder];
}

/** A system that lets users have namespaces; elsewhere these two cannot be tested. */
const canMount = ((): boolean => {
  try {
    execFileSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe.runIf(canMount)("a file system that cannot take more", () => {
  it("stops the run when the disk is full, and says what to do", async () => {
    const end = await startProgram(server, { run: { dir: folder } }, { prefix: mounted("size=96k") }).ended;
    expect(end.code).toBe(1);
    expect(end.errors).toMatch(
      /StopError: Could not write .*: no space is left on the device\. Free some space, then run the same command again to resume/,
    );
    expect(end.output).toMatch(/Run failed after \d iterations?/);
  });

  it("refuses a read-only folder before anything is paid for", async () => {
    const end = await startProgram(server, { run: { dir: join(folder, "runs") } }, { prefix: mounted("ro") }).ended;
    expect(end.code).toBe(1);
    expect(end.errors).toMatch(
      /StopError: Could not write .*: the file system is read-only\. Make it writable, or use another folder with `run\.dir`/,
    );
    expect(server.seen).toHaveLength(0);
  });
});

describe("files of a run", () => {
  it("that a newer version has written are left alone", async () => {
    await startProgram(server, { run: { dir: folder, id: "night" }, stop: { maxIterations: 1 } }).ended;
    const path = join(folder, "night", "checkpoint.json");
    const newer = (await readFile(path, "utf8")).replace('"version":1', '"version":2');
    await writeFile(path, newer);
    const end = await startProgram(server, { run: { dir: folder, id: "night" } }).ended;
    expect(end.errors).toContain(
      `CheckpointError: ${path} has version 2; this program reads versions up to 1. Update opto to resume this run`,
    );
    expect(await readFile(path, "utf8")).toBe(newer);
  });

  it("whose description is damaged are not guessed at", async () => {
    await startProgram(server, { run: { dir: folder, id: "night" }, stop: { maxIterations: 1 } }).ended;
    await writeFile(join(folder, "night", "run.json"), '{"format":"opto-r');
    const end = await startProgram(server, { run: { dir: folder, id: "night" } }).ended;
    expect(end.errors).toMatch(/CheckpointError: .*run\.json cannot be read .*Start a new run with `run\.resume: false`/);
  });

  const secrets = { OPENAI_API_KEY: "sk-planted-environment-0123456789", ANTHROPIC_API_KEY: "anthropic-planted-9876543210" };

  async function filesOf(run: string): Promise<ReadonlyMap<string, string>> {
    const names = await readdir(join(folder, run));
    return new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(folder, run, name), "utf8")] as const)),
    );
  }

  it("never hold a key that a message tells, wherever it comes from; nor does what is printed", async () => {
    const header = "sk-planted-header-abcdefghijklmnop";
    let calls = 0;
    await using leaky = await startOpenAIServer((request) => {
      if (calls++ % 3 !== 1) return answerOf(request);
      const told = `Incorrect API key provided: ${header}; ${request.headers.authorization}; ${secrets.ANTHROPIC_API_KEY}`;
      const body = { error: { message: told, code: null } };
      return { status: 500, body, headers: { "x-api-key": header, "retry-after-ms": "1" } };
    });
    const options = { run: { dir: folder, id: "night" }, stop: { maxIterations: 2 }, verbose: true };
    const end = await startProgram(leaky, options, { env: secrets }).ended;
    expect(end.code).toBe(0);
    const files = await filesOf("night");
    expect([...files.keys()]).toContain("events.jsonl");
    for (const [file, text] of [...files, ["output", end.output], ["errors", end.errors]] as const) {
      for (const secret of [...Object.values(secrets), header]) expect(text, file).not.toContain(secret);
    }
  });

  it("hold replies and values as they are, also with a key in them: data is never rewritten", async () => {
    const said = `Use ${secrets.OPENAI_API_KEY} or lm-studio`;
    await using quoting = await startOpenAIServer((request) => {
      if (request.prompt.includes("# Variables")) return `<variable name="prompt">\n${said}\n</variable>`;
      if (request.system.includes("You judge")) {
        return JSON.stringify({ feedback: "Better with a key.", score: request.prompt.includes("key") ? 1 : 0 });
      }
      return request.system.includes(said) ? `The key: ${secrets.OPENAI_API_KEY}` : "No.";
    });
    const options = { run: { dir: folder, id: "night" }, stop: { maxIterations: 1 }, algorithm: "MinibatchAlgorithm" };
    const end = await startProgram(quoting, options, { env: secrets }).ended;
    expect(end.code).toBe(0);
    const files = await filesOf("night");
    expect(JSON.parse(files.get("checkpoint.json") as string)).toMatchObject({ parameters: { prompt: said } });
    expect(files.get("calls.jsonl")).toContain(`${secrets.OPENAI_API_KEY} or lm-studio`);
    for (const name of ["checkpoint.json", "calls.jsonl", "best.json"])
      expect(files.get(name), name).not.toContain("key removed");
  });
});
