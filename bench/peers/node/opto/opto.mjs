/**
 * opto as its users use it, from the built package.
 *
 * @module
 */
import { BasicSearchAlgorithm, backward, bundle, evaluate, generate, model, node, OptoPrime, parameter } from "opto";
import { chatModel } from "opto/llm";
import { scriptedModel } from "opto/testing";
import { instantAnswer, run, score, seedPrompt } from "../task.mjs";

const { url } = JSON.parse(process.argv[2]);
const httpModel = chatModel("test-model", { baseURL: `${url}/v1`, apiKey: "none" });
const instantModel = scriptedModel(({ prompt }) => instantAnswer(prompt));

/** An agent that asks a model. */
function asking(languageModel) {
  return model({ prompt: parameter(seedPrompt) }, ({ prompt }, question) =>
    generate({ model: languageModel, system: prompt, prompt: question, maxRetries: 0 }),
  );
}

const agents = {
  http: asking(httpModel),
  model: asking(instantModel),
  function: model({ prompt: parameter(seedPrompt) }, ({ prompt }, question) => prompt.value && instantAnswer(question)),
};

function guide(_question, answer, expected) {
  return [score(answer, expected), `Expected ${expected}, got ${answer}.`];
}

await run({
  async evaluate(examples, width, mode) {
    const questions = examples.map(({ question }) => question);
    const expected = examples.map((example) => example.expected);
    await evaluate(agents[mode], guide, questions, expected, { numThreads: width });
    // The scripted model keeps what it was asked, for tests to read; a model does not.
    instantModel.calls.length = 0;
  },
  async optimize({ train, validate, width, proposals }) {
    const agent = asking(httpModel);
    const search = new BasicSearchAlgorithm(agent, new OptoPrime(agent, { model: httpModel }), { numThreads: width });
    const dataset = (examples) => examples.map(({ question, expected }) => ({ input: question, info: expected }));
    await search.train(guide, dataset(train), {
      validateDataset: dataset(validate),
      numProposals: proposals,
      batchSize: train.length,
      evalFrequency: 0,
    });
    const level = /level (\d+)/.exec(agent.parameters()[0].value)?.[1] ?? 0;
    return Number(level) / 10;
  },
  operation(nodes) {
    const increment = bundle((x) => x + 1);
    return nanoseconds(nodes, () => chain(increment, nodes, node(0)));
  },
  backward(nodes) {
    const last = chain(
      bundle((x) => x + 1),
      nodes,
      parameter(0, { name: "start" }),
    );
    return nanoseconds(nodes, () => {
      for (const graph of backward(last, "too low").values()) {
        if (graph.nodes.length < nodes) throw new Error(`Expected the whole graph, got ${graph.nodes.length} nodes`);
      }
    });
  },
});

function chain(operation, length, start) {
  let last = start;
  for (let index = 0; index < length; index++) last = operation(last);
  return last;
}

/** Nanoseconds for a node, the median of several passes. */
function nanoseconds(nodes, work) {
  const times = Array.from({ length: Math.max(5, Math.min(50, 20_000 / nodes)) }, () => {
    const started = performance.now();
    work();
    return ((performance.now() - started) * 1e6) / nodes;
  }).sort((a, b) => a - b);
  return times[times.length >> 1];
}
