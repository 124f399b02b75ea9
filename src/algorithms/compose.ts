/**
 * Searches of searches: one after the other, or the next one when a search has come to a standstill.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { checkPolicy } from "../search/check-policy.ts";
import type { Appetite, SearchPolicy, Verdict } from "../search/search.ts";

/** A part of a `sequence`. */
export interface SequencePart {
  readonly policy: SearchPolicy;
  /** How many iterations it has, at least 1. @default all that are left */
  readonly iterations?: number | undefined;
}

/** Options of `fallback`. */
export interface FallbackOptions {
  /** Iterations without another current candidate after which the next search takes over, at least 1. @default 5 */
  readonly patience?: number | undefined;
}

const partTable: OptionTable<SequencePart> = {
  policy: { expected: "a search policy", holds: (value) => typeof value === "object" && value !== null },
  iterations: wholeFrom(1),
};

const fallbackTable: OptionTable<FallbackOptions> = { patience: wholeFrom(1) };

/** Which search is at work, since how many iterations, and what it remembers. */
type ComposedMemo = { readonly part: number; readonly count: number; readonly memo: JsonValue };

/**
 * Runs searches one after the other. Each starts from the current candidate of the one before it, and has everything that was measured so far in
 * its archive. The last one continues until the run ends.
 *
 * @throws InvalidArgumentError when there is no part, or a part before the last one never ends
 * @example
 * const algorithm = sequence([{ policy: bootstrapFewShot(), iterations: 5 }, { policy: gepa() }]);
 */
export function sequence(parts: readonly SequencePart[]): SearchPolicy<ComposedMemo> {
  for (const part of parts) checkTable(part, partTable, "a part of Sequence");
  const endless = parts.slice(0, -1).findIndex(({ iterations }) => iterations === undefined);
  if (endless !== -1) {
    throw new InvalidArgumentError(`Part ${endless} of the sequence never ends. Set its \`iterations\`, or make it the last`);
  }
  const lengths = parts.map(({ iterations }) => iterations ?? null);
  const policies = parts.map(({ policy }) => policy);
  return composed("Sequence", policies, { iterations: lengths }, ({ part, count }) => count + 1 === lengths[part]);
}

/**
 * The next search takes over when the current candidate has not changed for some iterations; after the last the first one starts again.
 *
 * @throws InvalidArgumentError when there is no policy
 * @example
 * const algorithm = fallback([gepa(), beamSearch()], { patience: 8 });
 */
export function fallback(policies: readonly SearchPolicy[], options: FallbackOptions = {}): SearchPolicy<ComposedMemo> {
  checkTable(options, fallbackTable, "Fallback");
  const { patience = 5 } = options;
  const isOver = ({ count }: ComposedMemo): boolean => count + 1 >= patience;
  return composed("Fallback", policies, { patience }, isOver, { isCountReset: true, isCyclic: true });
}

/** @param isOver whether the iteration that has just ended is the last one of its part */
function composed(
  name: string,
  policies: readonly SearchPolicy[],
  settings: Readonly<Record<string, JsonValue>>,
  isOver: (memo: ComposedMemo) => boolean,
  { isCountReset = false, isCyclic = false } = {},
): SearchPolicy<ComposedMemo> {
  if (policies.length === 0) throw new InvalidArgumentError(`Expected at least one search policy for ${name}, got none`);
  for (const policy of policies) checkPolicy(policy);
  const at = (part: number): SearchPolicy => policies[part] as SearchPolicy;
  return {
    name,
    settings: { ...settings, policies: policies.map((policy) => ({ name: policy.name, settings: { ...policy.settings } })) },
    start: { part: 0, count: 0, memo: at(0).start },
    defaults: at(0).defaults,
    appetite: () => atMost(policies.map((policy) => policy.appetite())),
    async iterate(step, before): Promise<Verdict<ComposedMemo>> {
      const { memo, ...verdict } = await at(before.part).iterate(step, before.memo);
      const isNew = isCountReset && verdict.current !== step.current;
      const isLast = !isNew && isOver(before) && (isCyclic || before.part + 1 < policies.length);
      if (!isLast) return { ...verdict, memo: { ...before, count: isNew ? 0 : before.count + 1, memo } };
      const next = (before.part + 1) % policies.length;
      return { ...verdict, memo: { part: next, count: 0, memo: at(next).start } };
    },
  };
}

/** What the hungriest of them asks for, kind by kind. */
function atMost(all: readonly Appetite[]): Appetite {
  const most = (read: (appetite: Appetite) => number): number => Math.max(...all.map(read));
  const scored = new Map<string, Appetite["scored"][number]>();
  for (const appetite of all) {
    const own = new Map<string, Appetite["scored"][number]>();
    for (const { candidates, on, samples = 1 } of appetite.scored) {
      const key = `${on} × ${samples}`;
      own.set(key, { candidates: (own.get(key)?.candidates ?? 0) + candidates, on, samples });
    }
    for (const [key, one] of own) if (one.candidates > (scored.get(key)?.candidates ?? 0)) scored.set(key, one);
  }
  return {
    forward: most(({ forward }) => forward),
    proposals: most(({ proposals }) => proposals),
    added: most(({ added = 0 }) => added),
    mayRest: all.length > 1 || all.some(({ mayRest }) => mayRest === true),
    scored: [...scored.values()],
  };
}
