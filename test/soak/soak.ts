/**
 * Soaks calls of a model, and says what is wrong.
 *
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileProgram } from "../../scripts/compile-program.ts";
import { runProcess } from "../support/run-process.ts";
import { selfSigned } from "../support/self-signed.ts";
import type { SoakResult } from "./caller.ts";
import { startFaultyProvider } from "./faulty-provider.ts";

/** How far the heap may grow between half of the calls and the end, in bytes: far less than one for each call. */
const mostGrowth = 8 * 1024 * 1024;

/** What a soak has shown. */
export interface SoakReport {
  /** What is wrong; none when all is as it has to be. */
  readonly problems: readonly string[];
  readonly summary: string;
}

export async function soak({
  calls,
  width,
  seed,
}: {
  readonly calls: number;
  readonly width: number;
  readonly seed: string;
}): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), "opto-soak-"));
  await using provider = await startFaultyProvider(seed);
  try {
    const ca = join(folder, "ca.pem");
    await writeFile(ca, selfSigned.cert);
    const env = {
      PATH: process.env.PATH,
      HTTPS_PROXY: provider.proxy,
      NODE_EXTRA_CA_CERTS: ca,
      OPENAI_BASE_URL: "https://model.test/v1",
      OPTO_MODEL: "openai/soak",
    };
    const args = ["--expose-gc", compileProgram("test/soak/caller.ts"), String(calls), String(width)];
    const { stdout, stderr } = await runProcess(process.execPath, args, { cwd: process.cwd(), env });
    if (stdout === "") return { problems: [stderr], summary: "" };
    return compare(JSON.parse(stdout) as SoakResult, provider.count(), { calls, width, stderr });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function compare(
  result: SoakResult,
  server: ReturnType<Awaited<ReturnType<typeof startFaultyProvider>>["count"]>,
  { calls, width, stderr }: { readonly calls: number; readonly width: number; readonly stderr: string },
): SoakReport {
  const { slow: _slow, ...causes } = server.faults;
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, times) => all + times, 0);
  // Requests that were made again although the server had nothing to do with it: they have not arrived there.
  const lost = sum(result.retries) - sum(causes);
  const doubled = [...server.answers.values()].filter((times) => times > 1).length;
  const [early, late] = result.heap;
  const { TCPSocketWrap = 0, TLSWrap = 0, Timeout = 0 } = result.open;
  const expectations: readonly (readonly [what: string, got: number, expected: number])[] = [
    ["calls that failed", result.failed, 0],
    ["wrong answers", result.wrong, 0],
    ["questions that were answered", server.answers.size, calls],
    ["questions that were answered twice", doubled, 0],
    ["answers in the ledger", result.calls, calls],
    ["requests in the ledger", result.requests, server.requests + lost],
    ["input tokens in the ledger", result.inputTokens, server.inputTokens],
    ["output tokens in the ledger", result.outputTokens, server.outputTokens],
    ["open sockets", TCPSocketWrap + TLSWrap, 0],
  ];
  const problems = expectations.flatMap(([what, got, expected]) =>
    got === expected ? [] : [`${what}: ${got} instead of ${expected}`],
  );
  if (late - early > mostGrowth) problems.push(`the heap has grown by ${megabytes(late - early)} MB`);
  if (server.mostConnections > 2 * width) problems.push(`${server.mostConnections} connections for ${width} calls in flight`);
  if (stderr !== "") problems.push(stderr);
  const faults = Object.entries(server.faults).map(([name, times]) => `${times} ${name}`);
  const summary =
    `${calls} calls, ${width} in flight, in ${result.seconds.toFixed(0)} s and ${result.cpu} us of processor time each; ` +
    `${server.requests} requests (${faults.join(", ")}) and ${lost} that did not arrive, at most ${server.mostConnections} connections; ` +
    `heap ${megabytes(early)} MB after half of them, ${megabytes(late)} MB at the end; ${Timeout} timers left` +
    `\nmade again: ${JSON.stringify(result.retries)}` +
    (result.messages.length > 0 ? `\n${result.messages.join("\n")}` : "");
  return { problems, summary };
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
