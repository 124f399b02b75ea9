/**
 * Who is compared: how each is started and what exactly it does in each measurement.
 *
 * @module
 */
import type { RequestKind } from "./script.ts";

/** One library, or the bare client that shows what server and machine allow. */
export interface Peer {
  readonly id: string;
  readonly language: "node" | "python";
  /** Its file below `bench/peers/`. */
  readonly program: string;
  /** What a program imports that uses it: a file below `node/`, or a Python module. */
  readonly imports?: string;
  /** The package whose version is told. */
  readonly package?: string;
  /** The order that its algorithm itself imposes on the requests of one iteration. */
  readonly chain: readonly RequestKind[];
  /** How it evaluates. */
  readonly evaluation: string;
  /** How it makes eight proposals and validates them. */
  readonly iteration: string;
}

const oneByOne = (...step: readonly RequestKind[]): RequestKind[] => Array.from({ length: 8 }, () => step).flat();

export const peers: readonly Peer[] = [
  {
    id: "opto",
    language: "node",
    program: "node/opto/opto.mjs",
    imports: "opto/import.mjs",
    package: "opto",
    chain: ["train", "propose", "validate"],
    evaluation: "`evaluate(agent, guide, …, { numThreads })`; the agent is one `generate` with a `chatModel`, `maxRetries: 0`.",
    iteration:
      "`BasicSearchAlgorithm` with `OptoPrime`, `numProposals: 8`, one batch of 3, 50 validation examples; the current values are validated, too.",
  },
  {
    id: "dspy",
    language: "python",
    program: "python/dspy_peer.py",
    imports: "dspy",
    package: "dspy",
    chain: ["propose", "validate"],
    evaluation: "`dspy.Evaluate(num_threads=…)` of a `dspy.Predict`; caches off, `num_retries=0`.",
    iteration:
      "`COPRO(breadth=9, depth=1)`: one request with `n=8` for all proposals, then these and the first instructions on 50 examples each. It looks at no training examples.",
  },
  {
    id: "gepa",
    language: "python",
    program: "python/gepa_peer.py",
    imports: "gepa",
    package: "gepa",
    chain: ["train", "propose", "train", "validate"],
    evaluation: "`DefaultAdapter(max_litellm_workers=…).evaluate`; retries of its model set to 0.",
    iteration:
      "`optimize_anything(parallel=True, max_workers=16, sampling_strategy=SameParentSampling(8))`, `max_candidate_proposals=1` iteration, minibatches of 3. It also runs each proposal on its minibatch before it validates it; the evaluator calls `gepa.lm.LM`.",
  },
  {
    id: "textgrad",
    language: "python",
    program: "python/textgrad_peer.py",
    imports: "textgrad",
    package: "textgrad",
    chain: oneByOne("train", "feedback", "feedback", "propose", "validate"),
    evaluation:
      "It has no evaluation: a `ThreadPoolExecutor` over `BlackboxLLM`, as in its tutorials; `LiteLLMEngine(cache=False)`.",
    iteration:
      "Its optimizer makes one proposal from the last: 8 steps of `TextualGradientDescent` on a batch of 3, each followed by validation on 50 examples that reverts whatever is not better, as in its tutorial. Two requests for each training example carry the gradient.",
  },
  {
    id: "trace-opt",
    language: "python",
    program: "python/trace_peer.py",
    imports: "opto.optimizers",
    package: "trace-opt",
    chain: ["train", "propose", "validate"],
    evaluation:
      "Its published package has no evaluation: a `ThreadPoolExecutor` over a traced agent with tracing stopped; the OpenAI client with `max_retries=0`.",
    iteration:
      "Its published package has no trainer: `OptoPrimeMulti(num_responses=8)` on a batch of 3, with a selector that validates one candidate after the other, because a candidate is set on the shared agent. The current values are validated, too.",
  },
  {
    id: "ax",
    language: "node",
    program: "node/ax/ax.mjs",
    imports: "ax/import.mjs",
    package: "@ax-llm/ax",
    chain: oneByOne("train", "propose", "train", "validate"),
    evaluation: "Its own evaluation is serial: a pool of promises over `program.forward`, not streaming, without retries.",
    iteration:
      "`AxGEPA` makes one proposal from the last: `numTrials: 8`, minibatches of 3, `paretoSetSize: 50`, no merges, no bootstrap. It evaluates one example at a time; there is no setting for more.",
  },
  {
    id: "dsts",
    language: "node",
    program: "node/dsts/dsts.mjs",
    imports: "dsts/import.mjs",
    package: "@currentai/dsts",
    chain: oneByOne("train", "propose", "train", "validate"),
    evaluation: "`DefaultAdapter({ maxConcurrency }).evaluate` through AI SDK 5, `maxRetries: 0`.",
    iteration: "`optimize` makes one proposal from the last: `maxIterations: 8`, minibatches of 3.",
  },
];

/** No library: requests over open connections. */
export const bareClient: Peer = {
  id: "bare client",
  language: "node",
  program: "node/bare/bare.mjs",
  chain: [],
  evaluation: "Requests of `node:http` over open connections.",
  iteration: "",
};
