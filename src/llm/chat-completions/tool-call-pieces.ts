/**
 * `ToolCallPieces`: calls of tools that a stream brings in pieces.
 *
 * @module
 */
import type { CompletionCall } from "./completion.ts";
import { sdkError } from "./sdk-error.ts";

/** A call that has begun. */
interface OpenCall {
  readonly id: string;
  readonly index: number | undefined;
  /** As the server calls it. */
  readonly given: string | undefined;
  readonly name: string;
  input: string;
}

type Part = Readonly<Record<string, unknown>>;

/**
 * Puts the pieces together by their `index`, else by their `id`; pieces without either belong to the only call there is. A piece with a name and
 * arguments of its own begins another call, as some servers number none of them, or all alike.
 */
export class ToolCallPieces {
  readonly #calls: OpenCall[] = [];
  readonly #makeId: (index: number) => string;

  /** @param makeId names a call that the server has not named, by its place */
  constructor(makeId: (index: number) => string) {
    this.#makeId = makeId;
  }

  /**
   * Takes a piece.
   *
   * @returns the parts of the AI SDK's stream that it makes
   * @throws an `InvalidResponseDataError` of the AI SDK for the beginning of a call that has no name
   */
  add(piece: CompletionCall): Part[] {
    const given = textOr(piece.id);
    const name = textOr(piece.function.name);
    const index = piece.index ?? undefined;
    const input = piece.function.arguments ?? "";
    const open = this.#openCall({ given, name, index, input });
    if (open !== undefined) {
      open.input += input;
      return (piece.function.arguments ?? undefined) === undefined ? [] : [delta(open.id, input)];
    }
    // A blank name is no beginning of a call that could be made.
    if (typeof piece.function.name === "string" && name === undefined) return [];
    if (name === undefined) {
      throw sdkError("AI_InvalidResponseDataError", "Expected 'function.name' to be a string.", { data: piece });
    }
    const isUsed = this.#calls.some(({ id }) => id === given);
    const id = given === undefined || isUsed ? this.#makeId(this.#calls.length) : given;
    this.#calls.push({ id, index, given, name, input });
    const start = { type: "tool-input-start", id, toolName: name };
    return input === "" ? [start] : [start, delta(id, input)];
  }

  /** The parts that end all calls, in the order of their numbers where all have one. */
  end(): Part[] {
    const isNumbered = this.#calls.every(({ index }) => index !== undefined);
    const calls = isNumbered ? this.#calls.toSorted((a, b) => (a.index as number) - (b.index as number)) : this.#calls;
    return calls.flatMap(({ id, name, input }) => [
      { type: "tool-input-end", id },
      { type: "tool-call", toolCallId: id, toolName: name, input },
    ]);
  }

  #openCall({ given, name, index, input }: Pick<OpenCall, "given" | "index" | "input"> & { name: string | undefined }) {
    const isOf = (call: OpenCall): boolean => {
      if (index !== undefined) return call.index === index && (name === undefined || call.name === name);
      return given !== undefined && call.given === given && (name === undefined || call.name === name);
    };
    const isBare = name === undefined && given === undefined;
    const open = this.#calls.findLast(isOf) ?? (isBare && this.#calls.length === 1 ? this.#calls[0] : undefined);
    const begins = name !== undefined && /^\s*[{[]/.test(input);
    return open !== undefined && begins && isWhole(open.input) ? undefined : open;
  }
}

function delta(id: string, text: string): Part {
  return { type: "tool-input-delta", id, delta: text };
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

function textOr(value: string | null | undefined): string | undefined {
  return value === undefined || value === null || value.trim() === "" ? undefined : value;
}
