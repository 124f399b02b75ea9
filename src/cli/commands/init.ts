/**
 * `opto init`: writes a small config that works.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { makeFolders } from "../../data/make-folders.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { CommandCall } from "../command.ts";
import { configTemplate } from "../config-template.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { placeFlags } from "../flags.ts";
import { findConfig } from "../load-config.ts";

/** Writes `opto.config.ts`. @throws InvalidArgumentError when there is a config: it is never overwritten */
export async function initCommand({ flags, out, cwd }: CommandCall): Promise<ExitCode> {
  const wanted = flags.config === undefined ? undefined : resolve(cwd, flags.config);
  const path = wanted ?? join(cwd, "opto.config.ts");
  const taken = wanted === undefined ? findConfig(cwd) : [wanted].find((file) => existsSync(file));
  if (taken !== undefined) throw new InvalidArgumentError(`${taken} already exists; nothing was written`);
  makeFolders(dirname(path));
  // Never over a file that has come meanwhile.
  await writeFile(path, configTemplate, { flag: "wx" });
  const name = relative(cwd, path);
  const place = placeFlags(flags);
  const lines = [
    `${out.paint("green", "Written:")} ${name}`,
    "",
    "It trains a toy agent right away, without a key:",
    `  opto train${place}    train; the run is kept in .opto/runs (keep .opto/ out of version control)`,
    `  opto diff${place}     what training has changed`,
    `  opto apply${place}    write the best parameters to agent.json (commit that)`,
    "",
    "Then replace its agent, examples and guide with your own.",
  ];
  out.result(lines, { written: path });
  return exitCodes.done;
}
