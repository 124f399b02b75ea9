/**
 * From feedback and memory to the prompt of OptoPrime, within its budget.
 *
 * @module
 */
import type { Parameter } from "../graph/parameter.ts";
import { batchOf, type TraceGraph } from "../graph/trace-graph.ts";
import type { OptimizerPrompt } from "./conversation.ts";
import { fitProblem } from "./fit/fit-problem.ts";
import { type PromptBudget, promptTokens, promptTooLong } from "./fit/prompt-budget.ts";
import { describeVariable } from "./problem/describe-variable.ts";
import type { Problem } from "./problem/problem.ts";
import { describeProblem } from "./problem/problem-writer.ts";
import { attemptsPrompt, othersPrompt } from "./prompts/attempts-prompt.ts";
import { directionPrompt } from "./prompts/direction-prompt.ts";
import { evidenceSections } from "./prompts/evidence-prompt.ts";
import { instructions } from "./prompts/instructions.ts";
import { hiddenVariables } from "./prompts/left-out-prompt.ts";
import { problemPrompt } from "./prompts/problem-prompt.ts";
import { workedExample } from "./prompts/worked-example.ts";
import { replyFormats } from "./reply/choose-format.ts";
import { offersEdits, textsIn } from "./reply/edits.ts";
import { Fence } from "./reply/fence.ts";
import type { AskedVariable, ReplyFormatName } from "./reply/reply-format.ts";
import { fitSurroundings, noSurroundings, type Surroundings, type SurroundingTexts, surroundingTexts } from "./surroundings.ts";

/** What goes into a prompt besides the graph. */
export interface PromptOptions {
  readonly objective: string;
  /** What is told besides the problem. */
  readonly surroundings: Surroundings;
  /** Which of the proposals of one step this is, counted from 0. */
  readonly proposal: number;
  readonly maxValueLength: number;
  readonly includeExample: boolean;
  /** The largest share of a text's words that may change. @default 1 */
  readonly maxChange?: number | undefined;
  /** What is said after the problem. */
  readonly addition?: Addition | undefined;
  /** @default "tags" */
  readonly replyFormat?: ReplyFormatName;
}

/** Something that a prompt says besides the problem. */
export interface Addition {
  /** All of the program's texts in it, so that tags can be chosen that are in none of them. */
  readonly texts: readonly string[];
  /** The words, with these tags around the program's texts. */
  readonly write: (fence: Fence) => string;
  /** Whether the words ask for something else than values of the variables. @default false */
  readonly asksOtherwise?: boolean | undefined;
}

/**
 * The prompt for what was said about a graph: all of it where there is room, else what there is most to learn from, with
 * a statement of what was left out. Runs of the same operations are listed once, by what differs, where that is shorter. All
 * parameters are variables; where not everything fits, those that no output depends on are left out first. The same arguments give the same
 * text, byte for byte; nothing is changed.
 *
 * @throws ConfigurationError when instructions, variables and one output do not fit into the budget
 */
export function buildPrompt(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  options: PromptOptions,
  budget: PromptBudget,
): OptimizerPrompt {
  const complete = completePrompt(graph, parameters, options, budget);
  if (complete !== undefined) return complete;
  const read = new Set(graph.parameters);
  const readOnly = new Map([...parameters].filter(([, parameter]) => read.has(parameter)));
  const hidden = parameters.size - readOnly.size;
  return (
    fittingPrompt(graph, readOnly, { ...options, hidden }, budget) ?? refuse(askedVariables(graph, readOnly), options, budget)
  );
}

/** The prompt with everything; `undefined` where there is no room for it. */
function completePrompt(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  options: PromptOptions,
  budget: PromptBudget,
): OptimizerPrompt | undefined {
  const { surroundings, maxValueLength } = options;
  const { comparedBy } = surroundings;
  const asked = askedVariables(graph, parameters);
  const told = surroundingTexts(surroundings, graph, parameters, maxValueLength);
  const grouped = fitted(graph, parameters, { told, asked, options, budget });
  // The text of a joined batch would have each output speak for the others.
  const isJoined = graph.targets.some(({ target }) => batchOf(target) !== undefined);
  const problem = isJoined ? undefined : describeProblem(graph, parameters, { maxValueLength, budget, comparedBy });
  const whole = problem && write(problem, asked, told, options);
  const complete = [whole, grouped].flatMap((prompt) => {
    return prompt?.omitted?.length === 0 ? [{ prompt, tokens: promptTokens(prompt, budget.count) }] : [];
  });
  const [shortest] = complete.sort((a, b) => a.tokens - b.tokens);
  return shortest !== undefined && shortest.tokens <= budget.maxTokens ? shortest.prompt : undefined;
}

