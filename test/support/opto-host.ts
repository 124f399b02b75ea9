/**
 * The process of `shared-opto`: runs one command line of the built program after another, each in its folder and with its environment. A
 * mark ends what each has printed.
 *
 * @module
 */
import type { CommandEnd, CommandLine } from "./shared-opto.ts";

const [, , program = "", mark = ""] = process.argv;
const { runCli } = (await import(program)) as { runCli(args: readonly string[], cwd: string): Promise<number> };
const { stdout, stderr } = process;
const print = stdout.write;

process.on("message", async ({ folder, args, env }: CommandLine) => {
  process.chdir(folder);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  const code = await runCli(args, folder);
  // With `--json` all but the result was printed on standard error.
  stdout.write = print;
  for (const stream of [stdout, stderr]) stream.write(mark);
  process.send?.({ code } satisfies CommandEnd);
});
process.on("disconnect", () => process.exit());
