/**
 * `configText`: the text of an `opto.config.ts` for the parts that were chosen, and for a folder that has nothing to train.
 *
 * @module
 */
import { basename } from "node:path";
import { type AgentPart, type ChosenParts, type DataPart, guideRoles, type Role, type ScorerPart } from "./choose-parts.ts";

/** What is written: lines of the config, and what they import. */
interface Lines {
  readonly lines: readonly string[];
  readonly imports?: Readonly<Record<string, readonly string[]>>;
}

const quote = (text: string): string => JSON.stringify(text);

/**
 * @param model the model that proposes, and answers where the config asks one itself
 * @param folderUp what leads from the config to the folder that paths are relative to: `./`
 */
export function configText(
  { agent, data, scorer }: ChosenParts,
  { model, folderUp }: { readonly model: string | undefined; readonly folderUp: string },
): string {
  const parts = [
    nameLines(agent, data),
    agentLines(agent, data, model, folderUp),
    dataLines(data, folderUp),
    scorerLines(scorer, model, folderUp),
    optimizerLines(model),
  ];
  const imports: Record<string, Set<string>> = { opto: new Set(["defineConfig"]) };
  for (const { imports: own = {} } of parts) {
    for (const [module, names] of Object.entries(own)) {
      imports[module] ??= new Set();
      for (const name of names) imports[module].add(name);
    }
  }
  const head = Object.entries(imports).map(
    ([module, names]) => `import { ${[...names].sort().join(", ")} } from ${quote(module)};`,
  );
  const body = parts.flatMap(({ lines }) => lines.map((line) => (line === "" ? "" : `  ${line}`)));
  return [...head, "", "export default defineConfig({", ...body, "});", ""].join("\n");
}

function nameLines(agent: AgentPart, data: DataPart): Lines {
  if (data.kind === "eval") return { lines: [] };
  return { lines: [`name: ${quote(slug(nameOf(agent)))},`] };
}

function nameOf(agent: AgentPart): string {
  if (agent.kind !== "export") return stemOf(agent.file);
  return agent.source.name === "default" ? stemOf(agent.source.file) : agent.source.name;
}

function agentLines(agent: AgentPart, data: DataPart, model: string | undefined, folderUp: string): Lines {
  if (agent.kind === "eval") return { lines: ["// The task of the eval; the parameters of opto that it reads are trained."] };
  if (agent.kind === "prompt") {
    const asked = model === undefined ? "" : `model: ${quote(model)}, `;
    const isText = data.kind === "eval" || data.columns.isText;
    const lines = [
      "// The text of the file is trained; `opto apply` writes the best one back into it.",
      `agent: () => model({ prompt: promptFile(${quote(agent.file)}) }, ({ prompt }, input: ${isText ? "string" : "unknown"}) => generate({ ${asked}system: prompt, prompt: ${isText ? "input" : "JSON.stringify(input)"} })),`,
    ];
    return { lines, imports: { opto: ["generate", "model", "promptFile"] } };
  }
  const { source, prompts } = agent;
  const { imported, local } = importOf(source.name, "ownAgent");
  const imports = { [`${folderUp}${source.file}`]: [imported] };
  if (source.kind === "instance") return { lines: [`agent: ${local},`], imports };
  if (source.kind === "class") return { lines: [`agent: () => new ${local}(),`], imports };
  const names = prompts.length === 1 ? ["prompt"] : namesOf(prompts);
  const named = prompts.map((file, index) => `${names[index]}: promptFile(${quote(file)})`);
  const lines = [
    "// The function is used as it is. In what its models are sent, the texts of these files are trained; `opto apply` writes the best ones back.",
    `agent: () => fromFunction(${local}, { ${named.join(", ")} }),`,
  ];
  return { lines, imports: { opto: ["fromFunction", "promptFile"], ...imports } };
}

function dataLines(data: DataPart, folderUp: string): Lines {
  if (data.kind === "eval") return { lines: [`from: ${quote(`${folderUp}${data.file}`)},`] };
  const { input, info } = data.columns;
  const [only] = info;
  const options = [
    ...(input === "input" ? [] : [`input: ${quote(input)}`]),
    ...(info.length === 0 ? ["info: null"] : []),
    ...(info.length > 1 ? [`info: [${info.map(quote).join(", ")}]`] : []),
    ...(info.length === 1 && only !== "info" && only !== "expected" ? [`info: ${quote(only as string)}`] : []),
  ];
  const given = options.length === 0 ? "" : `, { ${options.join(", ")} }`;
  return { lines: [`trainDataset: () => loadDataset(${quote(data.file)}${given}),`], imports: { opto: ["loadDataset"] } };
}

