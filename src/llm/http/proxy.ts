/**
 * Proxies that the environment names: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, in capitals or not.
 *
 * @module
 */
import { request as requestPlainly } from "node:http";
import { request as requestSecurely } from "node:https";
import type { Socket } from "node:net";
import { isIP } from "node:net";
import { connect as secure } from "node:tls";
import { environmentVariable } from "../../data/environment.ts";
import type { Connector } from "./built-in-client.ts";

/** As long as the client waits for a connection, in milliseconds. */
const connectTimeoutMs = 10_000;

/**
 * The proxy for an address; `undefined` when it is to be reached directly. The machine itself always is.
 *
 * @param variable reads a variable of the environment
 */
export function proxyFor(
  { protocol, hostname, port }: URL,
  variable: (name: string) => string | undefined = environmentVariable,
): URL | undefined {
  const name = protocol === "https:" ? "https_proxy" : "http_proxy";
  const given = variable(name) ?? variable(name.toUpperCase());
  if (given === undefined || isOwnMachine(hostname)) return undefined;
  const listed = (variable("no_proxy") ?? variable("NO_PROXY") ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  const usedPort = port || (protocol === "https:" ? "443" : "80");
  if (listed.some((entry) => covers(entry.toLowerCase(), hostname, usedPort))) return undefined;
  const proxy = /^[a-z]+:\/\//i.test(given) ? given : `http://${given}`;
  if (!URL.canParse(proxy) || !/^https?:/.test(proxy))
    throw new TypeError(`Expected ${name.toUpperCase()} to be the address of an HTTP proxy`);
  return new URL(proxy);
}

function isOwnMachine(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** `*`, a name (with or without a dot or a star before it, then also what is below it), with a port or not. */
function covers(entry: string, hostname: string, usedPort: string): boolean {
  if (entry === "*") return true;
  const [, name = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (port !== undefined && port !== usedPort) return false;
  const bare = name.replace(/^\*?\./, "");
  return hostname === bare || hostname.endsWith(`.${bare}`);
}

/** Opens connections through a proxy, which passes on what it does not read (`CONNECT`). */
export function connectThrough(proxy: URL): Connector {
  const name = `the proxy ${proxy.host}`;
  return ({ hostname, port, protocol, servername }, callback) => {
    const isSecure = protocol === "https:";
    const host = `${hostname}:${port || (isSecure ? 443 : 80)}`;
    const open = proxy.protocol === "https:" ? requestSecurely : requestPlainly;
    const asked = open({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
      method: "CONNECT",
      path: host,
      agent: false,
      headers: { host, ...authorization(proxy) },
    });
    let socket: Socket | undefined;
    const done = (error: Error | null, connected?: Socket): void => {
      clearTimeout(timer);
      if (error !== null) {
        asked.destroy();
        socket?.destroy();
      }
      callback(error, connected ?? null);
    };
    const late = (): void => done(Object.assign(new Error(`${name} did not connect within 10 s`), { code: "ETIMEDOUT" }));
    const timer = setTimeout(late, connectTimeoutMs);
    asked.once("error", done);
    asked.once("response", ({ statusCode }) => done(new Error(`${name} answered ${statusCode} instead of connecting`)));
    asked.once("connect", (response, tunnel) => {
      socket = tunnel;
      asked.off("error", done);
      if (response.statusCode !== 200) return done(refusal(name, response.statusCode));
      if (!isSecure) return done(null, tunnel);
      const target = servername ?? hostname;
      const opened = secure({
        socket: tunnel,
        ALPNProtocols: ["http/1.1"],
        ...(isIP(target) === 0 ? { servername: target } : { host: target }),
      });
      opened.once("error", done);
      opened.once("secureConnect", () => {
        opened.off("error", done);
        done(null, opened);
      });
    });
    asked.end();
  };
}

function refusal(name: string, status: number | undefined): Error {
  const hint = status === 407 ? ". It wants a user name and a password: http://user:password@proxy" : "";
  return new Error(`${name} refused to connect with status ${status}${hint}`);
}

function authorization({ username, password }: URL): { "proxy-authorization"?: string } {
  if (username === "") return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(plain).toString("base64")}` };
}
