/**
 * Bodies that a server has compressed.
 *
 * @module
 */
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";

/** A body that is at most as large is decompressed where it is needed: a thread of its own would take longer. Bytes. */
const smallBody = 32 * 1024;

// Servers end a body as they like: what is there counts.
const lenient = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const lenientBrotli = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
};

interface Decoder {
  readonly now: (bytes: Uint8Array) => Buffer;
  readonly open: () => Transform;
}

const gzip: Decoder = { now: (bytes) => zlib.gunzipSync(bytes, lenient), open: () => zlib.createGunzip(lenient) };

const deflate: Decoder = {
  now: (bytes) => (hasZlibHeader(bytes) ? zlib.inflateSync(bytes, lenient) : zlib.inflateRawSync(bytes, lenient)),
  open: () => new AnyInflate(),
};

const brotli: Decoder = {
  now: (bytes) => zlib.brotliDecompressSync(bytes, lenientBrotli),
  open: () => zlib.createBrotliDecompress(lenientBrotli),
};

const decoders: ReadonlyMap<string, Decoder> = new Map([
  ["gzip", gzip],
  ["x-gzip", gzip],
  ["deflate", deflate],
  ["br", brotli],
  ...zstd(),
]);

/** The decoders of a body, the first to use first; none where one of its codings is not known, as the body is then returned as it is. */
export function decodersOf(contentEncoding: string | null): readonly Decoder[] {
  if (contentEncoding === null || contentEncoding === "") return [];
  const found = contentEncoding.split(",").map((coding) => decoders.get(coding.trim().toLowerCase()));
  return found.includes(undefined) ? [] : (found as Decoder[]).reverse();
}

/** @throws what the decompression throws */
export async function decodeAll(bytes: Uint8Array, used: readonly Decoder[]): Promise<Uint8Array> {
  if (bytes.length === 0) return bytes;
  if (bytes.length <= smallBody) return used.reduce<Uint8Array>((body, { now }) => now(body), bytes);
  const chunks: Uint8Array[] = [];
  for await (const chunk of decodeStream(Readable.from([bytes]), used)) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** The same of a body that is still coming. */
export function decodeStream(body: Readable, used: readonly Decoder[]): Readable {
  const steps = used.map(({ open }) => open());
  // What fails on the way ends the last of them with that error.
  pipeline([body, ...steps]).catch(() => {});
  return steps.at(-1) ?? body;
}

function hasZlibHeader([first = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 0x08;
}

/** `deflate` with its header, as the standard has it, or without, as many servers do. */
class AnyInflate extends Transform {
  #inner: Transform | undefined;

  override _transform(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#inner === undefined) {
      this.#inner = hasZlibHeader(chunk) ? zlib.createInflate(lenient) : zlib.createInflateRaw(lenient);
      this.#inner.on("data", (piece) => this.push(piece));
      this.#inner.on("error", (error) => this.destroy(error));
    }
    this.#inner.write(chunk, done);
  }

  override _flush(done: (error?: Error | null) => void): void {
    if (this.#inner === undefined) done();
    else this.#inner.once("end", () => done()).end();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner?.destroy();
    done(error);
  }
}

/** Newer versions of Node have it. */
function zstd(): [string, Decoder][] {
  const { zstdDecompressSync, createZstdDecompress } = zlib as unknown as {
    readonly zstdDecompressSync?: (bytes: Uint8Array) => Buffer;
    readonly createZstdDecompress?: () => Transform;
  };
  if (zstdDecompressSync === undefined || createZstdDecompress === undefined) return [];
  return [["zstd", { now: zstdDecompressSync, open: createZstdDecompress }]];
}
