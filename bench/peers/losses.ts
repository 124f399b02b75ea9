/**
 * Why a peer is faster or smaller than opto, where one is.
 *
 * @module
 */

/** Reasons by peer and row; a row that ends in `*` stands for all that begin so. */
const reasons: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  gepa: {
    iteration: "it evaluates all candidates in one pool of threads, too",
    straggler: "it evaluates all candidates in one pool of threads, too",
    "cpu-function": "its adapter calls the function in a plain loop, without concurrency, copies of the agent, events or records",
    import: "it loads its language model client (LiteLLM) only at the first request",
    rss: "it loads its language model client (LiteLLM) only at the first request, and Python starts smaller than Node",
  },
  dspy: {
    iteration:
      "it looks at no training examples, has all proposals from one request, and without stragglers little is lost by validating one candidate after the other",
    "cpu-model":
      "its model for tests answers below its adapter, where opto asks the model as it asks any, counts what it uses and keeps its pace",
    "cpu-function": "its evaluation hands examples to threads and keeps no copies of the program",
    rss: "Python starts smaller than Node",
  },
  textgrad: {
    "cpu-model":
      "its engine is a plain function call, where opto converts the request for the model, counts what it uses and keeps its pace",
  },
  "trace-opt": {
    iteration:
      "without stragglers nothing is lost by validating one candidate after the other, and it calls the OpenAI client without a layer of its own",
    "cpu-http": "it calls the OpenAI client without a layer of its own",
    "evaluate-*": "a pool of threads over the OpenAI client, without a layer of its own",
    rss: "Python starts smaller than Node",
  },
  ax: {
    "cpu-model": "it does not copy the agent, count what calls use, or pace them",
    "cpu-http": "it has its own client instead of a provider of the AI SDK, which checks every reply by a schema",
    "evaluate-*": "it has its own client instead of a provider of the AI SDK, which checks every reply by a schema",
    import: "its one file is smaller",
    rss: "its one file is smaller",
    install: "it needs no AI SDK and bundles what it uses",
  },
  dsts: {
    import: "it is a few files over the AI SDK",
    iteration: "without stragglers little is lost by validating one candidate after the other, and it adds little to the AI SDK",
    "cpu-model": "it calls the AI SDK without copies of an agent, records or a scheduler of calls",
    "cpu-http": "it calls the AI SDK without copies of an agent, records or a scheduler of calls",
    "evaluate-*": "it calls the AI SDK without copies of an agent, records or a scheduler of calls",
    install: "it consists of a few files over the AI SDK",
  },
};

const memoryReason =
  "what is left after collection is mostly the size that the heap has settled at, which differs from process to process";

const evaluationReason =
  "the model takes most of the time of an evaluation, so on a busy machine the order differs from run to run";

/** The reason, or `undefined` when none is known yet. */
export function reasonForLoss(peer: string, row: string): string | undefined {
  const own = Object.entries(reasons[peer] ?? {});
  const known = own.find(([pattern]) => pattern === row || (pattern.endsWith("*") && row.startsWith(pattern.slice(0, -1))));
  if (known !== undefined) return known[1];
  if (row === "memory") return memoryReason;
  return row.startsWith("evaluate-") ? evaluationReason : undefined;
}
