/**
 * `fastFetch` beside the built-in `fetch`: the same answers, errors, and requests, in front of a real server.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createPlainServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { compileProgram } from "../scripts/compile-program.ts";
import { fastFetch } from "../src/llm/http/fast-fetch.ts";
import { proxyFor } from "../src/llm/http/proxy.ts";
import { type FetchServer, largeBytes, startFetchServer } from "./support/fetch-server.ts";
import { runProcess } from "./support/run-process.ts";
import { selfSigned } from "./support/self-signed.ts";

let server: FetchServer;
let other: FetchServer;

/** Takes connections and says nothing. */
const silent = createPlainServer((socket) => socket.on("error", () => {}));
let silentPort: number;

beforeAll(async () => {
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve).unref());
  silentPort = (silent.address() as AddressInfo).port;
  other = await startFetchServer();
  server = await startFetchServer({ other: other.url });
});

afterAll(async () => {
  silent.close();
  await server[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** All that a program can see of a request. */
async function outcome(ask: (fetch: Fetch) => Promise<Response>, fetch: Fetch): Promise<unknown> {
  try {
    const response = await ask(fetch);
    const { status, statusText, ok, redirected, type, url, headers } = response;
    const shown = [...headers].filter(([name]) => name !== "date");
    const before = response.bodyUsed;
    const isOne = response instanceof Response && response.headers instanceof Headers;
    const body = await response.text();
    const used = [before, response.bodyUsed, response.body === null];
    return { status, statusText, ok, redirected, type, url, shown, isOne, body, used };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, cause } = error;
  const { code, message: reason } = (cause ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return { name, message, code, reason, isTypeError: error instanceof TypeError };
}

async function expectSame(ask: (fetch: Fetch) => Promise<Response>): Promise<unknown> {
  const [fast, usual] = [await outcome(ask, fastFetch), await outcome(ask, globalThis.fetch)];
  expect(fast).toEqual(usual);
  return fast;
}

const json = { "Content-Type": "application/json", Authorization: "Bearer key" };
const post = (body: unknown, more: object = {}): RequestInit => ({ method: "POST", body: body as string, ...more });

describe("a request", () => {
  const form = new FormData();
  form.set("a", "1");
  const stream = (): ReadableStream => new Blob(["streamed"]).stream();
  it.each<[string, string, () => RequestInit | undefined]>([
    ["GET", "/echo?a=1#hash", () => undefined],
    ["HEAD", "/echo", () => ({ method: "HEAD" })],
    ["DELETE", "/echo", () => ({ method: "DELETE" })],
    ["OPTIONS", "/echo", () => ({ method: "OPTIONS" })],
    ["PATCH", "/echo", () => post("x", { method: "PATCH" })],
    ["a method in small letters", "/echo", () => post("x", { method: "post" })],
    ["POST without a body", "/echo", () => ({ method: "POST" })],
    ["an empty text", "/echo", () => post("")],
    ["JSON", "/echo", () => post('{"a":"ä東"}', { headers: json })],
    ["a text without a type", "/echo", () => post("text \ud800 alone")],
    ["bytes", "/echo", () => post(new Uint8Array([1, 2, 3]))],
    ["a part of some bytes", "/echo", () => post(Buffer.from("abcdef").subarray(2, 4))],
    ["a buffer", "/echo", () => post(new Uint8Array([1, 2]).buffer)],
    ["a Blob", "/echo", () => post(new Blob(["abc"], { type: "text/x" }))],
    ["a form", "/echo", () => post(form)],
    ["parameters", "/echo", () => post(new URLSearchParams({ a: "b c" }))],
    ["a stream", "/echo", () => post(stream(), { duplex: "half" })],
    ["Headers", "/echo", () => ({ headers: new Headers({ "X-A": "1" }) })],
    ["a list of headers", "/echo", () => ({ headers: [["x-a", "1"] as [string, string], ["X-A", "2"] as [string, string]] })],
    ["headers with blanks around", "/echo", () => ({ headers: { "x-a": "  1  ", accept: "text/x", "user-agent": "mine" } })],
    ["a header that cannot be", "/echo", () => ({ headers: { "x-a": "1\n2" } })],
    ["a name that cannot be", "/echo", () => ({ headers: { "x a": "1" } })],
    ["a header beyond Latin-1", "/echo", () => ({ headers: { "x-a": "東" } })],
    ["GET with a body", "/echo", () => ({ body: "x" })],
    ["50 MB", "/echo", () => post(new Uint8Array(largeBytes).fill(65))],
  ])("%s", async (_title, path, init) => {
    await expectSame((fetch) => fetch(`${server.url}${path}`, init()));
  });

  it.each<[string, () => Parameters<Fetch>]>([
    ["a URL object", () => [new URL(`${server.url}/echo`)]],
    ["a Request", () => [new Request(`${server.url}/echo`, post("x"))]],
    ["a data URL", () => ["data:text/plain,hello"]],
    ["no address", () => ["nothing"]],
    ["another protocol", () => ["ftp://127.0.0.1/"]],
    ["credentials in the address", () => [`${server.url.replace("//", "//a:b@")}/echo`]],
    ["a port where nothing listens", () => ["http://127.0.0.1:1/"]],
    ["a name that is none", () => ["http://nothing.invalid/"]],
    ["no redirects", () => [`${server.url}/redirect/302`, { redirect: "manual" }]],
    ["redirects as an error", () => [`${server.url}/redirect/302`, { redirect: "error" }]],
  ])("with %s", async (_title, given) => {
    await expectSame((fetch) => fetch(...given()));
  });
});

describe("a reply", () => {
  it.each([
    "/coded/gzip",
    "/coded/br",
    "/coded/deflate",
    "/raw-deflate",
    "/coded/gzip-br",
    "/coded/unknown",
    "/cut-gzip",
    "/broken-gzip",
    "/chunks",
    "/marked",
    "/status/204",
    "/status/205",
    "/status/304",
    "/status/404",
    "/status/418?text=Short+and+stout",
    "/status/503",
    "/reset",
    "/reset-body",
    "/redirect/301",
    "/redirect/307?to=/redirect/302",
    "/redirect/302?to=/redirect/302%3Fto=/redirect/302",
    "/redirect/302?to=http://",
    "/redirect/302?to=ftp://127.0.0.1/",
    "/redirect/302?to=//a:b@localhost:1/",
    "/away",
  ])("%s", async (path) => {
    await expectSame((fetch) => fetch(`${server.url}${path}`, { headers: { ...json, cookie: "a=b" } }));
    await expectSame((fetch) => fetch(`${server.url}${path}`, post("{}", { headers: json })));
  });

  it.each([301, 302, 303, 307, 308])("%s keeps or drops method and body", async (status) => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE"]) {
      const body = method === "POST" || method === "PUT" ? { body: "text" } : {};
      await expectSame((fetch) => fetch(`${server.url}/redirect/${status}#mark`, { method, ...body, headers: json }));
    }
  });

  it("that leads in circles is followed twenty times", async () => {
    const circle = `${server.url}/redirect/302?to=`;
    await expectSame((fetch) => fetch(`${circle}${encodeURIComponent(circle)}`));
    const loop = createServer((_, response) => response.writeHead(302, { location: "/" }).end());
    const url = await listen(loop);
    expect(await expectSame((fetch) => fetch(url))).toMatchObject({ reason: "redirect count exceeded" });
    loop.close();
  });

  it.each<[string, (response: Response) => Promise<unknown>]>([
    ["json", (response) => response.json()],
    ["arrayBuffer", async (response) => new Uint8Array(await response.arrayBuffer()).length],
    ["blob", async (response) => [(await response.clone().blob()).size, (await response.blob()).type]],
    ["twice", async (response) => [await response.text(), response.bodyUsed, await response.json().catch(failure)]],
    ["a clone", async (response) => [await response.clone().json(), response.bodyUsed, await response.json(), response.url]],
    ["a clone of a clone", async (response) => [(await response.clone().clone().text()).length, (await response.text()).length]],
    ["a clone too late", async (response) => [await response.text(), nameOf(() => response.clone())]],
    [
      "its stream",
      async (response) => [(await readAll(response.body)).length, response.bodyUsed, nameOf(() => response.clone())],
    ],
    [
      "a stream that is locked",
      async (response) => [response.body?.getReader() !== undefined, await response.text().catch(({ name }) => name)],
    ],
    ["as another response", async (response) => new Response(response.body, response).json()],
    ["what it is called", async (response) => [String(response), response.headers.getSetCookie()]],
  ])("is read: %s", async (_title, read) => {
    const [fast, usual] = await Promise.all([fastFetch, fetch].map(async (ask) => read(await ask(`${server.url}/echo`))));
    expect(fast).toEqual(usual);
  });

  it("of 50 MB is read whole and as a stream, and not faster than it is read", async () => {
    expect((await (await fastFetch(`${server.url}/large`)).text()).length).toBe(largeBytes);
    const response = await fastFetch(`${server.url}/large`);
    await wait(50);
    const hash = createHash("sha256");
    let length = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      hash.update(chunk);
    }
    expect(length).toBe(largeBytes);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(Buffer.alloc(largeBytes, "x")).digest("hex"));
  });
});

