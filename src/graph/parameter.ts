/**
 * Parameters: the one kind of node whose value changes, and the rules each value has to keep.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describeValue, frozenCopy, type JsonValue, jsonEqual, jsonProblem, textOf } from "../data/json.ts";
import { anything, functionLike, type OptionTable, trueOrFalse, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { isPromiseLike } from "../data/shared-work.ts";
import { errorText, GraphError, InvalidArgumentError } from "../errors.ts";
import { type Domain, domainProblem } from "./domain.ts";
import { labelOf, unnamed } from "./graph-node.ts";
import { markHandled } from "./handle.ts";
import { isNode, Node, type NodeOptions } from "./node.ts";
import { currentScope, noteRead, type Scope } from "./scope.ts";
import { asWritten, hasSlot, slotsOf } from "./slots.ts";
import { noteUnboundRead } from "./unbound-reads.ts";

/** Options of a parameter. */
export interface ParameterOptions<T> extends NodeOptions {
  /** Rules in prose that the optimizer is asked to keep: `"at most three sentences"`. */
  readonly constraint?: string | undefined;
  /** A Standard Schema (Zod, Valibot, ArkType, …) that every value must pass unchanged; it must validate synchronously. */
  readonly schema?: StandardSchemaV1<unknown, T> | undefined;
  /** The set of values, for optimizers that search it: `choices`, `range` or `subset`. */
  readonly domain?: Domain<T> | undefined;
  /**
   * Slots such as `{question}` that every value must contain, without the braces; `[]` for a text whose braces are not slots.
   *
   * @default the slots of the first value, if it is a string: names between braces that are separate words
   */
  readonly placeholders?: readonly string[] | undefined;
  /** Most characters of a text; of any other value, of its JSON. @default no limit */
  readonly maxLength?: number | undefined;
  /**
   * Your own rule, checked after the others: returns `true` or nothing for a value that keeps it, else what is wrong with it, as
   * text that the optimizer is shown (`false` says only that it is rejected). What it throws counts as the problem.
   */
  readonly validate?: ((value: T) => string | readonly string[] | boolean | null | undefined) | undefined;
  /** Whether optimizers may change it. @default true */
  readonly trainable?: boolean | undefined;
  /** Where the value comes from; set by `promptFile` and `promptFrom`. @default the program itself */
  readonly origin?: ParameterOrigin | undefined;
}

/**
 * Where a value comes from, and where `opto apply` writes a better one: a part of a file, or a prompt in a store. It belongs to the
 * parameter, not to its value: copies of the agent share it, candidates do not have it.
 */
export interface ParameterOrigin {
  /** What a run keeps of it: which place it is, and the state in which it was read. No part of what makes a run the same run. */
  readonly record: OriginRecord;
}

/** An origin as plain data, named by its kind. */
export interface OriginRecord {
  readonly kind: string;
  readonly [name: string]: JsonValue;
}

const parameterTable: OptionTable<ParameterOptions<unknown>> = {
  name: anything,
  description: anything,
  constraint: anything,
  schema: {
    expected: "a Standard Schema (Zod, Valibot, ArkType, …)",
    holds: (schema) => typeof (schema as StandardSchemaV1 | null)?.["~standard"]?.validate === "function",
  },
  domain: {
    expected: "`choices([…])`, `range(low, high)`, or `subset([…])`",
    holds: (domain) => ["choices", "range", "subset"].includes((domain as Domain | null)?.kind as string),
  },
  placeholders: anything,
  maxLength: wholeFrom(1),
  validate: functionLike("(value) => problem"),
  trainable: trueOrFalse,
  origin: { expected: "an origin", holds: (origin) => typeof (origin as ParameterOrigin | null)?.record?.kind === "string" },
};

/**
 * A value that an optimizer may change: a prompt, an example, a setting. It holds JSON, frozen, so that
 * nothing changes it in place; `set` replaces it.
 */
export class Parameter<T = unknown> extends Node<T> {
  static {
    markHandled(Parameter);
  }

  readonly constraint: string | undefined;
  readonly schema: StandardSchemaV1 | undefined;
  readonly domain: Domain | undefined;
  readonly placeholders: readonly string[];
  readonly maxLength: number | undefined;
  readonly trainable: boolean;
  /** Where the value comes from; `undefined`: the program itself. */
  readonly origin: ParameterOrigin | undefined;
  readonly #validate: ((value: never) => unknown) | undefined;
  readonly #jsonType: string;
  #current: T;

  constructor(value: T, options: ParameterOptions<T> = {}) {
    checkTable(options, parameterTable as OptionTable<ParameterOptions<T>>, "parameter", "");
    super(value, { name: options.name ?? unnamed, description: options.description }, { kind: "parameter" });
    if (this.name === "__proto__") throw new InvalidArgumentError('A parameter cannot be named "__proto__"');
    this.constraint = options.constraint;
    this.schema = options.schema;
    this.domain = options.domain as Domain | undefined;
    this.placeholders = options.placeholders === undefined ? slotsOf(value) : asWritten(options.placeholders, value);
    this.maxLength = options.maxLength;
    this.#validate = options.validate;
    this.trainable = options.trainable ?? true;
    this.origin = options.origin;
    this.#jsonType = jsonType(value);
    this.#current = this.#checked(value);
  }

