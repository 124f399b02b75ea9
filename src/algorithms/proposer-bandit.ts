/**
 * A bandit over ways to propose: those that have gained the most for what they cost are asked more often.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { numberWithin, type OptionTable } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Archive, Entry, SearchPolicy, Step, Verdict } from "../search/search.ts";
import { pairedGain } from "./paired-gain.ts";

/** A way to propose. */
export interface Proposer {
  /** Unique among the proposers. */
  readonly name: string;
  /** What the optimizer is asked to do, besides what the search asks for; empty for nothing. */
  readonly advice: string;
  /** What a proposal costs, in any unit, above 0. @default 1 */
  readonly cost?: number | undefined;
}

/** Options of `withProposers`. */
export interface ProposersOptions {
  /** How much the gains of earlier proposals count against those of later ones, above 0 and at most 1. @default 0.95 */
  readonly discount?: number | undefined;
  /** How much a proposer that was asked rarely is preferred, at least 0. @default 0.5 */
  readonly exploration?: number | undefined;
}

const proposersTable: OptionTable<ProposersOptions> = {
  discount: numberWithin({ above: 0, most: 1 }),
  exploration: numberWithin({ least: 0 }),
};

/** Ways that suit any parameter that is text. */
export const commonProposers: readonly Proposer[] = [
  { name: "improve", advice: "" },
  {
    name: "rule",
    advice: "Find what the failures have in common, and add one general rule that avoids them. Keep everything else as it is.",
  },
  {
    name: "fresh",
    advice: "Do not edit the values: write them from scratch, based on what the examples and the feedback show about the task.",
  },
  { name: "shorten", advice: "Remove what does not help, say the rest in fewer words, and fix the most frequent failure." },
  { name: "rephrase", advice: "Say the same in other words: keep the meaning, and change the wording and the order." },
];

/** The latest proposals that are remembered. */
const mostMade = 60;

/** What the wrapped search remembers, and who has made what of what. */
type ProposersMemo = {
  readonly memo: JsonValue;
  readonly made: readonly (readonly [child: string, parent: string, proposer: string])[];
};

/**
 * Any search, whose proposals are made in several ways. Which one is the next is decided by discounted upper confidence bounds of the gain per cost: by how much the
 * candidates that it made are better than what they were made from, on the examples that both were scored on. Merges are left as they are.
 *
 * @throws InvalidArgumentError when there is no proposer, or two have the same name
 * @example
 * const algorithm = withProposers(beamSearch());
 */
export function withProposers(
  policy: SearchPolicy,
  proposers: readonly Proposer[] = commonProposers,
  options: ProposersOptions = {},
): SearchPolicy<ProposersMemo> {
  checkTable(options, proposersTable, "withProposers");
  checkProposers(proposers);
  const { discount = 0.95, exploration = 0.5 } = options;
  const plain = proposers.map(({ name, advice, cost = 1 }) => ({ name, advice, cost }));
  return {
    ...policy,
    settings: { ...policy.settings, proposers: plain, discount, exploration },
    start: { memo: policy.start, made: [] },
    async iterate(step, before): Promise<Verdict<ProposersMemo>> {
      const made = [...before.made];
      const choosing: Step = {
        ...(step as Step),
        get history() {
          return step.history;
        },
        propose: async (parents, { count = 1, advice = [], ...rest } = {}) => {
          if ((rest.others ?? []).length > 0) return step.propose(parents, { count, advice, ...rest });
          const chosen = chosenProposers(step.archive, plain, { made, count, discount, exploration });
          const texts = withAdvice(chosen, advice);
          const children = await step.propose(parents, { count, advice: texts, ...rest });
          for (const [at, child] of children.entries()) {
            const parent = parents[Math.floor(at / count)] as Entry;
            const { name } = chosen[at % count] as Proposer;
            if (child !== parent && child.parents[0] === parent.id) made.push([child.id, parent.id, name]);
          }
          return children;
        },
      };
      const { memo, ...verdict } = await policy.iterate(choosing, before.memo);
      return { ...verdict, memo: { memo, made: made.slice(-mostMade) } };
    },
  };
}

/** What each proposer is asked for, after the advice of the search. */
function withAdvice(chosen: readonly Proposer[], advice: string | readonly string[]): readonly string[] {
  const own = typeof advice === "string" ? [advice] : advice;
  return chosen.map((proposer, at) => {
    const asked = own.length === 0 ? "" : (own[at % own.length] as string);
    return [asked, proposer.advice].filter((text) => text !== "").join("\n\n");
  });
}

/** The proposers with the highest bounds, one for each proposal; one that is chosen counts as asked before the next is. */
function chosenProposers(
  archive: Archive,
  proposers: readonly (Proposer & { readonly cost: number })[],
  { made, count, discount, exploration }: Pick<ProposersMemo, "made"> & Record<"count" | "discount" | "exploration", number>,
): readonly Proposer[] {
  const gains = made.flatMap(([child, parent, name], at) => {
    const known = pairedGain(archive, archive.get(child), archive.get(parent));
    return known === undefined ? [] : [{ name, gain: known.gain, weight: discount ** (made.length - 1 - at) }];
  });
  const largest = Math.max(...gains.map(({ gain }) => Math.abs(gain)), Number.MIN_VALUE);
  const cheapest = Math.min(...proposers.map(({ cost }) => cost));
  const asked = new Map<string, number>();
  return Array.from({ length: count }, () => {
    const total = gains.reduce((sum, { weight }) => sum + weight, 0) + [...asked.values()].reduce((sum, one) => sum + one, 0);
    const bounds = proposers.map(({ name, cost }) => {
      const own = gains.filter((one) => one.name === name);
      const known = own.reduce((sum, { weight }) => sum + weight, 0);
      const number = known + (asked.get(name) ?? 0);
      if (number === 0) return Number.POSITIVE_INFINITY;
      const average = known === 0 ? 0 : own.reduce((sum, { gain, weight }) => sum + gain * weight, 0) / known / largest;
      return (average * cheapest) / cost + exploration * Math.sqrt(Math.log(1 + total) / number);
    });
    const proposer = proposers[bounds.indexOf(Math.max(...bounds))] as Proposer;
    asked.set(proposer.name, (asked.get(proposer.name) ?? 0) + 1);
    return proposer;
  });
}

function checkProposers(proposers: readonly Proposer[]): void {
  if (proposers.length === 0) throw new InvalidArgumentError("Expected at least one proposer, got none");
  const table: OptionTable<Proposer> = {
    name: { expected: "a name", holds: (name) => typeof name === "string" && name !== "" },
    advice: { expected: "a text", holds: (advice) => typeof advice === "string" },
    cost: numberWithin({ above: 0 }),
  };
  for (const proposer of proposers) checkTable(proposer, table, "a proposer");
  const names = proposers.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new InvalidArgumentError(`Two proposers have the name "${twice}". Give each its own`);
}
