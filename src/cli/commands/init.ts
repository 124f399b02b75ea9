/**
 * `opto init`: writes a small config that works.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { makeFolders } from "../../data/json-file.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { CommandCall } from "../command.ts";
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

/** Text of an `opto.config.ts`. */
export const configTemplate = `import { defineConfig, model, parameter, range, subset } from "opto";

// What is trained: an agent with parameters. This one needs no language model; with one, a parameter may be a prompt:
//   system = parameter("Say whether the mail is urgent.");  and in forward:  generate({ system: this.system, prompt: mail })
const urgency = model(
  {
    words: parameter<readonly string[]>(["lunch"], {
      description: "words that make a mail urgent",
      domain: subset(["today", "outage", "lunch", "refund", "newsletter", "asap"]),
    }),
    needed: parameter(1, { description: "how many of them it takes", domain: range(1, 2, { integer: true }) }),
  },
  ({ words, needed }, mail: string) => {
    const found = words.value.filter((word) => mail.toLowerCase().includes(word));
    return found.length >= needed.value;
  },
);

export default defineConfig({
  name: "urgency",
  agent: urgency,
  // Each example is an input with what the guide knows of it; see also loadDataset("train.jsonl").
  trainDataset: [
    { input: "Outage in Berlin, please look at it asap", info: { urgent: true } },
    { input: "Lunch today?", info: { urgent: false } },
    { input: "The customer wants a refund today", info: { urgent: true } },
    { input: "Newsletter: ten tips for lunch", info: { urgent: false } },
    { input: "Notes from today", info: { urgent: false } },
    { input: "Please answer asap", info: { urgent: true } },
    { input: "Second outage this week", info: { urgent: true } },
    { input: "Newsletter for today", info: { urgent: false } },
  ],
  // Says how good an answer is: a score, or a score with written feedback for the optimizer.
  guide: (mail, urgent, info) => (urgent === info.urgent ? [1, "right"] : [0, \`"\${mail}" is \${info.urgent ? "" : "not "}urgent\`]),
  // "TPE" searches the domains of the parameters; "OptoPrime" (the default with a model) reads the feedback and writes prompts; more in node_modules/opto/docs/optimizers.md.
  optimizer: "TPE",
  numProposals: 8,
  batchSize: 8,
  numEpochs: 10,
});
`;