describe("an abort", () => {
  it.each<[string, string, boolean]>([
    ["before", "/echo", true],
    ["before the headers", "/hang", false],
    ["in the body", "/hang-body", false],
    ["while it connects", "silent", false],
  ])("%s rejects with its reason", async (_title, path, isBefore) => {
    const url = path === "silent" ? `https://127.0.0.1:${silentPort}/` : `${server.url}${path}`;
    for (const reason of [undefined, "a text", new Error("mine")]) {
      await expectSame((fetch) => {
        const controller = new AbortController();
        if (isBefore) controller.abort(reason);
        else setTimeout(() => controller.abort(reason), 40);
        return fetch(url, { signal: controller.signal });
      });
    }
  });

  it("leaves no listener behind, and the signal of a thousand requests unharmed", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 20 }, async () => (await fastFetch(`${server.url}/echo`, { signal })).text()));
    }
    expect(added.mock.calls.length).toBe(200);
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(200);
  });
});

describe("connections", () => {
  it("are kept and used again, no more than there are requests in flight", async () => {
    await using own = await startFetchServer();
    let left = 200;
    const work = async (): Promise<void> => {
      while (left-- > 0) await (await fastFetch(`${own.url}/echo`, post("x"))).text();
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(own.connections).toBeLessThanOrEqual(8);
  });

  it("that the server closes while they are idle cost no request", async () => {
    let closed = Promise.resolve<unknown>(undefined);
    const closing = createServer((request, response) => {
      closed = once(request.socket, "close");
      request.resume().on("end", () => response.end("ok", () => setTimeout(() => request.socket.destroy(), 1)));
    });
    const url = await listen(closing);
    for (let index = 0; index < 20; index++) {
      expect(await (await fastFetch(url, post("x"))).text()).toBe("ok");
      await closed;
      // For the client to notice.
      await wait(10);
    }
    closing.close();
  });

  it("whose certificate nobody vouches for are refused", async () => {
    await using secure = await startFetchServer({ secure: true });
    expect(await expectSame((fetch) => fetch(`${secure.url}/echo`))).toMatchObject({ message: "fetch failed" });
  });
});

it("leaves everything to what has been put in the place of `fetch`", async () => {
  const seen = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("mocked"));
  expect(await (await fastFetch(`${server.url}/echo`)).text()).toBe("mocked");
  expect(seen).toHaveBeenCalledOnce();
  vi.restoreAllMocks();
});

