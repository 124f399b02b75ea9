/**
 * Proxies that the environment names: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, in capitals or not.
 *
 * @module
 */
import type { Socket } from "node:net";
import { environmentVariable } from "../../data/environment.ts";
import { nodeHttp, nodeHttps, nodeNet, nodeTls } from "../../data/load-on-demand.ts";
import type { Connector } from "./built-in-client.ts";
import { hostOf, isOwnMachine, passesBy } from "./no-proxy.ts";

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
  const host = hostOf(hostname);
  if (given === undefined || isOwnMachine(host)) return undefined;
  const usedPort = port || (protocol === "https:" ? "443" : "80");
  if (passesBy(variable("no_proxy") ?? variable("NO_PROXY") ?? "", host, usedPort)) return undefined;
  const proxy = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`;
  if (URL.canParse(proxy) && /^https?:$/.test(new URL(proxy).protocol)) return new URL(proxy);
  warnOfOther(name.toUpperCase(), proxy);
  return undefined;
}

/** `fetch` itself uses no proxy of the environment, so that programs on such a machine have gone without it until now. */
function warnOfOther(variable: string, proxy: string): void {
  const [scheme = "", rest] = proxy.split("://");
  const given = /^https?$/i.test(scheme) || rest === undefined ? "an address that cannot be read" : `a proxy for ${scheme}://`;
  const warning = `Expected ${variable} to be the address of an HTTP proxy (http://host:port), got ${given}: requests go out directly`;
  if (warned.has(warning)) return;
  warned.add(warning);
  process.emitWarning(warning, "OptoWarning");
}

const warned = new Set<string>();

/** Opens connections through a proxy, which passes on what it does not read (`CONNECT`). */
export function connectThrough(proxy: URL): Connector {
  const name = `the proxy ${proxy.host}`;
  return ({ hostname: given, port, protocol, servername }, callback) => {
    const isSecure = protocol === "https:";
    const hostname = given.replace(/^\[|\]$/g, "");
    const host = `${nodeNet().isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port || (isSecure ? 443 : 80)}`;
    const open = proxy.protocol === "https:" ? nodeHttps().request : nodeHttp().request;
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
    asked.once("response", ({ statusCode }) => done(refusal(name, hostname, statusCode)));
    asked.once("connect", (response, tunnel) => {
      socket = tunnel;
      asked.off("error", done);
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299) return done(refusal(name, hostname, statusCode));
      if (!isSecure) return done(null, tunnel);
      const target = servername ?? hostname;
      const opened = nodeTls().connect({
        socket: tunnel,
        ALPNProtocols: ["http/1.1"],
        ...(nodeNet().isIP(target) === 0 ? { servername: target } : { host: target }),
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

function refusal(name: string, hostname: string, status: number | undefined): Error {
  const hint =
    status === 407
      ? "It wants a user name and a password: http://user:password@proxy"
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
