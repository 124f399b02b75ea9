/**
 * The file of an agent's parameters: what `agent.load` reads.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { writeJsonFile } from "../data/json-file.ts";
import type { Candidate } from "./with-values.ts";

/** The version of the files. */
export const agentFileVersion = 1;

/** Writes parameters, atomically, with what else there is to say of them. */
export async function writeAgentFile(
  path: string,
  parameters: Candidate,
  about: Readonly<Record<string, JsonValue>> = {},
): Promise<void> {
  await writeJsonFile(path, { format: "opto-agent", version: agentFileVersion, ...about, parameters });
}
