import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createPlainServer } from "node:net";
import { createGzip } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import type { Dispatcher } from "./built-in-client.ts";
import { fastFetch } from "./fast-fetch.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Does something with a server, by its address. */
async function withServer<T>(handler: Handler, use: (url: string, server: Server) => Promise<T>): Promise<T> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends a little again and again, for ever where no number is given. Resolves when the request is over. */
function drip(response: ServerResponse, pieces = Number.POSITIVE_INFINITY, write = () => response.write("x")): Promise<number> {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent++ < pieces) return void write();
    clearInterval(timer);
    response.end();
  }, 15);
  return new Promise((resolve) =>
    response.on("close", () => {
      clearInterval(timer);
      resolve(sent);
    }),
  );
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number> {
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes += value.length;
  }
}

/** Without `response` in the scope of whoever waits. */
async function readerOf(url: string, of: (response: Response) => ReadableStream<Uint8Array> | null): Promise<number> {
  const reader = of(await fastFetch(url))?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const collecting = setInterval(() => globalThis.gc?.(), 10);
  return readAll(reader).finally(() => clearInterval(collecting));
}

describe("a response that nobody has any more", () => {
  it.each<[string, (response: Response) => ReadableStream<Uint8Array> | null]>([
    ["its stream", ({ body }) => body],
    ["the stream of a clone", (response) => response.clone().body],
    ["its stream after a clone", (response) => [response.clone(), response.body][1] as ReadableStream<Uint8Array>],
  ])("is read to the end by those who have %s", async (_, of) => {
    expect(typeof globalThis.gc).toBe("function");
    await withServer(
      (_request, response) => void drip(response, 20),
      async (url) => {
        expect(await readerOf(url, of)).toBe(20);
      },
    );
  });

  it("ends its request when nobody reads it", async () => {
    let over: Promise<number> | undefined;
    await withServer(
      (_request, response) => {
        over = drip(response);
      },
      async (url) => {
        await (async () => void (await fastFetch(url)))();
        const collecting = setInterval(() => globalThis.gc?.(), 10);
        expect(await over).toBeGreaterThanOrEqual(0);
        clearInterval(collecting);
      },
    );
  });
});

describe("a request is ended, and does not run on at the server,", () => {
  it.each(["plain", "gzip"])("when its stream is cancelled: %s", async (coding) => {
    let over: Promise<number> | undefined;
    const serve: Handler = (_request, response) => {
      if (coding === "plain") {
        over = drip(response);
        return;
      }
      const gzip = createGzip();
      gzip.pipe(response.setHeader("content-encoding", "gzip"));
      over = drip(response, undefined, () => [gzip.write("x"), gzip.flush()][0] as boolean);
    };
    await withServer(serve, async (url) => {
      const reader = (await fastFetch(url)).body?.getReader();
      await reader?.read();
      await reader?.cancel();
      expect(await over).toBeLessThan(100);
    });
  });

  it("when it is redirected while the body has no end", async () => {
    let over: Promise<number> | undefined;
    const serve: Handler = ({ url }, response) => {
      if (url === "/there") response.end("arrived");
      else over = drip(response.writeHead(302, { location: "/there" }));
    };
    await withServer(serve, async (url) => {
      expect(await (await fastFetch(url)).text()).toBe("arrived");
      await over;
    });
  });

  it("but keeps its connection when a redirect has a short body", async () => {
    let connections = 0;
    const serve: Handler = ({ url }, response) => {
      if (url === "/there") response.end("arrived");
      else response.writeHead(302, { location: "/there", "content-length": 5 }).end("moved");
    };
    await withServer(serve, async (url, server) => {
      server.on("connection", () => connections++);
      for (let index = 0; index < 5; index++) expect(await (await fastFetch(url)).text()).toBe("arrived");
      expect(connections).toBeLessThanOrEqual(2);
    });
  });
});

describe("an abort while a body is read as a stream", () => {
  it.each(["plain", "gzip"])("throws its reason: %s", async (coding) => {
    const serve: Handler = (_request, response) => {
      if (coding === "plain") return void response.write("x");
      const gzip = createGzip();
      gzip.pipe(response.setHeader("content-encoding", "gzip"));
      gzip.write("x");
      gzip.flush();
    };
    await withServer(serve, async (url) => {
      for (const reason of [undefined, new Error("mine"), "a text", new DOMException("late", "TimeoutError")]) {
        const controller = new AbortController();
        const reader = (await fastFetch(url, { signal: controller.signal })).body?.getReader();
        await reader?.read();
        controller.abort(reason);
        const thrown = await reader?.read().catch((error: unknown) => ({ error }));
        expect(thrown).toEqual({ error: controller.signal.reason });
      }
    });
  });
});

