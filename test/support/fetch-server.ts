/**
 * A server that does what servers do: compressed, redirected, cut, slow, and large replies. For what a `fetch` makes of them.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import zlib from "node:zlib";
import { selfSigned } from "./self-signed.ts";

/** A running server. */
export interface FetchServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** How many connections it has had. */
  readonly connections: number;
}

export const largeBytes = 50 * 1024 * 1024;
const text = '{"answer":"Zürich, 東京"}\n'.repeat(20);

/** @param other address of another server, to which `/away` leads */
export async function startFetchServer(
  settings: { readonly secure?: boolean; readonly other?: string } = {},
): Promise<FetchServer> {
  const listener: RequestListener = (request, response) => {
    request.on("error", () => {});
    answer(request, response, settings.other ?? "").catch((error) => response.destroy(error));
  };
  const server = settings.secure ? createSecureServer(selfSigned, listener) : createServer(listener);
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http${settings.secure ? "s" : ""}://127.0.0.1:${port}`,
    port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, other: string): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
  const [, kind = "", detail = ""] = pathname.split("/");
  if (kind === "redirect") {
    response.writeHead(Number(detail), { location: searchParams.get("to") ?? "/echo" }).end("moved");
    return;
  }
  if (kind === "away") {
    response.writeHead(307, { location: `${other}/echo` }).end();
    return;
  }
  if (kind === "reset") return void request.socket.destroy();
  if (kind === "hang") return;
  if (kind === "status") return void response.writeHead(Number(detail), searchParams.get("text") ?? undefined).end();
  const body = await digest(request);
  if (kind === "echo") {
    const headers = { ...request.headers, host: undefined };
    headers["content-type"] = headers["content-type"]?.replace(/boundary=.*/, "boundary");
    response.setHeader("content-type", "application/json").setHeader("set-cookie", ["a=1", "b=2"]);
    response.end(JSON.stringify({ method: request.method, url: request.url, headers, body }));
  } else if (kind === "coded") {
    response.setHeader("content-encoding", detail.replace("-", ", ")).end(coded(detail));
  } else if (kind === "raw-deflate") {
    response.setHeader("content-encoding", "deflate").end(zlib.deflateRawSync(text));
  } else if (kind === "cut-gzip") {
    response.setHeader("content-encoding", "gzip").end(zlib.gzipSync(text).subarray(0, 40));
  } else if (kind === "broken-gzip") {
    response.setHeader("content-encoding", "gzip").end("this is not compressed");
  } else if (kind === "reset-body") {
    response.writeHead(200, { "content-length": 1000 }).write("half");
    setTimeout(() => request.socket.destroy(), 20);
  } else if (kind === "hang-body") {
    response.writeHead(200).write("half");
  } else if (kind === "chunks") {
    for (const part of ["ein", "s, ", "zw", "ei"]) {
      response.write(part);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    response.end();
  } else if (kind === "large") {
    const piece = Buffer.alloc(1024 * 1024, "x");
    response.setHeader("content-length", largeBytes);
    for (let sent = 0; sent < largeBytes; sent += piece.length) {
      if (!response.write(piece)) await new Promise((resolve) => response.once("drain", resolve));
    }
    response.end();
  } else if (kind === "marked") {
    response.end("\ufeffwith a mark");
  } else {
    response.end(text);
  }
}

/** Length and hash of the body of a request. */
async function digest(request: IncomingMessage): Promise<string> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    // The mark between the parts of a form is another one each time.
    if (request.headers["content-type"]?.startsWith("multipart") !== true) hash.update(chunk as Buffer);
  }
  return request.headers["content-type"]?.startsWith("multipart") ? "a form" : `${length} bytes: ${hash.digest("hex")}`;
}

function coded(coding: string): Buffer | string {
  if (coding === "gzip" || coding === "x_gzip") return zlib.gzipSync(text);
  if (coding === "br") return zlib.brotliCompressSync(text);
  if (coding === "deflate") return zlib.deflateSync(text);
  if (coding === "gzip-br") return zlib.brotliCompressSync(zlib.gzipSync(text));
  return text;
}
