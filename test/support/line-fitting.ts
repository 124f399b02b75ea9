/**
 * A task that can be checked by hand: learn `a` in `y = a * x`, where 2 is right. The score is minus the distance.
 *
 * @module
 */
import type { JsonValue } from "opto/data";
import { type Candidate, type Feedback, type Module, model, type Node, type Parameter, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";

export type Line = Module<number, number> & { readonly a: Parameter<number> };

/** `y = a * x` with `a` from 0; a negative `a` throws. `calls` lists every input that was run. */
export function line(start = 0): { agent: Line; calls: number[] } {
  const calls: number[] = [];
  const agent = model({ a: parameter(start) }, ({ a }, x: number) => {
    calls.push(x);
    if (a.value < 0) throw new RangeError(`a is ${a.value}`);
    return a.value * x;
  });
  return { agent: agent as unknown as Line, calls };
}

/** x = 1 … size, and what y should be. */
export function points(size: number): { input: number; info: number }[] {
  return Array.from({ length: size }, (_, index) => ({ input: index + 1, info: 2 * (index + 1) }));
}

/** Minus the distance to the right answer, and in which direction it lies. */
export function distance(_x: number, y: number, right: number): Feedback {
  return { score: -Math.abs(y - right), feedback: y < right ? "too low" : "fine or too high" };
}

/** Proposes what the script says for a position such as `iteration/1/proposal/0`; records what it hears. */
export class ScriptedOptimizer extends Optimizer {
  readonly heard: { readonly targets: readonly Node[]; readonly feedback: readonly Feedback[] }[] = [];
  readonly observed: { readonly candidate: Candidate; readonly score: number; readonly feedback: string | undefined }[] = [];
  readonly asked: SuggestionRequest[] = [];
  readonly #script: (position: string) => Record<string, JsonValue>;

  constructor(agent: Module | Parameter[], script: (position: string) => Record<string, JsonValue>) {
    super(agent as Module);
    this.#script = script;
  }

  override observe(candidate: Candidate, score: number, feedback?: string): void {
    this.observed.push({ candidate, score, feedback });
  }

  protected suggest(request: SuggestionRequest): Suggestion {
    this.asked.push(request);
    const { targets } = request.graph;
    this.heard.push({ targets: targets.map(({ target }) => target), feedback: targets.map(({ feedback }) => feedback) });
    return { values: new Map(Object.entries(this.#script(request.position))) };
  }
}

/** An optimizer that sets `a` to these values, one for each iteration; `undefined` proposes nothing. */
export function setting(agent: Module, ...values: readonly (number | undefined)[]): ScriptedOptimizer {
  return new ScriptedOptimizer(agent, (position): Record<string, JsonValue> => {
    const value = values[Number(/iteration\/(\d+)/.exec(position)?.[1] ?? 1) - 1];
    return value === undefined ? {} : { a: value };
  });
}

/** An optimizer whose proposals of every iteration set `a` to these values. */
export function proposing(agent: Module, ...values: readonly number[]): ScriptedOptimizer {
  return new ScriptedOptimizer(agent, (position) => ({ a: values[Number(/proposal\/(\d+)/.exec(position)?.[1])] as number }));
}
