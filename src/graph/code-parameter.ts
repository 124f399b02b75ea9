/**
 * The parameter that holds the source of a trainable function.
 *
 * @module
 */
import { checkCode } from "../code/check-code.ts";
import { type FunctionShape, signatureOf } from "../code/function-shape.ts";
import { Parameter } from "./parameter.ts";

/** What is known of the function whose source it is. */
export interface CodeOrigin {
  /** The source that the program came with. */
  readonly text: string;
  readonly shape: FunctionShape;
  /** Names that the code may use from outside. */
  readonly tools: readonly string[];
  /** What each of them is, in one line. */
  readonly toolLines?: readonly string[] | undefined;
  readonly description: string | undefined;
}

/** A parameter whose values are programs: TypeScript that declares one function, and what it needs besides. */
export class CodeParameter extends Parameter<string> {
  readonly #origin: CodeOrigin | undefined;
  readonly #checked = new Map<string, readonly string[]>();

  constructor(origin: CodeOrigin) {
    const { text, shape, tools, toolLines = [], description } = origin;
    const constraint = [rulesInWords(shape, tools), ...toolLines.map((line) => `- ${line}`)].join("\n");
    super(text, { name: shape.name, description, constraint, placeholders: [] });
    this.#origin = origin;
  }

  /** Whether `text` is the source that the program came with, but for blanks at the ends of lines outside templates. */
  isOriginal(text: string): boolean {
    const original = this.#origin?.text ?? "";
    if (text === original) return true;
    // In a template they are part of a value. Asked by every call, so what is surely another text is told at once.
    if (original.includes("`") || Math.abs(text.length - original.length) > mostBlanks) return false;
    return withoutTrailingBlanks(text) === withoutTrailingBlanks(original);
  }

  /** Says what is wrong with a program, each with its line. */
  override problems(value: unknown): string[] {
    const problems = super.problems(value);
    // The first value is set before there is anything to compare it with; `bundle` has checked it.
    if (problems.length > 0 || typeof value !== "string" || !(#origin in this) || this.#origin === undefined) return problems;
    // It runs natively; where a bundler has renamed its parameters, they are not those that learned code has.
    if (this.isOriginal(value)) return problems;
    return [...this.#problemsOf(value, this.#origin)];
  }

  #problemsOf(text: string, { shape, tools }: CodeOrigin): readonly string[] {
    const known = this.#checked.get(text);
    if (known !== undefined) return known;
    const problems = checkCode(text, { shape, tools });
    if (this.#checked.size >= mostRemembered) this.#checked.clear();
    this.#checked.set(text, problems);
    return problems;
  }
}

/** True for parameters that hold code. */
export function isCodeParameter(value: unknown): value is CodeParameter {
  return value instanceof CodeParameter;
}

/** The parameter of a trainable function; `undefined` for every other function. */
export function codeOf(fn: object): CodeParameter | undefined {
  const parameter: unknown = Object.getOwnPropertyDescriptor(fn, "parameter")?.value;
  return isCodeParameter(parameter) ? parameter : undefined;
}

/** Candidates are checked again whenever they are bound. */
const mostRemembered = 64;

function rulesInWords(shape: FunctionShape, tools: readonly string[]): string {
  const lent = tools.length === 0 ? "" : `, ${tools.join(", ")}`;
  const sync = shape.isAsync ? "" : " It must stay synchronous.";
  return [
    `declare \`${signatureOf(shape)}\` at the top level, with this name and these parameters.${sync}`,
    "Other functions, classes and constants may be declared alongside it.",
    `Only its arguments, its own declarations${lent} and JavaScript's built-ins are available: no import, export, require, eval, this, timers, clock or network.`,
    "Arguments and results are copied as plain data; no state is kept between calls.",
  ].join(" ");
}

/** How many characters a text may have more or less than the original and still be it. */
const mostBlanks = 1_000;

function withoutTrailingBlanks(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return lines.join("\n").trim();
}
