/**
 * What the optimizer is asked for each proposal: the values to improve, the graph of their batch, and what else is known.
 *
 * @module
 */
import { currentRun } from "../graph/scope.ts";
import type { HistoryView } from "../optimizers/optimizer.ts";
import { evidenceOf } from "./evidence.ts";
import type { Proposal } from "./propose.ts";
import type { Entry, ForwardOutput, ProposeOptions } from "./search.ts";
import type { StepParts } from "./step-parts.ts";

/** What a step knows of its parents. */
export interface ProposalBasis<Output> {
  readonly history: HistoryView;
  /** The outputs of each parent. */
  readonly forwarded: readonly (readonly ForwardOutput<Output>[])[];
  /** The best score there is, for each parent whose outputs all have it: the optimizer is not asked about them. */
  readonly perfect: readonly (number | undefined)[];
}

/** The proposals to be made, `count` for each parent. */
export function proposalsFrom<X, Y, Info, Output>(
  parents: readonly Entry[],
  { count = 1, parameters, others = [], advice }: ProposeOptions,
  parts: Omit<StepParts<X, Y, Info, Output>, "pool">,
  { history, forwarded, perfect }: ProposalBasis<Output>,
): Proposal[] {
  const { names, archive, scoring, optimizer, hooks, verbose } = parts;
  const texts = typeof advice === "string" ? [advice] : (advice ?? []);
  const common = {
    ...(others.length === 0 ? {} : { others: others.map((entry) => names.toOptimizer(entry.values)) }),
    parameters: parameters && names.namesOf(parameters),
    history,
    scoreMeaning: scoring.train.guide.meaning,
    comparedBy: archive.objective,
    verbose: verbose ? ("output" as const) : false,
  };
  const makerOf = (parent: Entry, outputs: readonly ForwardOutput<Output>[]) => {
    const graph = hooks.graphOf(
      optimizer,
      outputs.map(({ output }) => output),
    );
    const request = { ...common, from: names.toOptimizer(parent.values), graph, evidence: evidenceOf(parent, outputs, parts) };
    return (number: number): Proposal["make"] => {
      const own = { ...request, advice: texts[number % texts.length] };
      return async (label, onReasoning) => optimizer.propose({ ...own, label, onReasoning, signal: currentRun()?.signal });
    };
  };
  return parents.flatMap((parent, index): Proposal[] => {
    const outputs = forwarded[index] ?? [];
    // Of a batch of which nothing could be scored there is nothing to learn.
    const isAsked = perfect[index] === undefined && outputs.length > 0;
    const make = isAsked ? makerOf(parent, outputs) : () => async () => ({});
    return Array.from({ length: count }, (_, number) => ({ parents: [parent, ...others], make: make(number) }));
  });
}
