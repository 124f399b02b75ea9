/**
 * `opto init`: writes a config that works, for what the folder has, and checks it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { JsonValue } from "../../data/json.ts";
import { makeFolders } from "../../data/json-file.ts";
import { errorText, InvalidArgumentError, isSetUpError } from "../../errors.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import { type Flags, placeFlags } from "../flags.ts";
import { converse, takeFirst } from "../init/ask.ts";
import { type ChosenParts, chooseParts } from "../init/choose-parts.ts";
import { configTemplate, configText } from "../init/config-text.ts";
import { lookAround, type Surroundings } from "../init/look-around.ts";
import { findConfig, loadTraining } from "../load-config.ts";
import { toTrainOptions } from "../to-train-options.ts";
import { importModule } from "../user-modules.ts";
import { estimateTraining } from "./train.ts";

/**
 * Writes `opto.config.ts`: by its flags, by the answers to three questions on a terminal, or by what was found; in an empty folder, a toy.
 *
 * @throws InvalidArgumentError when there is a config: it is never overwritten; and when a flag names nothing
 */
export async function initCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out, cwd } = call;
  const wanted = flags.config === undefined ? undefined : resolve(cwd, flags.config);
  const path = wanted ?? join(cwd, "opto.config.ts");
  const taken = wanted === undefined ? findConfig(cwd) : [wanted].find((file) => existsSync(file));
  if (taken !== undefined) throw new InvalidArgumentError(`${taken} already exists; nothing was written`);
  const parts = await partsOf(call);
  const up = relative(dirname(path), cwd).split(sep).join("/");
  const text =
    parts === undefined ? configTemplate : configText(parts, { model: flags.model, folderUp: up === "" ? "./" : `${up}/` });
  makeFolders(dirname(path));
  // Never over a file that has come meanwhile.
  await writeFile(path, text, { flag: "wx" });
  const name = relative(cwd, path);
  const check =
    parts === undefined ? { lines: ["It trains a toy agent right away, without a key:"], isWrong: false } : await checked(call);
  const place = placeFlags(flags);
  const lines = [
    `${out.paint("green", "Written:")} ${name}`,
    "",
    ...check.lines,
    `  opto train${place}    train; the run is kept in .opto/runs (keep .opto/ out of version control)`,
    `  opto diff${place}     what training has changed`,
    `  opto apply${place}    write the best parameters ${parts === undefined ? "to agent.json (commit that)" : "back to where they come from"}`,
    ...(parts === undefined ? ["", "Then replace its agent, examples and guide with your own."] : []),
  ];
  out.result(lines, { written: path, problem: check.problem ?? null, ...(parts === undefined ? {} : describe(parts)) });
  return check.isWrong ? exitCodes.failed : exitCodes.done;
}

/** What the config is about; nothing where there is nothing and no one asked for it. */
async function partsOf({ flags, out, cwd }: CommandCall): Promise<ChosenParts | undefined> {
  const found = lookAround(cwd);
  const isAsked = process.stdin.isTTY === true && process.stderr.isTTY === true && flags.yes !== true && !out.isJson;
  if (!isAsked && !isGiven(flags) && !isEnough(found)) return undefined;
  if (!isAsked) return chooseParts({ folder: cwd, found, flags, ask: takeFirst, load: importModule });
  const { ask, close } = converse({ input: process.stdin, output: process.stderr });
  try {
    return await chooseParts({ folder: cwd, found, flags, ask, load: importModule });
  } finally {
    close();
  }
}

function isGiven({ agent, data, scorer }: Flags): boolean {
  return [agent, data, scorer].some((flag) => flag !== undefined);
}

/** An agent or a prompt, and examples; or an eval file, which has both. */
function isEnough({ agents, prompts, datasets, evals }: Surroundings): boolean {
  return evals.length > 0 || (datasets.length > 0 && (prompts.length > 0 || agents.some(({ kind }) => kind !== "function")));
}

interface Check {
  readonly lines: readonly string[];
  readonly problem?: string;
  /** Whether the config cannot work, whatever is set up around it. */
  readonly isWrong: boolean;
}

/** Loads what was written and estimates a run, without calling a model. */
async function checked(call: CommandCall): Promise<Check> {
  try {
    const config = await loadTraining({ ...call, args: [] });
    const { text } = await estimateTraining(await toTrainOptions(config, call.flags, { out: call.out }), {});
    return { lines: [text, "", "Next:"], isWrong: false };
  } catch (error) {
    const problem = error instanceof Error ? error.message : errorText(error);
    const isSetUp = isSetUpError(error);
    return {
      lines: [`${isSetUp ? "Before it trains" : "It cannot train yet"}: ${problem}`, "", "Then:"],
      problem,
      isWrong: !isSetUp,
    };
  }
}

function describe({ agent, data, scorer }: ChosenParts): Record<string, JsonValue> {
  const agentText = agent.kind === "export" ? `${agent.source.file}#${agent.source.name}` : undefined;
  return {
    agent: agentText ?? (agent.kind === "prompt" ? agent.file : null),
    data: data.file,
    scorer: scorer.kind === "file" ? `${scorer.file}#${scorer.name}` : scorer.kind,
  };
}
