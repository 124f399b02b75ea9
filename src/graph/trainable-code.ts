/**
 * A function whose source is a parameter: its own code as long as nothing else is proposed, else the proposal in the sandbox.
 *
 * @module
 */
import type { CallSite } from "../code/call-site.ts";
import { checkCode, readShape } from "../code/check-code.ts";
import { CodeError } from "../code/code-error.ts";
import { crossingProblem } from "../code/crossing.ts";
import { type FunctionShape, signatureOf } from "../code/function-shape.ts";
import type { CodeTools } from "../code/guest-call.ts";
import { type CodeLimits, resolveLimits } from "../code/limits.ts";
import { isSandboxLoaded, loadSandbox, runInSandbox } from "../code/sandbox.ts";
import { headingOf, sourceOf, writtenSource } from "../code/source.ts";
import { describeValue, isPlainObject, shorten, textOf } from "../data/json.ts";
import { isPromiseLike } from "../data/shared-work.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Operation } from "./graph-node.ts";
import { isNode } from "./node.ts";
import { Parameter } from "./parameter.ts";
import { currentRun } from "./scope.ts";

/** What a trainable function may use. */
export interface CodeOptions {
  /**
   * What the code may use from outside, by name: functions, sync or async, bundled or plain, and plain data. Values cross as
   * copies. Only with `trainable: true`. @default {}
   */
  readonly tools?: CodeTools | undefined;
  /**
   * The parameters of the function as learned code writes them, without types and defaults: `["items", "{ order }", "...rest"]`.
   * With `name` it fits code that was learned elsewhere to a program whose bundler has renamed things. Only with
   * `trainable: true`. @default as they are read in the function
   */
  readonly params?: readonly string[] | undefined;
  /** The most that one call in the sandbox may use. Only with `trainable: true`. @default see {@link CodeLimits} */
  readonly limits?: CodeLimits | undefined;
}

/** The two sides of a trainable function. */
interface Trainable {
  readonly parameter: CodeParameter;
  /** A call with plain values, by the code of here and now. */
  run(values: readonly unknown[]): unknown;
}

/**
 * Takes the source of `fn` for a parameter, and begins to load the sandbox.
 *
 * @throws InvalidArgumentError when the function could not run in the sandbox as it is, or an option is wrong
 */
export function trainableCode(
  fn: (...args: never[]) => unknown,
  options: CodeOptions & { readonly name?: string | undefined; readonly description?: string | undefined },
  site: CallSite | undefined,
): Trainable {
  const limits = resolveLimits(options.limits);
  const tools = lend(options.tools ?? {});
  const toolNames = Object.keys(tools);
  const { name, text, place } = sourceOf(fn, { name: options.name, site });
  const ownShape = readShape(text, name);
  const problems = typeof ownShape === "string" ? [ownShape] : checkCode(text, { shape: ownShape, tools: toolNames });
  if (typeof ownShape === "string" || problems.length > 0) {
    // Where TypeScript was found, it is what the author wrote.
    const isAuthors = place !== undefined && !/\.[cm]?js$/.test(place.file);
    throw new InvalidArgumentError(
      `The function ${name} cannot be trained, because its code could not run in the sandbox: ${problems.join("; ")}. ` +
        "Pass what it uses from outside as tools: bundle(fn, { trainable: true, tools: { … } })" +
        (isAuthors ? "" : `. ${renamedHint}`),
    );
  }
  const shape = options.params === undefined ? ownShape : withParameters(ownShape, options.params);
  isWanted = true;
  // Whoever needs it waits for it, and hears of a failure.
  loadSandbox().catch(() => undefined);
  const toolLines = Object.entries(options.tools ?? {}).map(([tool, value]) => describeTool(tool, value, site));
  const parameter = new CodeParameter({ text, shape, tools: toolNames, toolLines, description: options.description });
  const run = (values: readonly unknown[]): unknown => {
    refuseArguments(values, shape.parameters);
    const code = parameter.peek();
    if (parameter.isOriginal(code)) return fn(...(values as never[]));
    return runInSandbox({ text: code, name, isAsync: shape.isAsync, tools, limits }, values, { signal: currentRun()?.signal });
  };
  return { parameter, run };
}

