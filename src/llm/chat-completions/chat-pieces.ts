/**
 * Chat completions that a server streams: read piece by piece, and given on as parts of the AI SDK.
 *
 * @module
 */
import type { JsonResponse } from "../http/json-endpoint.ts";
import { serverEvents } from "../http/server-events.ts";
import { type AboutCall, cutOff, errorIn, notValid, parsed } from "./chat-failure.ts";
import { ChatParts, isOutput } from "./chat-stream.ts";
import type { Completion } from "./completion.ts";
import { readCompletion } from "./read-completion.ts";
import { type ErrorFrame, streamError } from "./stream-error.ts";

/** What comes of a stream: a piece of a completion, an error of the server, or what cannot be read. */
type Piece = { readonly raw: unknown } & (
  | { readonly kind: "completion"; readonly completion: Completion }
  | { readonly kind: "error"; readonly frame: ErrorFrame }
  | { readonly kind: "broken"; readonly error: Error }
);

/** A stream that has begun. */
export interface OpenPieces {
  /** Up to the first that holds something of the answer. */
  readonly first: readonly Piece[];
  readonly rest: AsyncGenerator<Piece, void, undefined>;
  /** What the completion says of itself. */
  readonly about: Pick<Completion, "id" | "created">;
}

/**
 * Reads a stream up to its first piece of the answer: until then a failure is one of the request.
 *
 * @throws an `APICallError` of the AI SDK when the server reports an error before that, or the stream ends early
 */
export async function openPieces(response: JsonResponse, call: AboutCall): Promise<OpenPieces> {
  const rest = piecesOf(response, call);
  const first: Piece[] = [];
  for (;;) {
    const { done, value: piece } = await rest.next();
    if (done) break;
    if (piece.kind === "error") {
      await rest.return();
      throw streamError(piece.frame, { ...call, responseHeaders: response.headers });
    }
    first.push(piece);
    if (piece.kind === "broken" || isOutput(piece.completion)) break;
  }
  const named = first.find((piece) => piece.kind === "completion");
  return { first, rest, about: named?.kind === "completion" ? named.completion : {} };
}

/** How the parts are made. */
export interface PartSettings {
  readonly warnings: readonly object[];
  /** Names a call of a tool that the server has not named, by its place. */
  readonly makeId: (index: number) => string;
  /** Whether the pieces are given on, too. */
  readonly withRaw: boolean;
}

/** The parts of the AI SDK's stream, as they are asked for. Whoever stops reading ends the request. */
export async function* partsOf(
  { first, rest }: Pick<OpenPieces, "first" | "rest">,
  { warnings, makeId, withRaw }: PartSettings,
): AsyncGenerator<Readonly<Record<string, unknown>>, void, undefined> {
  const parts = new ChatParts(makeId);
  yield { type: "stream-start", warnings };
  for await (const piece of following(first, rest)) {
    if (withRaw) yield { type: "raw", rawValue: piece.raw };
    if (piece.kind === "completion") yield* parts.of(piece.completion);
    else yield parts.failed(piece.kind === "error" ? piece.frame.error : piece.error);
  }
  yield* parts.end();
}

async function* following(first: readonly Piece[], rest: AsyncGenerator<Piece, void, undefined>): AsyncGenerator<Piece> {
  try {
    yield* first;
    yield* rest;
  } finally {
    // A generator that nothing was asked of yet would leave the request open.
    await rest.return();
  }
}

async function* piecesOf(response: JsonResponse, call: AboutCall): AsyncGenerator<Piece, void, undefined> {
  const stream = response.stream();
  if (stream === null) throw cutOff(new Error("Empty response body"), response, call);
  try {
    for await (const data of serverEvents(stream)) if (data !== "[DONE]") yield pieceOf(data);
  } catch (error) {
    throw cutOff(error, response, call);
  }
}

function pieceOf(data: string): Piece {
  const { value: raw, problem } = parsed(data);
  // A gateway that fails in the midst of a reply may say so beside a piece that ends it.
  const frame = errorIn(raw);
  if (frame !== undefined) return { kind: "error", frame, raw };
  const read = problem === undefined ? readCompletion(raw, "delta") : { problem };
  if (read.problem !== undefined) return { kind: "broken", error: notValid(read.problem, data), raw };
  return { kind: "completion", completion: read.completion, raw };
}
