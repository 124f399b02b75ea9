/**
 * The config that `opto init` writes where a folder has nothing to train.
 *
 * @module
 */

/** The text of an `opto.config.ts` that trains right away, without a model. */
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
