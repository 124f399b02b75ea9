/**
 * Images and files in a prompt: what they are, and in which form a model takes them.
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";
import type { LanguageModel } from "./language-model.ts";

/** The contents of a file, or where it is. */
export interface FileContent {
  readonly data: Uint8Array | string | URL;
  /** What the address itself says of it. */
  readonly mediaType?: string | undefined;
  /** The address as it was written, where that is not how it is written when it has been read. */
  readonly originalUrl?: string | undefined;
}

/** Bytes, base64, an address, or an address that holds the contents itself; `undefined` for everything else. */
export function fileContent(given: unknown): FileContent | undefined {
  if (given instanceof Uint8Array) return { data: given };
  if (given instanceof ArrayBuffer) return { data: new Uint8Array(given) };
  const isAddress = given instanceof URL || (typeof given === "string" && URL.canParse(given));
  if (!isAddress) return typeof given === "string" ? { data: given } : undefined;
  const url = new URL(given);
  if (url.protocol !== "data:") return { data: url, ...(url.href === String(given) ? {} : { originalUrl: String(given) }) };
  const [, mediaType, coding = "", contents] = /^data:([^;,]+)([^,]*),(.+)$/s.exec(url.href) ?? [];
  if (contents === undefined) return undefined;
  return { data: /;\s*base64$/i.test(coding) ? contents : bytesOf(contents), mediaType };
}

/** What is not base64 is text with escapes. */
function bytesOf(escaped: string): Uint8Array {
  const plain = escaped.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return new Uint8Array(Buffer.from(plain, "latin1"));
}

/** Contents in the words of the model's specification: since v4 with a word for what they are. */
export function contentFor({ specificationVersion }: LanguageModel, { data, originalUrl }: FileContent): object {
  const original = originalUrl === undefined ? {} : { originalUrl };
  if (specificationVersion !== "v4") return { data, ...original };
  return { data: data instanceof URL ? { type: "url", url: data, ...original } : { type: "data", data } };
}

/** Whether a model reads a file from its address by itself; others have to be given the contents. */
export function takesUrl(url: URL, mediaType: string, supportedUrls: unknown): boolean {
  if (!isPlainObject(supportedUrls)) return false;
  const [type, address] = [mediaType.toLowerCase(), url.href.toLowerCase()];
  return Object.entries(supportedUrls).some(([pattern, expressions]) => {
    const start = pattern === "*" || pattern === "*/*" ? "" : pattern.toLowerCase().replace(/\*/, "");
    const fits = start === "" || start.endsWith("/") ? type.startsWith(start) : type === start;
    return fits && Array.isArray(expressions) && expressions.some((known: RegExp) => known.test(address));
  });
}

const any = undefined;

/** How the files of each kind of image begin. */
const beginnings: readonly (readonly [mediaType: string, bytes: readonly (number | undefined)[]])[] = [
  ["image/gif", [0x47, 0x49, 0x46]],
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46, any, any, any, any, 0x57, 0x45, 0x42, 0x50]],
  ["image/bmp", [0x42, 0x4d]],
  ["image/tiff", [0x49, 0x49, 0x2a, 0x00]],
  ["image/tiff", [0x4d, 0x4d, 0x00, 0x2a]],
  ["image/avif", [0, 0, 0, 0x20, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66]],
  ["image/heic", [0, 0, 0, 0x20, 0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69, 0x63]],
];

/** The media type of an image, by how it begins; `undefined` when it is not recognized. */
export function imageType(data: Uint8Array | string): string | undefined {
  const start = typeof data === "string" ? Buffer.from(data.slice(0, 24), "base64") : data.subarray(0, 18);
  return beginnings.find(([, bytes]) => bytes.every((byte, index) => byte === any || start[index] === byte))?.[0];
}
