/**
 * The words around a problem: its sections, and the request at the end.
 *
 * @module
 */
import type {
  Problem,
  ProblemExample,
  ProblemFeedback,
  ProblemOperation,
  ProblemValue,
  ProblemVariable,
} from "../problem/problem.ts";
import { nameInCode } from "../problem/unique-names.ts";
import type { Fence } from "../reply/fence.ts";

/** What a prompt is made of besides the problem. */
export interface PromptParts {
  readonly objective: string;
  /** Earlier attempts as text; empty when there are none. */
  readonly attempts: string;
  /** Further candidates as text; empty when there are none. */
  readonly others: string;
  /** Further parts by title. @default none */
  readonly evidence?: Readonly<Record<string, string>> | undefined;
  /** Empty when there is none. */
  readonly advice: string;
  /** What sets this proposal apart from others of the same step; empty when nothing does. */
  readonly direction: string;
  /** Whether values are asked for at the end, and not something else by what follows. @default true */
  readonly asks?: boolean | undefined;
}

/** The whole prompt of the user. */
export function problemPrompt(problem: Problem, parts: PromptParts, fence: Fence): string {
  const { omitted, code, operations, variables, inputs, others, examples } = problem;
  return [
    section("Instruction", [parts.objective]),
    section("Left out", omitted.length === 0 ? [] : [leftOut, ...omitted.map((what) => `- ${what}.`)]),
    section("Code", code),
    section("Documentation", operations, operationText(fence)),
    section("Variables", variables, variableBlock(fence), "\n\n"),
    section("Inputs", inputs, valueText(fence)),
    section("Others", others, valueText(fence)),
    section("Examples", examples.map(exampleText(fence)), String, "\n\n"),
    ...surroundingSections(parts),
    section("Your answer", parts.asks === false ? [] : [request(variables), parts.direction].filter((line) => line !== "")),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** What is told besides the problem. */
export function surroundingSections({
  attempts,
  others,
  evidence = {},
  advice,
}: Pick<PromptParts, "attempts" | "others" | "evidence" | "advice">): string[] {
  const parts = { ...evidence, "Earlier attempts": attempts, "Other candidates": others, Advice: advice };
  return Object.entries(parts).map(([title, text]) => section(title, text === "" ? [] : [text]));
}

/** A part of a prompt under its title; empty when there is nothing in it. */
export function section<Item = string>(
  title: string,
  items: readonly Item[],
  write: (item: Item) => string = String,
  between = "\n",
): string {
  return items.length === 0 ? "" : `# ${title}\n${items.map(write).join(between)}`;
}

/** Writes what an operation does. */
export function operationText(fence: Fence): (operation: ProblemOperation) => string {
  return ({ name, description, source }) => {
    const text = [description, source].filter((part) => part !== "").join("\n");
    return fence.inline("operation", text || "No documentation.", { name });
  };
}

/** Writes a variable with its value. */
export function variableBlock(fence: Fence): (variable: ProblemVariable) => string {
  return (variable) => [variableHeading(variable), fence.block("variable", variable.value, { name: variable.name })].join("\n");
}

/** Writes what there is to know of a variable besides its value. */
export function variableHeading({ name, type, notes }: ProblemVariable): string {
  return [`${nameInCode(name)} (${type})`, ...notes.map(indented)].join("\n");
}

/** Writes a value that may not be changed. */
export function valueText(fence: Fence): (value: ProblemValue) => string {
  return ({ name, type, about, value, also }) => fence.inline("value", value, { name, also: also?.join(", "), type, about });
}

/** Writes what was said of an output. */
export function feedbackText(fence: Fence): (feedback: ProblemFeedback) => string {
  return ({ target, score, scores, text }) => fence.inline("feedback", text, { for: target, score, scores });
}

const leftOut = "The whole problem is too long for one prompt, so parts of it are not shown:";

/** Writes one example: a wrong one a line for each part of it, a right one in one line after its operations. */
function exampleText(fence: Fence): (example: ProblemExample, index: number) => string {
  return ({ isRight, code, sameAs, parts = [], values, expected, feedback }, index) => {
    const outcome = isRight === undefined ? [] : [isRight ? "right" : "wrong"];
    const likeness = sameAs === undefined ? [] : [`as example ${sameAs}`];
    const heading = `${[`Example ${index + 1}`, ...outcome, ...likeness].join(", ")}:`;
    const answer = expected === undefined ? [] : [fence.inline("value", expected, { name: "expected" })];
    const told = [...values.map(valueText(fence)), ...answer, ...feedback.map(feedbackText(fence))];
    if (isRight !== true) return [heading, ...code, ...told].join("\n");
    const line = [...told, ...(parts.length === 0 ? [] : [`(depended on ${namesText(parts)})`])].join(" ");
    return code.length === 0 ? `${heading} ${line}` : [heading, ...code, line].join("\n");
  };
}

/** Some of the names, where there are many. */
function namesText(names: readonly string[]): string {
  const more = names.length - mostParts;
  return [...names.slice(0, mostParts).map(nameInCode), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}

function request(variables: readonly ProblemVariable[]): string {
  const which = variables.length > mostNamed ? "" : `: ${variables.map(({ name }) => nameInCode(name)).join(", ")}`;
  return `Provide better values for the variables that need changing${which}.`;
}

/** Variables that a right output is said to depend on. */
const mostParts = 16;

/** More variables are not named again: all that are shown may change. */
const mostNamed = 8;

function indented(note: string): string {
  return `  ${note.replaceAll("\n", "\n  ")}`;
}
