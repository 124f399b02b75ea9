/**
 * `opto diff`: what differs between the parameters of two runs or files, or of a run and its start.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";
import type { CommandCall } from "../command.ts";
import { diffView, type ParameterChange, parameterChanges } from "../diff-view.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { bestOf, type NamedParameters, readParameters, startOf } from "../parameter-source.ts";
import { findRun, readingPlace } from "../run-folder.ts";

/** Prints the difference; of the newest run and its start when nothing is named. */
export async function diffCommand(call: CommandCall): Promise<ExitCode> {
  const { out } = call;
  const [from, to] = await sides(call);
  const changes = parameterChanges(from.parameters, to.parameters);
  const { columns, paint, hasColor } = out;
  const lines = diffView(changes, { from: from.name, to: to.name, columns, paint, hasColor });
  out.result(lines, { from: from.name, to: to.name, parameters: changes.map(changeDocument) });
  return exitCodes.done;
}

/** A change for programs; a side that has no value is left out. */
export function changeDocument({ path, state, from, to }: ParameterChange): JsonValue {
  return { path, state, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

async function sides(call: CommandCall): Promise<[NamedParameters, NamedParameters]> {
  const place = { ...(await readingPlace(call)), cwd: call.cwd };
  const [first, second] = call.args;
  if (first !== undefined && second !== undefined)
    return [await readParameters(first, place), await readParameters(second, place)];
  if (first !== undefined && /\.json$|[/\\]|@start$/.test(first)) {
    // A file has no start: what the newest run has found is held against it.
    return [await readParameters(first, place), bestOf(await findRun(place.runDir, undefined))];
  }
  const run = await findRun(place.runDir, first);
  return [startOf(run), bestOf(run)];
}
