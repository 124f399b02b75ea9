/**
 * The task of all Node peers, and how a peer's program takes its orders and tells its result.
 *
 * @module
 */
export const seedPrompt = "Answer the question.";
export const firstTrainingQuestion = 1_000;

/** Examples `{ question, expected }` with consecutive numbers. */
export function examples(count, first = 0) {
  return Array.from({ length: count }, (_, index) => ({
    question: `Question ${first + index}`,
    expected: `answer-${first + index} at level 10`,
  }));
}

/** The level that the answer has reached, as a part of 10; 0 when it answers another question. */
export function score(answer, expected) {
  const [wanted] = expected.split(" ");
  const [given, level] = String(answer).split(" at level ");
  return given === wanted ? Number(level) / 10 : 0;
}

/** What an instant model answers. */
export function instantAnswer(prompt) {
  return `answer-${/Question (\d+)/.exec(prompt)?.[1]} at level 0`;
}

/** Settles when `work` was done for every item, never more than `width` at once: what a user of a peer without a pool writes. */
export async function inPool(items, width, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/**
 * Runs the one measurement that the command line asks for. A peer gives `evaluate(examples, width, mode)`, of which each call
 * evaluates them all, and `optimize(settings)`, which gives the best score.
 */
export async function run(peer) {
  const order = JSON.parse(process.argv[2]);
  const result = await measurements[order.measurement](peer, order);
  process.stdout.write(`\n@@RESULT ${JSON.stringify(result)}\n`, () => process.exit(0));
}

const measurements = {
  async evaluate({ evaluate }, { width, count, url }) {
    await evaluate(examples(count), width, "http");
    await reset(url);
    return { value: await seconds(() => evaluate(examples(count), width, "http")) };
  },
  async optimize({ evaluate, optimize }, order) {
    await evaluate(examples(order.warmUp), order.width, "http");
    await reset(order.url);
    let score;
    const value = await seconds(async () => {
      score = await optimize({
        ...order,
        train: examples(order.trainSize, firstTrainingQuestion),
        validate: examples(order.validateSize),
      });
    });
    return { value, score };
  },
  async cpu({ evaluate }, { mode, count, width }) {
    await evaluate(examples(count), width, mode);
    const before = process.cpuUsage();
    await evaluate(examples(count), width, mode);
    const { user, system } = process.cpuUsage(before);
    return { value: (user + system) / count };
  },
  async memory({ evaluate }, { width }) {
    const rollouts = async (times) => {
      for (let time = 0; time < times; time++) await evaluate(examples(2_000), width, "model");
      gc();
      return process.memoryUsage.rss();
    };
    // A heap finds its size only after many.
    const before = await rollouts(10);
    return { value: ((await rollouts(5)) - before) / 1e6 };
  },
  async operation({ operation }, { nodes }) {
    return { value: operation(nodes) };
  },
  async backward({ backward }, { nodes }) {
    return { value: backward(nodes) };
  },
};

async function seconds(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}

async function reset(url) {
  await fetch(`${url}/reset`, { method: "POST" });
}
