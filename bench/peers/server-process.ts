/**
 * Starts the server as a process of its own, and talks to it.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ServerRecord, ServerSettings } from "./server.ts";

/** The server of all measurements. */
export interface ServerProcess {
  readonly url: string;
  set(settings: ServerSettings): Promise<void>;
  record(): Promise<ServerRecord>;
  close(): void;
}

/** @throws when the server does not start */
export async function startServerProcess(): Promise<ServerProcess> {
  const file = fileURLToPath(new URL("server.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file], { stdio: ["pipe", "pipe", "inherit"] });
  const [text] = (await Promise.race([once(child.stdout, "data"), once(child, "exit").then(failed)])) as [Buffer];
  const url = text.toString().trim();
  const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(`${url}${path}`, init);
  return {
    url,
    set: async (settings) => void (await ask("/settings", { method: "POST", body: JSON.stringify(settings) })),
    record: async () => (await (await ask("/record")).json()) as ServerRecord,
    close: () => child.stdin.end(),
  };
}

function failed(): never {
  throw new Error("The server of the peers did not start");
}
