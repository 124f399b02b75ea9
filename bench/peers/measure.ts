/**
 * Measures once: one peer, one measurement, one fresh process with a time limit.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram, withoutModels } from "../../scripts/run-program.ts";
import type { Measurement, ProgramResult } from "./measurements.ts";
import type { Peer } from "./peers.ts";
import { type PreparedPeer, peersFolder } from "./prepare.ts";
import type { ServerProcess } from "./server-process.ts";

/** What one process gave: the values of the rows, or why there are none. */
export type Sample = { readonly values: readonly number[]; readonly lateMs: number } | { readonly failed: string };

const here = fileURLToPath(new URL(".", import.meta.url));

export async function measureOnce(
  peer: Peer,
  prepared: PreparedPeer,
  measurement: Measurement,
  server: ServerProcess,
): Promise<Sample> {
  const { order, limitSeconds } = measurement;
  if (measurement.server !== undefined) await server.set(measurement.server);
  const [command = "", ...flags] = prepared.command;
  const args = [...flags, ...programOf(peer, order.measurement === "import"), JSON.stringify(orderFor(peer, order, server.url))];
  // Peers that keep logs or caches beside themselves find a folder for them here.
  const cwd = join(peersFolder, "scratch");
  await mkdir(cwd, { recursive: true });
  const { code, stdout, output } = await runProgram(command, args, {
    cwd,
    env: environment(server.url, cwd),
    timeoutMs: limitSeconds * 1_000,
  });
  const line = /^@@RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) return { failed: code === null ? `took more than ${limitSeconds} s` : reasonIn(output) };
  try {
    const record = await server.record();
    return { values: measurement.values(JSON.parse(line) as ProgramResult, record, peer), lateMs: record.lateMs };
  } catch (error) {
    return { failed: (error as Error).message };
  }
}

function programOf({ language, program }: Peer, imports: boolean): string[] {
  if (!imports) return [join(here, program)];
  return [join(here, language === "node" ? "node/import-peer.mjs" : "python/import_peer.py")];
}

function orderFor({ language, imports = "" }: Peer, order: Measurement["order"], url: string): object {
  return { ...order, url, ...(language === "node" ? { file: `./${imports}` } : { module: imports }) };
}

/** No model, proxy or cache of the user's, and nothing that asks another machine. */
function environment(url: string, cwd: string): NodeJS.ProcessEnv {
  const own = Object.entries(withoutModels()).filter(([name]) => !/_proxy$/i.test(name));
  return {
    ...Object.fromEntries(own),
    OPENAI_API_KEY: "none",
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_BASE: `${url}/v1`,
    LITELLM_LOCAL_MODEL_COST_MAP: "True",
    HF_HUB_OFFLINE: "1",
    DSPY_CACHEDIR: cwd,
    XDG_CACHE_HOME: cwd,
    TEXTGRAD_LOG_DIR: cwd,
    NO_COLOR: "1",
  };
}

/** The last line that names an error, without the folders of this machine. */
function reasonIn(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const line = lines.findLast((text) => /^[\w.]*(Error|Exception)\b/.test(text)) ?? lines.at(-1) ?? "ended without a result";
  return line.replaceAll(/(\/[\w.@-]+)+\//g, "").slice(0, 160);
}
