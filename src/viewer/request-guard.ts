/**
 * Which requests the viewer's server answers: those of pages that it has served itself, and writes only with its token.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isPlainObject, parseJsonObject } from "../data/json.ts";
import { RequestError } from "./api-error.ts";

/** The longest body of a request, in bytes. */
const longestBody = 5 * 2 ** 20;

/**
 * A name that leads to this machine may be anybody's (DNS rebinding), so the `Host` decides; and a page from elsewhere may not read or write here.
 *
 * @param port of this server
 * @throws RequestError when the request comes from elsewhere
 */
export function refuseForeign({ headers, url = "/" }: IncomingMessage, port: number): void {
  const own = ["127.0.0.1", "localhost"].map((name) => `${name}:${port}`);
  const { host = "", origin } = headers;
  if (!own.includes(host.toLowerCase())) {
    throw new RequestError("forbidden", `Expected the host ${own[0]}, got another one. Open the address that was printed`);
  }
  if (origin !== undefined && !own.some((name) => origin.toLowerCase() === `http://${name}`)) {
    throw new RequestError("forbidden", "Expected a request from this page, got one from another origin");
  }
  const site = headers["sec-fetch-site"];
  const isPage = url === "/" || url.startsWith("/?");
  if (!isPage && (site === "cross-site" || site === "same-site")) {
    throw new RequestError("forbidden", "Expected a request from this page, got one from another site");
  }
}

/** @throws RequestError without the token */
export function refuseWithoutToken({ headers }: IncomingMessage, token: string): void {
  const given = Buffer.from(String(headers["x-opto-token"] ?? ""));
  const own = Buffer.from(token);
  if (given.length === own.length && timingSafeEqual(given, own)) return;
  throw new RequestError(
    "forbidden",
    "This needs the token in the address that was printed. Open that address, with everything after the #",
  );
}

/** The JSON object in the body. @throws RequestError for anything else, and for one that is too long */
export async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\b/i.test(type)) throw new RequestError("invalid", "Expected a body with the type application/json");
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > longestBody) throw new RequestError("too-large", `Expected a body of at most ${longestBody / 2 ** 20} MB`);
    pieces.push(piece);
  }
  const body = parseJsonObject(Buffer.concat(pieces).toString("utf8"));
  if (!isPlainObject(body)) throw new RequestError("invalid", "Expected a JSON object as the body");
  return body;
}

export function sendJson(response: ServerResponse, status: number, content: unknown, isHead = false): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(isHead ? undefined : JSON.stringify(content));
}
