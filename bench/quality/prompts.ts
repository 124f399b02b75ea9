/**
 * What a model is shown of graphs that do not fit into its prompt: cut in the middle, cut to one common length, and as opto fits them.
 *
 * @module
 */
import { bundle, ExecutionError, type Node, node, parameter } from "opto/graph";
import { promptBudget } from "opto/optimizers";
import { shorten } from "../../src/data/json.ts";
import { promptTokens } from "../../src/optimizers/fit/prompt-budget.ts";
import { diamond, failure, joinedMinibatch, type LargeGraph, longText, minibatch } from "../../test/support/large-graphs.ts";
import { Composer } from "../composer.ts";
import { percent, printTable } from "./table.ts";

const { count } = promptBudget(1);
const unbounded = 1e9;
const longestCut = 1_000;
/** Characters of a value that say something. */
const shortestCut = 50;

/** The prompt about the first outputs, with values of at most so many characters. */
function whole({ parameters, targets, feedback }: LargeGraph, maxValueLength: number, outputs = targets.length) {
  const optimizer = new Composer([...parameters], { maxValueLength });
  optimizer.backward(targets.slice(0, outputs), feedback.slice(0, outputs));
  return optimizer.promptOf(unbounded);
}

/** All of it, with the middle taken out until it fits. */
function cutInTheMiddle(graph: LargeGraph, maxTokens: number): string {
  const { system, prompt, format } = whole(graph, longestCut);
  const fits = (length: number): boolean => promptTokens({ system, prompt: shorten(prompt, length), format }, count) <= maxTokens;
  return shorten(prompt, largest(100, prompt.length, fits));
}

/**
 * The most important outputs first, every value cut to the largest common length at which they fit; where that is too short to say
 * anything, with fewer outputs.
 */
function cutToOneLength(graph: LargeGraph, maxTokens: number): string {
  const ranked = byImportance(graph);
  const fits = (length: number, outputs: number): boolean => promptTokens(whole(ranked, length, outputs), count) <= maxTokens;
  const outputs = largest(1, graph.targets.length, (number) => fits(shortestCut, number));
  const length = largest(shortestCut, longestCut, (number) => fits(number, outputs));
  const { system, prompt, format } = whole(ranked, length, outputs);
  if (fits(length, outputs)) return prompt;
  const left = (characters: number): boolean =>
    promptTokens({ system, prompt: shorten(prompt, characters), format }, count) <= maxTokens;
  return shorten(prompt, largest(100, prompt.length, left));
}

/** What failed, then the lowest scores. */
function byImportance({ parameters, targets, feedback }: LargeGraph): LargeGraph {
  const worth = (index: number): number => feedback[index]?.score ?? -1;
  const order = [...targets.keys()].sort((a, b) => worth(a) - worth(b));
  return { parameters, targets: order.map((index) => targets[index] as Node), feedback: order.map((index) => feedback[index]!) };
}

function fitted({ parameters, targets, feedback }: LargeGraph, maxTokens: number): string {
  const optimizer = new Composer([...parameters], {});
  optimizer.backward(targets, feedback);
  return optimizer.promptOf(maxTokens).prompt;
}

function largest(least: number, most: number, fits: (number: number) => boolean): number {
  let [low, high] = [least, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const passages = (mark: string): string[] => Array.from({ length: 20 }, (_, index) => longText(`${mark} ${index}`, 600));
const retrieve = bundle((question: string) => passages(`Passage on ${question}`), {
  name: "retrieve",
  description: "Finds passages.",
});
const answer = bundle((prompt: string, found: string[]) => ({ prompt: prompt.length, text: `${found[0]?.slice(0, 60)}: 42` }), {
  name: "answer",
  description: "Asks the model.",
});
const parsed = bundle(
  (reply: { text: string }): number => {
    if (/ (?:17|19) /.test(reply.text)) throw new TypeError(`no number in ${JSON.stringify(reply.text)}`);
    return 42;
  },
  { name: "parsed", description: "Reads the number." },
);

/** Twenty questions answered from passages; two of the last answers cannot be read. */
function retrieval(): LargeGraph {
  const prompt = parameter("Answer from the passages, with a number.", { name: "prompt" });
  const targets = Array.from({ length: 20 }, (_, index): Node => {
    try {
      return parsed(answer(prompt, retrieve(node(`question ${index} of the set`, { name: "question" }))));
    } catch (error) {
      if (!(error instanceof ExecutionError)) throw error;
      return error.exceptionNode;
    }
  });
  const feedback = targets.map(({ kind }, index) => ({
    score: kind === "exception" ? null : index / 20,
    feedback: kind === "exception" ? "The program failed." : `The number for question ${index} should be ${index + 40}.`,
  }));
  return { parameters: [prompt], targets, feedback };
}

/** Outputs of which both the value and the feedback are shown. */
function samplesIn(prompt: string): number {
  const examples = prompt.split(/^Example \d+/m).slice(1);
  return examples.filter((example) => /<value [\s\S]*<feedback /.test(example)).length;
}

/** Characters of every value that is shown, the variables left out. */
function valuesIn(prompt: string): number[] {
  return [...prompt.matchAll(/<value [^>]*>([^<]*)/g)].map(([, value = ""]) => value.length);
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

const cases: readonly (readonly [name: string, make: () => LargeGraph, failure: RegExp, limits: readonly number[]])[] = [
  ["20 questions with passages, 2 of them fail", retrieval, /\(TypeError\) no number in/, [4_000, 8_000, 32_000]],
  ["40 runs of 2 operations, 100 KB each", () => minibatch(80), /score="0"/, [4_000, 8_000, 32_000]],
  ["the same as one joined batch", () => joinedMinibatch(80), /score="0"|Case 0/, [8_000]],
  ["1,000 operations, one fails in the middle", () => failure(1_000), /^exception_query_1 = query\(/m, [8_000]],
  ["a diamond of 1,000 operations", () => diamond(1_000), /Too few/, [8_000]],
];

/** Prints, for every graph and limit, how many samples each way shows, and whether the most important one is among them. */
export async function prompts(): Promise<void> {
  const ways = [cutInTheMiddle, cutToOneLength, fitted];
  const rows: string[][] = [];
  for (const [name, make, important, limits] of cases) {
    const graph = make();
    for (const limit of limits) {
      const texts = ways.map((way) => way(graph, limit));
      const cells = texts.map((text) => {
        const isShown = important.test(text) && /<feedback /.test(text) ? "yes" : "no";
        return `${samplesIn(text)}, ${isShown}, ${middle(valuesIn(text))}, ${percent(count(text) / limit)}`;
      });
      rows.push([`${name}, ${limit} tokens`, ...cells]);
    }
  }
  console.log(
    "Samples shown with value and feedback, whether the most important is among them, the median characters of a value, the limit used.\n",
  );
  printTable(["graph", "cut in the middle", "cut to one length", "fitted"], rows);
}
