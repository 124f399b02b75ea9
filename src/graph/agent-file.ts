/**
 * The file of an agent's parameters: what `agent.load` reads.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { type StagedFile, stageJsonFile } from "../data/json-file.ts";
import type { Candidate } from "./with-values.ts";

/** The version of the files. */
export const agentFileVersion = 1;

/** What is said of parameters besides their values. */
type About = Readonly<Record<string, JsonValue>>;

/** Writes parameters, atomically, with what else there is to say of them. */
export async function writeAgentFile(path: string, parameters: Candidate, about: About = {}): Promise<void> {
  const staged = await stageAgentFile(path, parameters, about);
  await staged.commit();
}

/** Writes them aside, to be renamed when everything else that is written with them has been. */
export async function stageAgentFile(path: string, parameters: Candidate, about: About = {}): Promise<StagedFile> {
  return stageJsonFile(path, { format: "opto-agent", version: agentFileVersion, ...about, parameters });
}
