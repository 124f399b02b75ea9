/**
 * `describeEval` of the package `vitest-evals` in eval files: what it defines is collected instead of run.
 *
 * It has two forms: data, task, and scorers; or a harness with judges, whose tests call `run(input)`. Of such tests the inputs are found
 * by running each of them up to that call.
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";
import { ConfigurationError } from "../../errors.ts";
import { type CollectedEval, defineEval, type Inert, inert } from "./collect-evals.ts";

interface Definition extends Harnessed {
  readonly data?: () => unknown;
  readonly task?: (input: unknown) => unknown;
  readonly scorers?: readonly unknown[];
  readonly skipIf?: () => boolean;
}

interface Harnessed {
  readonly harness?: Harness;
  readonly judges?: readonly Judge[];
  readonly judgeHarness?: Harness;
}

interface Harness {
  readonly run: (input: unknown, context: object) => unknown;
}

interface Judge {
  readonly name?: string;
  readonly judgeHarness?: Harness;
  readonly assess: (context: object) => unknown;
}

type Test = (...args: readonly unknown[]) => unknown;

/** Defines an eval. */
export function describeEval(name: string, definition: Definition, defineTests?: (it: Inert) => void): void {
  const { data, task, scorers = [], harness, skipIf } = definition;
  if (skipIf?.() === true) return;
  if (data !== undefined && task !== undefined) defineEval({ name, data, task, scorers, kind: "vitest-evals" });
  else if (harness !== undefined && defineTests !== undefined) defineEval(harnessed(name, definition, harness, defineTests));
  else throw new ConfigurationError(`The eval "${name}" has neither data with a task nor a harness with tests`);
}

function harnessed(name: string, own: Harnessed, harness: Harness, defineTests: (it: Inert) => void): CollectedEval {
  const { judges = [], judgeHarness } = own;
  const data = async (): Promise<readonly object[]> => {
    const tests: { readonly title: string; readonly run: Test; readonly row?: unknown }[] = [];
    defineTests(testApi((title, run, ...row) => tests.push({ title, run, ...(row.length > 0 ? { row: row[0] } : {}) })));
    const rows: object[] = [];
    for (const { title, run, row } of tests) rows.push(...(await inputOf(title, run, row)));
    return rows;
  };
  const task = async (input: unknown): Promise<object> => {
    const { output, session } = (await harness.run(input, harnessContext())) as {
      readonly output?: unknown;
      readonly session?: unknown;
    };
    return { output: output ?? null, session };
  };
  return { name, data, task, scorers: judges.map((judge) => scorerOf(judge, harness, judgeHarness)), kind: "vitest-evals" };
}

function harnessContext(signal?: AbortSignal): object {
  const artifacts: Record<string, unknown> = {};
  return {
    ...(signal === undefined ? {} : { signal }),
    artifacts,
    setArtifact: (key: string, value: unknown) => {
      artifacts[key] = value;
    },
  };
}

/** `it` of a suite: titles and functions are collected. */
function testApi(add: (title: string, run: Test, ...row: readonly unknown[]) => void): Inert {
  const functionIn = (args: readonly unknown[]): Test | undefined =>
    args.find((arg) => typeof arg === "function") as Test | undefined;
  const it = (title: string, ...args: readonly unknown[]): void => {
    const run = functionIn(args);
    if (run !== undefined) add(title, run);
  };
  const table =
    (spread: boolean) =>
    (rows: readonly unknown[]) =>
    (title: string, ...args: readonly unknown[]): void => {
      const run = functionIn(args);
      if (run === undefined) return;
      for (const row of rows) {
        const given = spread && Array.isArray(row) ? row : [row];
        add(title, (context) => run(...given, context), row);
      }
    };
  return inert({ only: it, concurrent: it, sequential: it, for: table(false), each: table(true) }, it);
}

/** Ends a test where it has asked for a run. */
class InputFound extends Error {
  readonly input: unknown;

  constructor(input: unknown) {
    super("the input of a test was found");
    this.input = input;
  }
}

/** The row of a test: what it runs the harness with. */
async function inputOf(title: string, test: Test, row: unknown): Promise<readonly object[]> {
  let found: InputFound | undefined;
  const run = (input: unknown): never => {
    found ??= new InputFound(input);
    throw found;
  };
  try {
    await test({ run, task: { name: title }, expect: inert(), skip: () => {} });
  } catch (error) {
    if (found === undefined) throw error;
  }
  return found === undefined ? [] : [{ ...(isPlainObject(row) ? row : {}), input: found.input, test: title }];
}

/** A judge as a scorer of the answers of the task above. */
function scorerOf(judge: Judge, harness: Harness, suiteHarness: Harness | undefined): unknown {
  const judgeHarness = judge.judgeHarness ?? suiteHarness;
  const assess = (example: { readonly output: unknown }, { signal }: { readonly signal?: AbortSignal } = {}): unknown => {
    const run = isPlainObject(example.output) ? example.output : { output: example.output };
    const runJudge = async (input: unknown): Promise<unknown> => {
      const answer = (await (judgeHarness as Harness).run(input, harnessContext(signal))) as { readonly output?: unknown };
      return answer.output ?? "";
    };
    const rest = { run, session: run.session, harness, signal, toolCalls: toolCallsIn(run.session) };
    return judge.assess({ ...example, ...rest, output: run.output, ...(judgeHarness === undefined ? {} : { runJudge }) });
  };
  return Object.defineProperty(assess, "name", { value: judge.name ?? "judge" });
}

/** The calls of tools in a session, each with its result. */
function toolCallsIn(session: unknown): object[] {
  const events = isPlainObject(session) && Array.isArray(session.events) ? session.events.filter(isPlainObject) : [];
  return events
    .filter(({ type }) => type === "tool_call")
    .map(({ id, name, arguments: args }) => {
      const result = events.find(({ type, toolCallId }) => type === "tool_result" && toolCallId === id);
      const { error, content } = result ?? {};
      const outcome =
        error === undefined ? { status: result === undefined ? "pending" : "ok", result: content } : { status: "error", error };
      return { name, arguments: args ?? {}, ...outcome };
    });
}