/** What to do about names that are not those of the author. */
export const renamedHint = "If a bundler has renamed it, build with source maps, or leave its file out of the bundle";

/** The shape with the parameters that the user writes down: as many, and of the same kinds. */
function withParameters(shape: FunctionShape, params: readonly string[]): FunctionShape {
  const written = Array.isArray(params) ? readShape(`function ${shape.name}(${params.join(", ")}) {}`, shape.name) : "";
  const own = shape.parameters;
  const fits =
    typeof written !== "string" &&
    written.parameters.length === own.length &&
    written.parameters.every((text, index) => kindOf(text) === kindOf(own[index] ?? ""));
  if (fits) return { ...shape, parameters: written.parameters };
  throw new InvalidArgumentError(
    `Expected \`params\` to be the parameters of ${shape.name} as written in the source, like ${JSON.stringify(own)}, got ${describeValue(params)}`,
  );
}

/** A rest parameter, an array or an object that is taken apart, or a plain name. */
function kindOf(parameter: string): string {
  return /^(?:\.\.\.|\[|\{)/.exec(parameter)?.[0] ?? "";
}

/**
 * Resolves when code can be run, or when it has turned out that it cannot: only a call that needs the sandbox then fails.
 * `undefined` when there is nothing to wait for.
 */
export function codeReady(): Promise<void> | undefined {
  return isWanted && !isSandboxLoaded() ? loadSandbox().catch(() => undefined) : undefined;
}

let isWanted = false;

/** The first version is held to what all later ones are held to, so that nobody trains what can never be tried. */
function refuseArguments(values: readonly unknown[], names: readonly string[]): void {
  for (const [index, value] of values.entries()) {
    const problem = crossingProblem(value, names[index] ?? `argument ${index + 1}`);
    if (problem === undefined) continue;
    throw new CodeError({ name: "TypeError", message: `${problem}; a trainable function takes plain data only` });
  }
}

/** Tools as the sandbox takes them: bundled functions give their values. */
function lend(tools: CodeTools): CodeTools {
  if (!isPlainObject(tools)) throw new InvalidArgumentError(`Expected tools to be an object, got ${describeValue(tools)}`);
  const lent: Record<string, unknown> = {};
  for (const [name, tool] of Object.entries(tools)) {
    if (!/^[A-Za-z_$][\w$]*$/.test(name) || typeof readShape(`const ${name} = () => 0;`, name) === "string") {
      throw new InvalidArgumentError(`Expected the name of a tool to be a JavaScript identifier, got ${describeValue(name)}`);
    }
    if (typeof tool === "function") {
      lent[name] = (...args: unknown[]) => plainResult(Reflect.apply(tool, undefined, args));
      continue;
    }
    const problem = crossingProblem(tool, name);
    if (problem !== undefined) throw new InvalidArgumentError(`Expected a tool to be a function or plain data, but ${problem}`);
    lent[name] = tool;
  }
  return Object.freeze(lent);
}

function plainResult(result: unknown): unknown {
  if (isPromiseLike(result)) return Promise.resolve(result).then(plainResult);
  return isNode(result) ? result.value : result;
}

/** One line: `search(query: string, limit = 5): string[]: Finds documents.` */
function describeTool(name: string, tool: unknown, site: CallSite | undefined): string {
  if (typeof tool !== "function") return `\`${name}\` = ${shorten(textOf(tool), longestData)}`;
  const operation = operationIn(tool);
  const code = codeOf(tool);
  const shape = code === undefined ? undefined : readShape(code.peek(), code.name);
  if (typeof shape === "object") return line(signatureOf({ ...shape, name }), operation?.description);
  const program = operation?.source ?? writtenSource(tool as () => unknown, name, site);
  const heading = headingOf(program, name);
  return line(heading?.signature ?? `${name}(…)`, operation?.description || heading?.documentation);
}

const longestData = 200;

function line(signature: string, description: string | undefined): string {
  return description ? `\`${signature}\`: ${description}` : `\`${signature}\``;
}

/** The operation of a bundled function. */
function operationIn(tool: object): Operation | undefined {
  const operation: unknown = Object.getOwnPropertyDescriptor(tool, "operation")?.value;
  return typeof operation === "object" && operation !== null ? (operation as Operation) : undefined;
}

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
