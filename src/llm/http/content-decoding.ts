/**
 * Bodies that a server has compressed.
 *
 * @module
 */
import type { Readable, Transform } from "node:stream";
import { nodeStream, nodeZlib } from "../../data/load-on-demand.ts";

/** A body that is at most as large is decompressed where it is needed: a thread of its own would take longer. Bytes. */
const smallBody = 32 * 1024;

interface Decoder {
  readonly now: (bytes: Uint8Array) => Buffer;
  readonly open: () => Transform;
}

let known: ReadonlyMap<string, Decoder> | undefined;

/** The decoders of a body, the first to use first; none where one of its codings is not known, as the body is then returned as it is. */
export function decodersOf(contentEncoding: string | null): readonly Decoder[] {
  if (contentEncoding === null || contentEncoding === "") return [];
  known ??= allDecoders();
  const decoders = known;
  const found = contentEncoding.split(",").map((coding) => decoders.get(coding.trim().toLowerCase()));
  return found.includes(undefined) ? [] : (found as Decoder[]).reverse();
}

/** @throws what the decompression throws */
export async function decodeAll(bytes: Uint8Array, used: readonly Decoder[]): Promise<Uint8Array> {
  if (bytes.length === 0) return bytes;
  if (bytes.length <= smallBody) return used.reduce<Uint8Array>((body, { now }) => now(body), bytes);
  const chunks: Uint8Array[] = [];
  for await (const chunk of decodeStream(nodeStream().Readable.from([bytes]), used)) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** The same of a body that is still coming. */
export function decodeStream(body: Readable, used: readonly Decoder[]): Readable {
  const steps = used.map(({ open }) => open());
  // What fails on the way ends the last of them with that error.
  nodeStream()
    .promises.pipeline([body, ...steps])
    .catch(() => {});
  return steps.at(-1) ?? body;
}

function allDecoders(): ReadonlyMap<string, Decoder> {
  const zlib = nodeZlib();
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
  // Servers end a body as they like: what is there counts.
  const lenient = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH };
  const lenientBrotli = { flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH };
  const gzip: Decoder = { now: (bytes) => zlib.gunzipSync(bytes, lenient), open: () => zlib.createGunzip(lenient) };
  const deflate: Decoder = {
    now: (bytes) => (hasZlibHeader(bytes) ? zlib.inflateSync(bytes, lenient) : zlib.inflateRawSync(bytes, lenient)),
    open: () => anyInflate((start) => (hasZlibHeader(start) ? zlib.createInflate(lenient) : zlib.createInflateRaw(lenient))),
  };
  const brotli: Decoder = {
    now: (bytes) => zlib.brotliDecompressSync(bytes, lenientBrotli),
    open: () => zlib.createBrotliDecompress(lenientBrotli),
  };
  return new Map([["gzip", gzip], ["x-gzip", gzip], ["deflate", deflate], ["br", brotli], ...zstd(zlib)]);
}

function hasZlibHeader([first = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 0x08;
}

/** `deflate` with its header, as the standard has it, or without, as many servers do. */
function anyInflate(open: (start: Buffer) => Transform): Transform {
  let inner: Transform | undefined;
  return new (nodeStream().Transform)({
    transform(chunk: Buffer, _encoding, done) {
      if (inner === undefined) {
        inner = open(chunk);
        inner.on("data", (piece) => this.push(piece));
        inner.on("error", (error) => this.destroy(error));
      }
      inner.write(chunk, done);
    },
    flush(done) {
      if (inner === undefined) done();
      else inner.once("end", () => done()).end();
    },
    destroy(error, done) {
      inner?.destroy();
      done(error);
    },
  });
}

/** Newer versions of Node have it. */
function zstd(zlib: object): [string, Decoder][] {
  const { zstdDecompressSync, createZstdDecompress } = zlib as {
    readonly zstdDecompressSync?: (bytes: Uint8Array) => Buffer;
    readonly createZstdDecompress?: () => Transform;
  };
  if (zstdDecompressSync === undefined || createZstdDecompress === undefined) return [];
  return [["zstd", { now: zstdDecompressSync, open: createZstdDecompress }]];
}
