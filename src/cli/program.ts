/**
 * The commands of `opto` and their options.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { packageVersion } from "../data/load-on-demand.ts";
import { type CommandHandler, createOutput, type ExitCode, exitCodes } from "./command.ts";
import { addFlags, type FlagName, type Flags } from "./flags.ts";
import { tellError } from "./tell-error.ts";

/** Runs one command with what stood on the command line. */
export type Run = (handler: CommandHandler, args: readonly (string | undefined)[], flags: Flags) => Promise<void>;

interface Entry {
  /** Name and arguments, as commander reads them. */
  readonly usage: string;
  readonly description: string;
  readonly flags: readonly FlagName[];
  /** Loads what the command needs only when it runs: `--help` and mistakes are answered without it. */
  readonly handler: CommandHandler;
}

const running = ["config", "from", "eval", "json", "quiet", "seed", "budget", "maxCalls", "threads", "rolloutTimeout"] as const;
const training = [...running, "runDir", "cache"] as const;
const reading = ["config", "json", "runDir"] as const;

const entries: readonly Entry[] = [
  {
    usage: "init",
    description: "write an opto.config.ts for the agent, the data, and the scorer of this folder",
    flags: ["config", "json", "agent", "data", "scorer", "model", "yes"],
    handler: async (call) => (await import("./commands/init.ts")).initCommand(call),
  },
  {
    usage: "train",
    description: "train the agent of the config; resumes an unfinished run",
    flags: [...training, "resume", "dryRun", "allowRequests"],
    handler: async (call) => (await import("./commands/train.ts")).trainCommand(call),
  },
  {
    usage: "resume [run]",
    description: "resume a run (default: the newest unfinished one)",
    flags: training,
    handler: async (call) => (await import("./commands/train.ts")).resumeCommand(call),
  },
  {
    usage: "eval [a] [b]",
    description: "score the agent with the applied parameters, or with those of a run or file; compare two of these",
    flags: ["config", "from", "eval", "json", "quiet", "threads", "rolloutTimeout", "threshold", "runDir", "start"],
    handler: async (call) => (await import("./commands/eval.ts")).evalCommand(call),
  },
  {
    usage: "check",
    description:
      "run a few examples before training: report failures, noise, headroom, cost, the gain that the data can show, leaks",
    flags: [...running, "dryRun", "allowRequests", "gain"],
    handler: async (call) => (await import("./commands/check.ts")).checkCommand(call),
  },
  {
    usage: "list",
    description: "list all runs",
    flags: reading,
    handler: async (call) => (await import("./commands/list.ts")).listCommand(call),
  },
  {
    usage: "show [run]",
    description: "show one run in detail (default: the newest)",
    flags: reading,
    handler: async (call) => (await import("./commands/show.ts")).showCommand(call),
  },
  {
    usage: "diff [a] [b]",
    description: "compare the parameters of runs (run@start for their start) and files; a single run is compared with its start",
    flags: reading,
    handler: async (call) => (await import("./commands/diff.ts")).diffCommand(call),
  },
  {
    usage: "apply [run]",
    description: "write the best parameters of a run (default: the newest) for your program to load",
    flags: [...reading, "from", "eval", "output", "check"],
    handler: async (call) => (await import("./commands/apply.ts")).applyCommand(call),
  },
  {
    usage: "view [run]",
    description: "serve a local page over all runs, or one of them, that follows a run while it trains",
    flags: [...reading, "output", "port", "export", "open"],
    handler: async (call) => (await import("./commands/view.ts")).viewCommand(call),
  },
];

/** The program; a command line that it does not know makes it throw a `CommanderError`. */
export function createProgram(version: string, run: Run): Command {
  const program = new Command("opto").description("Trains LLM agents.").version(version, "-V, --version");
  program.exitOverride().showHelpAfterError("Run with --help for usage").helpCommand(false).enablePositionalOptions();
  program.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "opto: ")) });
  program.addHelpText(
    "after",
    "\nExit codes: 0 done, 1 below threshold or failed, 2 wrong usage or set-up (nothing was done), 3 budget or quota spent, 130 interrupted",
  );
  for (const entry of entries) addEntry(program, entry, run);
  const cache = program.command("cache").description("manage recorded model answers");
  cache.helpCommand(false);
  addEntry(
    cache,
    {
      usage: "clear [run]",
      description: "delete the recorded answers of a run (default: of all finished runs)",
      flags: [...reading, "force"],
      handler: async (call) => (await import("./commands/cache-clear.ts")).cacheClearCommand(call),
    },
    run,
  );
  return program;
}

function addEntry(parent: Command, { usage, description, flags, handler }: Entry, run: Run): void {
  const command = addFlags(parent.command(usage).description(description), flags);
  command.action(async () => {
    await run(handler, command.processedArgs as (string | undefined)[], command.opts<Flags>());
  });
}

/** Runs what the arguments say. Never rejects. */
export async function runCli(argv: readonly string[], cwd: string): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = createProgram(packageVersion(), async (handler, args, flags) => {
    const out = createOutput(flags);
    try {
      code = await handler({ args, flags, out, cwd });
    } catch (error) {
      code = tellError(error, out);
    }
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (code !== exitCodes.done && argv.includes("--json")) {
      const message = error.message.replace(/^error: /, "");
      createOutput({ json: true }).result([], { error: { name: "UsageError", code: "usage", message } });
    }
  }
  return code;
}
