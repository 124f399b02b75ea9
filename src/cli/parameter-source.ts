/**
 * Where parameters come from: a run's best, a run's start, or a file.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isPlainObject } from "../data/json.ts";
import { readJsonFile } from "../data/json-file.ts";
import { CheckpointError, InvalidArgumentError } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import { parameterPrefix } from "../loggers/console-logger.ts";
import { type RunFiles, readEvents } from "../runs/read-run-files.ts";
import { findRun } from "./run-folder.ts";

/** Parameters with a name for people. */
export interface NamedParameters {
  readonly name: string;
  readonly parameters: Candidate;
}

/**
 * Reads what `source` means: the id of a run (its best parameters), `id@start`, `id:3` (what the agent had after iteration 3), `id:3.1` (the second
 * proposal of iteration 3; they are counted from 0), or the path of a file that `agent.save` or `opto apply` wrote.
 *
 * @throws InvalidArgumentError when it means nothing, CheckpointError when the file holds no parameters
 */
export async function readParameters(
  source: string,
  place: { readonly runDir: string; readonly cwd: string },
): Promise<NamedParameters> {
  const path = resolve(place.cwd, source);
  if (/\.json$|[/\\]/.test(source)) {
    if (!existsSync(path)) throw new InvalidArgumentError(`There is no file ${path}`);
    return { name: source, parameters: await parametersOfFile(path) };
  }
  const [, ofRun, iteration, proposal] = /^(.+):(\d+)(?:\.(\d+))?$/.exec(source) ?? [];
  if (ofRun !== undefined && iteration !== undefined) {
    const run = await findRun(place.runDir, ofRun);
    const parameters = proposal === undefined ? await heldAfter(run, iteration) : await proposedIn(run, iteration, proposal);
    if (parameters !== undefined) return { name: source, parameters };
    const what =
      proposal === undefined ? `parameters after iteration ${iteration}` : `proposal ${proposal} of iteration ${iteration}`;
    throw new InvalidArgumentError(
      `The journal of ${run.id} has no ${what}. \`opto show ${run.id}\` says which iterations it has`,
    );
  }
  const [, id = source, wantsStart] = /^(.*)@(start)$/.exec(source) ?? [];
  const run = await findRun(place.runDir, id);
  return wantsStart === undefined ? bestOf(run) : startOf(run);
}

/** The best parameters of a run. @throws CheckpointError when its files do not have them */
export function bestOf(run: RunFiles): NamedParameters {
  return { name: run.id, parameters: known(run, run.best?.parameters, "best parameters") };
}

/** The parameters that a run began with. @throws CheckpointError when its files do not have them */
export function startOf(run: RunFiles): NamedParameters {
  return { name: `${run.id}@start`, parameters: known(run, run.start ?? undefined, "parameters at the start") };
}

/** What the agent had after an iteration, as far as it was logged. */
async function heldAfter(run: RunFiles, iteration: string): Promise<Candidate | undefined> {
  const events = await readEvents(run.folder, (text) => text.includes(`"${parameterPrefix}`));
  const values = events.flatMap((event) => {
    const isMeant = event.type === "log" && event.name.startsWith(parameterPrefix) && String(event.step) === iteration;
    return isMeant ? [[event.name.slice(parameterPrefix.length), event.data] as const] : [];
  });
  return values.length === 0 ? undefined : Object.fromEntries(values);
}

/** What was proposed; of values that had been tried before those of the earlier candidate, which are the same. */
async function proposedIn(run: RunFiles, iteration: string, proposal: string): Promise<Candidate | undefined> {
  const events = await readEvents(run.folder, (text) => text.includes('"type":"candidate-proposed"'));
  const position = `iteration/${iteration}/proposal/${proposal}`;
  const found = events.find((event) => event.type === "candidate-proposed" && event.position === position);
  return found?.type === "candidate-proposed" ? found.values : undefined;
}

/** Whether a file says that it holds the parameters of an agent. */
export async function isAgentFile(path: string): Promise<boolean> {
  const content = await readJsonFile(path).catch(() => undefined);
  return isPlainObject(content) && content.format === "opto-agent";
}

/** The parameters in a file. @throws CheckpointError when there are none */
export async function parametersOfFile(path: string): Promise<Candidate> {
  const content = await readJsonFile(path);
  if (isPlainObject(content) && content.format === "opto-agent" && isPlainObject(content.parameters)) {
    return content.parameters as Candidate;
  }
  throw new CheckpointError(`${path} does not hold the parameters of an agent (expected "format": "opto-agent")`);
}

function known(run: RunFiles, parameters: Candidate | undefined, what: string): Candidate {
  if (parameters !== undefined) return parameters;
  const why = run.problems.length === 0 ? "" : `: ${run.problems.join("; ")}`;
  throw new CheckpointError(`The ${what} of ${run.id} are not in ${run.folder}${why}`);
}