function scorerLines(scorer: ScorerPart, model: string | undefined, folderUp: string): Lines {
  switch (scorer.kind) {
    case "eval":
      return { lines: [] };
    case "exact":
      return { lines: ["guide: exactMatch(),"], imports: { opto: ["exactMatch"] } };
    case "contains":
      return { lines: ["guide: contains({ ignoreCase: true }),"], imports: { opto: ["contains"] } };
    case "judge":
      return model === undefined
        ? { lines: ['guide: "LLMJudge",'] }
        : { lines: [`guide: new LLMJudge({ model: ${quote(model)} }),`], imports: { opto: ["LLMJudge"] } };
    case "own":
      return {
        lines: [
          "// Says how good an answer is: a score, or a score with feedback for the optimizer.",
          `guide: (question, answer, info) => (answer === info ? [1, "right"] : [0, \`expected \${JSON.stringify(info)}\`]),`,
        ],
      };
    case "file": {
      const { imported, local } = importOf(scorer.name, "own");
      const imports = { [`${folderUp}${scorer.file}`]: [imported] };
      if (scorer.takes === "guide") return { lines: [`guide: ${local},`], imports };
      if (scorer.takes !== "example") return { lines: [`guide: ${guideAround(local, scorer.takes)},`], imports };
      return { lines: [`guide: fromScorer(${local}),`], imports: { opto: ["fromScorer"], ...imports } };
    }
  }
}

/** A guide that calls a scorer of other parameters; what the scorer does not take is marked as unused. */
function guideAround(scorer: string, takes: readonly Role[]): string {
  const last = Math.max(...takes.map((role) => guideRoles.indexOf(role)));
  const names = guideRoles.slice(0, last + 1).map((role) => (takes.includes(role) ? role : `_${role}`));
  return `(${names.join(", ")}) => ${scorer}(${takes.join(", ")})`;
}

function optimizerLines(model: string | undefined): Lines {
  const sizes = [
    "batchSize: 4,",
    "// Ends the run before more model calls than this; `opto resume` continues it.",
    "budget: { calls: 500 },",
  ];
  if (model === undefined) return { lines: sizes };
  return {
    lines: [`optimizer: (agent) => new OptoPrime(agent, { model: ${quote(model)} }),`, ...sizes],
    imports: { opto: ["OptoPrime"] },
  };
}

/** Names of opto that a config may import. */
const taken: ReadonlySet<string> = new Set(
  "defineConfig generate model promptFile fromFunction loadDataset exactMatch contains LLMJudge fromScorer OptoPrime".split(" "),
);

/** @param ofDefault what a default export is called here */
function importOf(name: string, ofDefault: string): { readonly imported: string; readonly local: string } {
  if (name === "default") return { imported: `default as ${ofDefault}`, local: ofDefault };
  return taken.has(name) ? { imported: `${name} as own_${name}`, local: `own_${name}` } : { imported: name, local: name };
}

function stemOf(file: string): string {
  return basename(file).replace(/\..*$/, "");
}

/** A name for each file, all different: its own, else that of its path, else with a number. */
function namesOf(files: readonly string[]): string[] {
  const stems = files.map((file) => camel(stemOf(file)));
  const names = new Set<string>();
  for (const [index, file] of files.entries()) {
    const stem = stems[index] as string;
    const wanted = stems.indexOf(stem) === stems.lastIndexOf(stem) ? stem : camel(file.replace(/\.[^/]*$/, ""));
    let name = wanted;
    for (let count = 2; names.has(name); count++) name = `${wanted}${count}`;
    names.add(name);
  }
  return [...names];
}

function camel(text: string): string {
  const name = text.replace(/^[^a-zA-Z0-9]+/, "").replace(/[^a-zA-Z0-9]+(.)?/g, (_, next: string = "") => next.toUpperCase());
  return /^[a-zA-Z]/.test(name) ? name : `prompt${name}`;
}

function slug(name: string): string {
  const text = name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return text === "" ? "agent" : text;
}

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
