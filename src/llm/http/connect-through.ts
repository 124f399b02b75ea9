/**
 * Connections through an HTTP proxy, which passes on what it does not read (`CONNECT`).
 *
 * @module
 */
import type { Socket } from "node:net";
import { nodeHttp, nodeHttps, nodeNet, nodeTls } from "../../data/load-on-demand.ts";
import type { Connector } from "./built-in-client.ts";

/** As long as the client waits for a connection, in milliseconds. */
const connectTimeoutMs = 10_000;

/** Opens connections through a proxy. */
export function connectThrough(proxy: URL): Connector {
  const name = `the proxy ${proxy.host}`;
  return ({ hostname: given, port, protocol, servername }, callback) => {
    const isSecure = protocol === "https:";
    const hostname = given.replace(/^\[|\]$/g, "");
    const asked = askFor(hostname, port || (isSecure ? "443" : "80"), proxy);
    let tunnel: Socket | undefined;
    const done = (error: Error | null, connected?: Socket): void => {
      clearTimeout(timer);
      if (error !== null) {
        asked.destroy();
        tunnel?.destroy();
      }
      callback(error, connected ?? null);
    };
    const late = (): void => done(Object.assign(new Error(`${name} did not connect within 10 s`), { code: "ETIMEDOUT" }));
    const timer = setTimeout(late, connectTimeoutMs);
    asked.once("error", done);
    asked.once("response", ({ statusCode }) => done(refusal(name, hostname, statusCode)));
    asked.once("connect", ({ statusCode = 0 }, socket) => {
      tunnel = socket;
      asked.off("error", done);
      if (statusCode < 200 || statusCode > 299) done(refusal(name, hostname, statusCode));
      else if (isSecure) secure(socket, servername ?? hostname, done);
      else done(null, socket);
    });
    asked.end();
  };
}

/** The request to the proxy for a connection to a host. */
function askFor(hostname: string, port: string, proxy: URL): ReturnType<typeof import("node:http").request> {
  const host = `${nodeNet().isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
  const isSecure = proxy.protocol === "https:";
  const { request } = isSecure ? nodeHttps() : nodeHttp();
  return request({
    host: proxy.hostname.replace(/^\[|\]$/g, ""),
    port: proxy.port || (isSecure ? 443 : 80),
    method: "CONNECT",
    path: host,
    agent: false,
    headers: { host, ...authorization(proxy) },
  });
}

/** TLS with a host at the other end of a tunnel. */
function secure(socket: Socket, host: string, done: (error: Error | null, connected?: Socket) => void): void {
  const opened = nodeTls().connect({
    socket,
    ALPNProtocols: ["http/1.1"],
    ...(nodeNet().isIP(host) === 0 ? { servername: host } : { host }),
  });
  opened.once("error", done);
  opened.once("secureConnect", () => {
    opened.off("error", done);
    done(null, opened);
  });
}

function refusal(name: string, hostname: string, status: number | undefined): Error {
  const hint =
    status === 407
      ? "Add a user name and a password to its address: http://user:password@proxy"
      : `If ${hostname} can be reached without it, add ${hostname} to NO_PROXY`;
  return new Error(`${name} refused to connect to ${hostname} with status ${status}. ${hint}`);
}

function authorization({ username, password }: URL): { "proxy-authorization"?: string } {
  if (username === "") return {};
  const plain = `${decoded(username)}:${decoded(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(plain).toString("base64")}` };
}

/** A per cent sign may also be one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
