/**
 * A tensor as something to train: an agent that looks its score up, and an optimizer that proposes a child on record.
 *
 * @module
 */
import { type Module, model, Optimizer, parameter } from "opto";
import { Random } from "opto/data";
import type { Suggestion, SuggestionRequest } from "opto/optimizers";
import type { Tensor } from "./tensor.ts";

/** What is trained, and on what. */
export interface TensorWorld {
  readonly agent: Module<number, number>;
  readonly optimizer: Optimizer;
  readonly guide: (example: number, score: number) => number;
  readonly train: readonly { readonly input: number; readonly info: null }[];
  readonly validation: readonly { readonly input: number; readonly info: null }[];
  /** The examples on which what was chosen is scored. */
  readonly test: readonly number[];
  /** Proposals so far. */
  readonly proposals: () => number;
}

/** Where a world comes from. */
export interface TensorWorldOptions {
  readonly tensor: Tensor;
  /** Deals out the examples, and draws proposals and samples. */
  readonly seed: number;
}

/** One world. With one slot, everything in it is the same every time. A third of the examples is for training, validation, and testing each. */
export function tensorWorld({ tensor, seed }: TensorWorldOptions): TensorWorld {
  const random = new Random(seed, "tensor world");
  const examples = random.shuffle(Array.from({ length: tensor.numExamples }, (_, at) => at));
  const third = Math.floor(examples.length / 3);
  const part = (from: number) => examples.slice(from, from + third).map((input) => ({ input, info: null }));
  const samples = random.fork("samples");
  const agent = model({ prompt: parameter(0) }, ({ prompt }, example: number) => {
    return tensor.score(prompt.value, example, samples.integer(0, tensor.numSamples - 1));
  }) as unknown as Module<number, number>;
  const guide = Object.assign((_example: number, score: number): number => score, { scoreRange: [0, 1] as const });
  const optimizer = new RecordedProposals(agent, tensor, seed);
  return {
    agent,
    optimizer,
    guide,
    train: part(0),
    validation: part(third),
    test: examples.slice(2 * third),
    proposals: () => optimizer.count,
  };
}

/**
 * The tensor in which every prompt is as good as the start, on other examples: what a search finds there is chance. Another seed is another such
 * tensor.
 */
export function withoutDifferences(tensor: Tensor, seed: number): Tensor {
  const examples = Array.from({ length: tensor.numExamples }, (_, at) => at);
  const drawn = new Map<number, readonly number[]>([[0, examples]]);
  // With replacement: of a fixed set, a prompt with luck on some examples would have as much bad luck on the others.
  const drawnFor = (prompt: number): readonly number[] => {
    const random = new Random(seed, `examples of ${prompt}`);
    const own = drawn.get(prompt) ?? examples.map(() => random.choice(examples));
    drawn.set(prompt, own);
    return own;
  };
  return { ...tensor, score: (prompt, example, sample) => tensor.score(0, drawnFor(prompt)[example] as number, sample) };
}

/** Draws among the children on record; where a prompt has none, among those of its nearest ancestor that has. */
class RecordedProposals extends Optimizer {
  override readonly learnsFromFeedback = true;
  readonly #tensor: Tensor;
  readonly #children = new Map<number, number[]>();
  readonly #random: Random;
  count = 0;

  constructor(agent: Module<number, number>, tensor: Tensor, seed: number) {
    super(agent);
    this.#tensor = tensor;
    this.#random = new Random(seed, "proposals");
    for (const [child, { parent }] of tensor.prompts.entries()) {
      if (parent !== null) this.#children.set(parent, [...(this.#children.get(parent) ?? []), child]);
    }
  }

  protected suggest({ from = {}, others = [], position }: SuggestionRequest): Suggestion {
    this.count++;
    const random = this.#random.fork(position);
    const parents = [from, ...others].map(({ prompt }) => Number(prompt ?? 0));
    const able = this.#childrenOf(random.choice(parents));
    return { values: new Map(able.length === 0 ? [] : [["prompt", random.choice(able)]]) };
  }

  #childrenOf(prompt: number): readonly number[] {
    for (let at: number | null = prompt; at !== null; at = this.#tensor.prompts[at]?.parent ?? null) {
      const children = this.#children.get(at);
      if (children !== undefined) return children;
    }
    return [];
  }
}
