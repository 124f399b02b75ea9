/**
 * Where the parameters of a run go back to, and what `opto apply` remembers of having written there.
 *
 * @module
 */
import { join } from "node:path";
import { isFileRecord, originOfRecord } from "../adapters/prompt-file.ts";
import type { ReturningValue } from "../adapters/write-back-target.ts";
import { writeJsonFile } from "../data/json-file.ts";
import { ownValue } from "../data/json.ts";
import { ConfigurationError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import type { OriginRecord, ParameterOrigin } from "../graph/parameter.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { OriginRecords, RunFiles } from "../runs/read-run-files.ts";
import { fileNames } from "../runs/run-files.ts";

/**
 * The best values that go back to an origin.
 *
 * @param agent that of the config; without one the run has to say where its parameters come from
 * @param cwd what the paths that a run has kept are relative to
 */
export function returningValues(run: RunFiles, parameters: Candidate, agent: Module | undefined, cwd: string): ReturningValue[] {
  const named = agent?.namedParameters();
  return Object.entries(parameters).flatMap(([path, value]) => {
    const record = ownValue(run.origins, path);
    const origin = named === undefined ? record && recordedOrigin(path, record, cwd) : named.get(path)?.origin;
    if (origin === undefined || typeof value !== "string") return [];
    const since = [record, ownValue(run.applied, path)].filter((state) => state !== undefined);
    return [{ path, origin, value, since, start: ownValue(run.start, path) }];
  });
}

function recordedOrigin(path: string, record: OriginRecord, cwd: string): ParameterOrigin {
  if (isFileRecord(record)) return originOfRecord(record, cwd);
  throw new ConfigurationError(
    `"${path}" comes from ${String(record.store ?? record.kind)}, which only the config can reach. Run this where the config is, or name it with --config`,
  );
}

/** Remembers what was written, so that what the same run finds later may be written over it. */
export async function keepApplied({ folder, applied }: RunFiles, states: OriginRecords): Promise<void> {
  if (Object.keys(states).length === 0) return;
  await writeJsonFile(join(folder, fileNames.applied), {
    format: "opto-applied",
    version: 1,
    origins: { ...applied, ...states },
  });
}