describe("a response", () => {
  it("with a header that has no name is read without it, or refused as the built-in fetch refuses it", async () => {
    const server = createPlainServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nX Y: 1\r\nX-Z: 2\r\ncontent-length: 2\r\n\r\nok"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const read = async (get: typeof fetch): Promise<[string | null, string]> => {
      const response = await get(url);
      return [response.headers.get("x-z"), await response.text()];
    };
    const builtIn = (await read(fetch).catch(({ message, cause }) => ({ message, cause: { message: cause.message } }))) as object;
    if (Array.isArray(builtIn)) expect(await read(fastFetch)).toEqual(builtIn);
    else await expect(read(fastFetch)).rejects.toMatchObject(builtIn);
    server.close();
  });

  it("that was cut can be looked at afterwards", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", note);
    const cut: Handler = (request, response) => {
      response.writeHead(200, { "content-length": 1000 }).write("half");
      setTimeout(() => request.socket.destroy(), 10);
    };
    await withServer(cut, async (url) => {
      const response = await fastFetch(url);
      await expect(response.text()).rejects.toThrow("terminated");
      expect(response.body).not.toBeNull();
      expect(response.bodyUsed).toBe(true);
      await wait(20);
    });
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  it("is read to the end, whoever looks at its body meanwhile", async () => {
    await withServer(
      (_request, response) => void drip(response, 5),
      async (url) => {
        const response = await fastFetch(url);
        const text = response.text();
        expect(response.body).not.toBeNull();
        expect(await text).toBe("xxxxx");
      },
    );
  });
});

describe("a redirect", () => {
  it.each<[to: string, outcome: string]>([
    ["http://127.0.0.1:25/", "bad port"],
    ["http://127.0.0.1:6000/", "bad port"],
    ["http://user:password@HOST/there", 'cross origin not allowed for request mode "cors"'],
    ["ftp://127.0.0.1/", "URL scheme must be a HTTP(S) scheme"],
    ["/é東", "/%C3%A9%E6%9D%B1"],
    ["/%C3%A9", "/%C3%A9"],
  ])("to %s ends as with `fetch`: %s", async (to, outcome) => {
    const serve: Handler = ({ url, headers, socket }, response) => {
      if (url !== "/") return void response.end(url);
      const location = to.replace("HOST", String(headers.host));
      socket.end(Buffer.from(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`, "utf8"));
    };
    await withServer(serve, async (url) => {
      for (const ask of [fetch, fastFetch]) {
        const came = await ask(url).then(
          (response) => response.text(),
          ({ cause }) => cause.message,
        );
        expect(came).toBe(outcome);
      }
    });
  });
});

describe("a redirect to another server", () => {
  it("leaves keys behind, whatever their names", async () => {
    const sent = { authorization: "Bearer k", "api-key": "k", "X-Goog-Api-Key": "k", "x-auth-token": "k", "x-title": "mine" };
    const elsewhere: IncomingMessage["headers"][] = [];
    const there: Handler = ({ headers }, response) => [elsewhere.push(headers), response.end("there")];
    await withServer(there, (target) =>
      withServer(
        ({ url, headers }, response) => {
          if (url === "/here") response.end(JSON.stringify(headers));
          else response.writeHead(307, { location: url === "/near" ? "/here" : target }).end();
        },
        async (origin) => {
          const stays = await fastFetch(`${origin}/near`, { method: "POST", body: "{}", headers: sent });
          expect(await stays.json()).toMatchObject({ "api-key": "k", "x-goog-api-key": "k" });
          expect(await (await fastFetch(origin, { method: "POST", body: "{}", headers: sent })).text()).toBe("there");
        },
      ),
    );
    expect(elsewhere).toHaveLength(1);
    expect(elsewhere[0]).toMatchObject({ "x-title": "mine" });
    expect(Object.keys(elsewhere[0] ?? {}).filter((name) => /auth|key|token/.test(name))).toEqual([]);
  });
});

describe("with a proxy in the environment", () => {
  const place = Symbol.for("undici.globalDispatcher.1");
  const clients = globalThis as unknown as Record<symbol, Dispatcher>;

  it("an agent that the program has set is used as it is, and that of Node goes through the proxy", async () => {
    new Response(null);
    const ofNode = clients[place] as Dispatcher;
    vi.stubEnv("HTTP_PROXY", "http://127.0.0.1:1");
    await withServer(
      (_request, response) => void response.end("by the own agent"),
      async (origin) => {
        /** Like that of undici. */
        class Agent implements Dispatcher {
          constructor({ factory }: { readonly factory?: unknown } = {}) {
            if (factory !== undefined && typeof factory !== "function") throw new Error("factory must be a function.");
          }
          dispatch(...[request, handler]: Parameters<Dispatcher["dispatch"]>): boolean {
            return ofNode.dispatch({ ...request, origin }, handler);
          }
        }
        const ask = (): Promise<string> =>
          fastFetch("http://own-agent.test/").then(
            (response) => response.text(),
            ({ cause }) => cause.code,
          );
        clients[place] = new Agent();
        expect(await ask()).toBe("by the own agent");
        clients[place] = ofNode;
        expect(await ask()).toBe("ECONNREFUSED");
        clients[place] = new Agent();
        expect(await ask()).toBe("by the own agent");
      },
    ).finally(() => {
      clients[place] = ofNode;
      vi.unstubAllEnvs();
    });
  });
});