describe("a proxy", () => {
  const all = { HTTP_PROXY: "http://p:1", https_proxy: "q:2" };
  it.each<[string, Record<string, string>, string | undefined]>([
    ["http://model.test/v1", all, "http://p:1/"],
    ["https://model.test/v1", all, "http://q:2/"],
    ["https://model.test/v1", {}, undefined],
    ["https://localhost/v1", all, undefined],
    ["http://127.0.0.1:80/", all, undefined],
    ["http://[::1]/", all, undefined],
    ["https://model.test/", { ...all, NO_PROXY: "*" }, undefined],
    ["https://model.test/", { ...all, no_proxy: "a.test, model.test" }, undefined],
    ["https://a.model.test/", { ...all, NO_PROXY: ".model.test" }, undefined],
    ["https://a.model.test/", { ...all, NO_PROXY: "*.test" }, undefined],
    ["https://mymodel.test/", { ...all, NO_PROXY: "model.test" }, "http://q:2/"],
    ["https://model.test/", { ...all, NO_PROXY: "model.test:8443" }, "http://q:2/"],
    ["https://model.test:8443/", { ...all, NO_PROXY: "model.test:8443" }, undefined],
  ])("for %s with %o is %s", (url, environment, expected) => {
    expect(proxyFor(new URL(url), (name) => environment[name])?.href).toBe(expected);
  });

  it("from the environment is used, also for what is left to the built-in `fetch`", async () => {
    const asked: string[] = [];
    await using secure = await startFetchServer({ secure: true });
    await using plain = await startFetchServer();
    const proxy = createServer();
    proxy.on("connect", (request, socket, head) => {
      asked.push(`${request.url} ${request.headers["proxy-authorization"] ?? ""}`);
      if (request.url?.startsWith("refused")) return void socket.end("HTTP/1.1 407 No\r\n\r\n");
      const target = connect(request.url?.endsWith(":443") ? secure.port : plain.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connected\r\n\r\n");
        target.write(head);
        target.pipe(socket).pipe(target);
      });
      for (const end of [target, socket]) end.on("error", () => {});
    });
    const address = (await listen(proxy)).replace("//", "//user:pass%20word@");
    const ca = join(tmpdir(), `opto-ca-${process.pid}.pem`);
    await writeFile(ca, selfSigned.cert);
    const program = compileProgram("test/support/fetch-through-proxy.ts");
    const env = {
      PATH: process.env.PATH,
      HTTPS_PROXY: address,
      HTTP_PROXY: address,
      NODE_EXTRA_CA_CERTS: ca,
      NO_PROXY: "direct.test",
    };
    const { stdout, stderr } = await runProcess(process.execPath, [program], { cwd: process.cwd(), env });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([
      ["https://model.test/echo", "POST 3 bytes"],
      ["https://other.test/echo, a stream", "POST 8 bytes"],
      ["http://model.test/echo", "POST 3 bytes"],
      ["https://wrong.test/echo", "ERR_TLS_CERT_ALTNAME_INVALID"],
      ["https://refused.test/echo", expect.stringMatching(/refused to connect to refused.test with status 407/)],
      ["http://direct.test/echo", "ENOTFOUND"],
    ]);
    const credentials = `Basic ${Buffer.from("user:pass word").toString("base64")}`;
    expect(asked).toEqual(
      ["model.test:443", "other.test:443", "model.test:80", "wrong.test:443", "refused.test:443"].map(
        (host) => `${host} ${credentials}`,
      ),
    );
    proxy.close();
  });
});

async function listen(started: Server): Promise<string> {
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function readAll(body: ReadableStream<Uint8Array> | null): Promise<string> {
  let read = "";
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) read += Buffer.from(chunk).toString();
  return read;
}

function nameOf(work: () => unknown): string {
  try {
    work();
    return "nothing";
  } catch (error) {
    return (error as Error).name;
  }
}
