/**
 * Large graphs of several forms, with values of 100 KB, for what has to fit into a prompt.
 *
 * @module
 */
import { batchify } from "opto";
import { bundle, ExecutionError, type Node, node, type Parameter, parameter } from "opto/graph";

/** A graph with what is to be said of its outputs. */
export interface LargeGraph {
  readonly parameters: readonly Parameter[];
  readonly targets: readonly Node[];
  readonly feedback: readonly { readonly score: number | null; readonly feedback: string }[];
}

const sentence = "The quick brown fox jumps over the lazy dog. ";
const body = sentence.repeat(Math.ceil(100_000 / sentence.length));

/** A text of 100 KB, or shorter, that no other is equal to. */
export function longText(mark: string, length = body.length): string {
  return `${mark} begins here. ${body.slice(0, length)}${mark} ends here.`;
}

const step = bundle((_before: unknown, index: number) => longText(`Step ${index}`), {
  name: "step",
  description: "Does one more step.",
});
const fill = bundle((prompt: string, mail: string) => `${prompt} ${mail}`, { name: "fill", description: "Fills the template." });
const ask = bundle((prompt: string) => ({ answer: longText(`Answer to ${prompt.slice(0, 40)}`), tokens: [1, 2, 3] }), {
  name: "ask",
  description: "Asks the model.",
});

function prompt(): Parameter<string> {
  return parameter("Answer the question: {question}", { name: "prompt" });
}

/** One operation after the other. */
export function chain(size: number): LargeGraph {
  const start = prompt();
  let last: Node = step(start, 0);
  for (let index = 1; index < size; index++) last = step(last, index);
  return { parameters: [start], targets: [last], feedback: [{ score: 0.1, feedback: "Too long: one sentence would do." }] };
}

/** What the model answers in a batch that is joined: all answers together have to be one text. */
const briefly = bundle((prompt: string) => longText(`Answer to ${prompt.slice(0, 40)}`, 5_000), {
  name: "ask",
  description: "Asks the model.",
});

/** A minibatch: the same two operations again and again, with an output for each. */
export function minibatch(size: number, answer: (prompt: Node<string>) => Node = ask): LargeGraph {
  const start = prompt();
  const targets = Array.from({ length: Math.max(1, size >> 1) }, (_, index) =>
    answer(fill(start, node(longText(`Mail ${index}`), { name: "mail" }))),
  );
  const feedback = targets.map((_, index) => ({ score: (index % 10) / 10, feedback: `Case ${index % 7} is wrong.` }));
  return { parameters: [start], targets, feedback };
}

/** The same as the algorithms give it: one output and one feedback for the batch. */
export function joinedMinibatch(size: number): LargeGraph {
  const { parameters, targets, feedback } = minibatch(size, briefly);
  const said = batchify(...feedback.map((one) => one.feedback)).peek();
  return { parameters, targets: [batchify(...targets)], feedback: [{ score: 0.25, feedback: said }] };
}

/** One value that many operations take, and one that takes the results of all. */
export function diamond(size: number): LargeGraph {
  const start = prompt();
  const first = step(start, 0);
  const parts = Array.from({ length: Math.max(1, size - 2) }, (_, index) => step(first, index + 1));
  const join = bundle((...values: unknown[]) => values.length, { name: "join", description: "Counts." });
  return { parameters: [start], targets: [join(...parts)], feedback: [{ score: 0, feedback: "Too few." }] };
}

/** An operation that fails in the middle of a program: others ran before it, and others passed the error on. */
export function failure(size: number): LargeGraph {
  const start = prompt();
  let last: Node = step(start, 0);
  const passed = Math.floor(size / 10);
  for (let index = 1; index < size - passed - 1; index++) last = step(last, index);
  const table = node({ table: longText("Table"), rows: Array.from({ length: 100 }, (_, id) => ({ id })) }, { name: "table" });
  const query = bundle(
    (_question: unknown, _table: unknown): number => {
      throw new TypeError("no such column: price");
    },
    { name: "query", description: "Looks the price up." },
  );
  let run = (): unknown => query(last, table);
  for (let index = 0; index < passed; index++) {
    const inner = run;
    const pass = bundle(() => inner(), { name: "pass", description: "Calls what is inside." });
    run = () => pass();
  }
  try {
    void run();
  } catch (error) {
    if (!(error instanceof ExecutionError)) throw error;
    const { exceptionNode } = error;
    return {
      parameters: [start],
      targets: [exceptionNode],
      feedback: [{ score: null, feedback: exceptionNode.peek() }],
    };
  }
  throw new Error("Expected an operation to fail");
}