  override get value(): T {
    const scope = currentScope();
    noteUnboundRead(this as Parameter, scope);
    noteRead(scope.frame, this);
    return this.#valueIn(scope);
  }

  /** The value here and now: what `withValues` bound around this call, else what was last set. */
  override peek(): T {
    return this.#valueIn(currentScope());
  }

  #valueIn({ bindings }: Scope): T {
    return bindings?.has(this as Parameter) ? (bindings.get(this as Parameter) as T) : this.#current;
  }

  /**
   * Replaces the value.
   *
   * @throws InvalidArgumentError when the value breaks a rule of the parameter; the old value stays
   * @throws GraphError while a candidate is tried that has a value for this parameter: in a rollout, or inside `withValues`
   */
  set(value: T): void {
    if (currentScope().bindings?.has(this as Parameter)) {
      throw new GraphError(
        `The ${labelOf(this)} cannot be set here: a candidate is being tried (by a run or by \`withValues\`), and until that ends it has ` +
          "the candidate's value. Set it before or after; the values that a run tries come from its optimizer",
      );
    }
    this.#current = this.#checked(value);
  }

  /** Says which rules `value` breaks, as text for people and models; empty when it may be set. */
  problems(value: unknown): string[] {
    const notJson = jsonProblem(value);
    if (notJson !== undefined) return [`expected a JSON value, but ${notJson}`];
    if (this.schema !== undefined) {
      const issues = schemaIssues(this.schema, value, labelOf(this));
      if (issues.length > 0) return issues;
    } else if (this.#jsonType !== "null" && jsonType(value) !== this.#jsonType) {
      return [`expected ${article(this.#jsonType)}, got ${describeValue(value)}`];
    }
    const problems: string[] = [];
    const outside = this.domain === undefined ? undefined : domainProblem(this.domain, value);
    if (outside !== undefined) problems.push(outside);
    if (typeof value === "string") {
      const missing = this.placeholders.filter((slot) => !hasSlot(value, slot));
      if (missing.length > 0) problems.push(`expected the text to keep ${missing.map((slot) => `{${slot}}`).join(", ")}`);
    }
    const length = this.maxLength === undefined ? 0 : textOf(value).length;
    if (length > (this.maxLength ?? 0)) problems.push(`expected at most ${this.maxLength} characters, got ${length}`);
    // A rule of the program's own may rely on the others.
    return problems.length > 0 || this.#validate === undefined ? problems : ownProblems(this.#validate, value, labelOf(this));
  }

  #checked(value: unknown): T {
    const problems = this.problems(value);
    if (problems.length > 0) {
      throw new InvalidArgumentError(`The ${labelOf(this)} cannot take this value: ${problems.join("; ")}`);
    }
    return frozenCopy(value) as T;
  }
}

/**
 * A value that can be trained. If a node is passed, the parameter starts with its value and is independent of the node.
 *
 * @throws InvalidArgumentError when the value is not JSON or breaks its own schema or domain
 * @example
 * const prompt = parameter("Answer in one word: {question}", { description: "the system prompt" });
 */
export function parameter<T>(value: T | Node<T>, options: ParameterOptions<Widened<T>> = {}): Parameter<Widened<T>> {
  if (isNode(value)) {
    return new Parameter(value.peek() as Widened<T>, { name: value.name, ...options });
  }
  return new Parameter(value as Widened<T>, options);
}

/** The general type of a literal: a parameter made from `"a"` holds any string. */
export type Widened<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T;

/** True for parameters. */
export function isParameter(value: unknown): value is Parameter {
  return value instanceof Parameter;
}

function jsonType(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function article(type: string): string {
  return /^[ao]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** What the program's own rule has against a value. */
function ownProblems(validate: (value: never) => unknown, value: unknown, label: string): string[] {
  let answer: unknown;
  try {
    answer = validate(value as never);
  } catch (error) {
    return [errorText(error)];
  }
  if (isPromiseLike(answer)) {
    answer.then(undefined, () => undefined);
    throw new InvalidArgumentError(`Expected \`validate\` of the ${label} to return synchronously, got a promise`);
  }
  if (answer === false) return ["the program's own rule rejects this value"];
  if (typeof answer === "string") return answer === "" ? [] : [answer];
  return Array.isArray(answer) ? answer.map(errorText) : [];
}

/** A schema that converts values (trims, coerces, fills in) is kept to as a rule: only what it leaves as it is may be set. */
function schemaIssues(schema: StandardSchemaV1, value: unknown, label: string): string[] {
  const result = schema["~standard"].validate(value);
  if (isPromiseLike(result)) {
    result.then(undefined, () => undefined);
    throw new InvalidArgumentError(`Expected the schema of the ${label} to validate synchronously, got a promise`);
  }
  if (result.issues === undefined) {
    const isUnchanged = jsonEqual(result.value as JsonValue, value as JsonValue);
    return isUnchanged
      ? []
      : [`expected ${describeValue(result.value)}, to which the schema converts it, got ${describeValue(value)}`];
  }
  return result.issues.map(({ message, path = [] }) => {
    const at = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
    return at === "" ? message : `${at}: ${message}`;
  });
}