/** The prompt with as much as there is room for: what is told besides the problem goes before the last output does. */
function fittingPrompt(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  options: PromptOptions & { readonly hidden: number },
  budget: PromptBudget,
): OptimizerPrompt | undefined {
  const { surroundings, maxValueLength } = options;
  const asked = askedVariables(graph, parameters);
  const told = fitSurroundings(surroundings, graph, parameters, Math.min(shortFeedback, maxValueLength), budget);
  const isAnythingTold = told.attempts.length + told.others.length > 0 || told.advice !== "";
  const prompt = fitted(graph, parameters, { told, asked, options, budget });
  return prompt ?? (isAnythingTold ? fitted(graph, parameters, { told: noSurroundings, asked, options, budget }) : undefined);
}

interface Fitting {
  readonly told: SurroundingTexts;
  readonly asked: readonly AskedVariable[];
  readonly options: PromptOptions & { readonly hidden?: number };
  readonly budget: PromptBudget;
}

function fitted(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  { told, asked, options, budget }: Fitting,
): OptimizerPrompt | undefined {
  const { surroundings, maxValueLength, hidden = 0 } = options;
  const left = hidden === 0 ? [] : [hiddenVariables(hidden)];
  return fitProblem(graph, parameters, {
    budget,
    maxValueLength,
    attempts: { all: surroundings.attempts.length, told: told.attempts.length },
    comparedBy: surroundings.comparedBy,
    write: (part) => write({ ...part, omitted: [...left, ...part.omitted] }, asked, told, options),
    tokensOf: (prompt) => promptTokens(prompt, budget.count),
  });
}

/** Characters of what was said of an attempt when not all fits. */
const shortFeedback = 500;

function write(
  problem: Problem,
  asked: readonly AskedVariable[],
  surroundings: SurroundingTexts,
  { objective, proposal, includeExample, maxChange, addition, replyFormat = "tags" }: PromptOptions,
): OptimizerPrompt {
  const fence = Fence.around(textsIn([objective, problem, surroundings, addition?.texts]), offersEdits(asked));
  const format = replyFormats[replyFormat](fence, asked);
  const { attempts, ideas, scoredOn, others, evidence, advice } = surroundings;
  const parts = {
    objective,
    attempts: attemptsPrompt(attempts, fence, scoredOn, ideas),
    others: othersPrompt(others, fence, attempts.length > 0 ? undefined : scoredOn),
    evidence: evidenceSections(evidence, fence),
    advice,
    direction: directionPrompt(proposal),
    asks: addition?.asksOtherwise !== true,
  };
  const system = instructions(format, maxChange, surroundings);
  return {
    system: includeExample ? `${system}\n\n${workedExample(fence, format)}` : system,
    prompt: [problemPrompt(problem, parts, fence), addition?.write(fence) ?? ""].filter((part) => part !== "").join("\n\n"),
    fence,
    format,
    omitted: problem.omitted,
  };
}

function refuse(asked: readonly AskedVariable[], options: PromptOptions, budget: PromptBudget): never {
  const variables = asked.map(({ name, parameter, value }) => describeVariable(name, parameter, value));
  const bare: Problem = {
    omitted: [],
    code: [],
    operations: [],
    variables,
    inputs: [],
    others: [],
    examples: [],
  };
  const tokens = promptTokens(write(bare, asked, noSurroundings, options), budget.count);
  throw promptTooLong(budget, tokens, variables);
}

/** The variables that a prompt shows, with the values that the feedback is about. */
function askedVariables(graph: TraceGraph, parameters: ReadonlyMap<string, Parameter>): readonly AskedVariable[] {
  return [...parameters].map(([name, parameter]) => ({ name, parameter, value: graph.valueOf(parameter) }));
}
