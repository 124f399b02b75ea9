/**
 * `StepsOf`: what is known, within one operation, of the model calls that it has made: where values come from, and which tools were called.
 *
 * @module
 */
import { textOf } from "../data/json.ts";
import type { GraphNode, Operation } from "../graph/graph-node.ts";
import { Node, record } from "../graph/node.ts";
import { currentScope, type Frame, noteRead, noteRemark } from "../graph/scope.ts";

/** A call of a tool by a model. */
export interface CalledTool {
  /** Of the model's reply. */
  readonly node: Node;
  readonly toolName: string;
  readonly description: string;
  readonly input: unknown;
}

const known = new WeakMap<Frame, StepsOf>();

/** Shorter texts are found in any other. */
const shortestFound = 3;

const inputOperation: Operation = { name: "arguments", description: "The arguments with which the model calls a tool." };
const composeOperation: Operation = { name: "compose", description: "A text that the program builds from its inputs." };

/** Of one operation that is running. Tools are known by the ids of their calls, which the following prompt repeats. */
export class StepsOf {
  readonly #frame: Frame;
  readonly #calls = new Map<string, CalledTool & { readonly known: readonly Node[] }>();
  readonly #inputs = new Map<string, Node>();
  readonly #results = new Map<string, Node>();

  private constructor(frame: Frame) {
    this.#frame = frame;
  }

  /** Those of this operation. */
  static operation(frame: Frame): StepsOf {
    let steps = known.get(frame);
    if (steps === undefined) {
      steps = new StepsOf(frame);
      known.set(frame, steps);
    }
    return steps;
  }

  /** A model has called a tool. */
  called(toolCallId: string, call: CalledTool): void {
    this.#calls.set(toolCallId, { ...call, known: this.#sources() });
  }

  /** The reply that called a tool; `undefined` when that is not known here. */
  replyOf(toolCallId: string): Node | undefined {
    return this.#calls.get(toolCallId)?.node;
  }

  /** The arguments of a call, as a node that comes from the reply. */
  inputOf(toolCallId: string, input: unknown): Node {
    const made = this.#inputs.get(toolCallId);
    if (made !== undefined) return made;
    const reply = this.replyOf(toolCallId);
    const origin = reply && { kind: "message" as const, operation: inputOperation, inputs: [reply], inputNames: ["reply"] };
    const node = new Node(input, { name: "input" }, origin);
    this.#inputs.set(toolCallId, node);
    return node;
  }

  /** A tool has run as this operation. */
  returned(toolCallId: string, node: Node): void {
    this.#results.set(toolCallId, node);
  }

  /** What a tool returned: the node of its operation where there is one, else one that is made here; without a known call, the value. */
  resultOf(toolCallId: string, output: { readonly value: unknown; readonly isError: boolean }): unknown {
    const recorded = this.#results.get(toolCallId);
    if (recorded !== undefined) return recorded;
    const call = this.#calls.get(toolCallId);
    if (call === undefined) return output.value;
    const { toolName, description, input, known: before } = call;
    // What was read since the call: by the tool, as far as it can be found in what it returned.
    const sources = this.#sourcesOf(textOf(output.value)).filter((node) => !before.includes(node));
    const run = (): unknown => {
      const { frame } = currentScope();
      for (const source of sources) noteRead(frame, source);
      if (output.isError) noteRemark(frame, "The tool failed, and the model was given this error.");
      return output.value;
    };
    const operation: Operation = { name: toolName, description };
    const node = record(operation, [this.inputOf(toolCallId, input)], ["input"], run) as Node;
    this.#results.set(toolCallId, node);
    return node;
  }

  /** The node that a value comes from: whose value it is, or which are found in it; the value itself where none is. */
  origin(value: unknown, name = "text"): unknown {
    const same = this.#sources().find((node) => isSame(node.peek(), value));
    if (same !== undefined) return same;
    const found = typeof value === "string" ? this.#sourcesOf(value) : [];
    if (found.length === 0) return value;
    const inputNames = found.map((node) => node.name);
    return new Node(value, { name }, { kind: "message", operation: composeOperation, inputs: found, inputNames });
  }

  #sources(): Node[] {
    const { inputs, reads } = this.#frame;
    return [...new Set<GraphNode>([...inputs, ...(reads ?? [])])] as Node[];
  }

  #sourcesOf(text: string): Node[] {
    return this.#sources().filter((node) => isFound(node.peek(), text));
  }
}

function isSame(own: unknown, value: unknown): boolean {
  return own === value && own !== "" && (typeof own === "string" || typeof own === "number");
}

/** Whether a value stands in a text: itself, as JSON, or all of its texts. */
function isFound(value: unknown, text: string): boolean {
  if (typeof value === "string") return value.trim().length >= shortestFound && text.includes(value);
  if (typeof value !== "object" || value === null) return false;
  if (text.includes(textOf(value))) return true;
  const texts = textsIn(value, 0).filter((inner) => inner.trim().length >= shortestFound);
  return texts.length > 0 && texts.every((inner) => text.includes(inner));
}

function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || depth > 8 || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap((inner) => textsIn(inner, depth + 1));
}
