/**
 * Proxies that the environment names: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, in capitals or not.
 *
 * @module
 */
import type { BlockList } from "node:net";
import { environmentVariable } from "../../data/environment.ts";
import { nodeNet } from "../../data/load-on-demand.ts";

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

/** The host of an address as hosts are compared: without the brackets of an IPv6 address and the dot at the end of a full name. */
function hostOf(hostname: string): string {
  return hostname.toLowerCase().replace(/^\[|\]$|\.$/g, "");
}

/** Whether a host is the machine itself. */
function isOwnMachine(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || contains(ownAddresses(), host);
}

/**
 * Whether a list covers a host: `*`, a name (with or without a dot or a star before it, then also what is below it), a name or an address
 * with stars in it, an IP address, a range of them (`10.0.0.0/8`), each with a port or not.
 */
function passesBy(list: string, host: string, port: string): boolean {
  return list.split(/[\s,]+/).some((entry) => entry !== "" && covers(entry.toLowerCase(), host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  const { name, ofPort } = parted(entry);
  if (ofPort !== undefined && ofPort !== port) return false;
  const listed = hostOf(name);
  if (nodeNet().isIP(host) !== 0 && rangeOf(listed) !== undefined) return contains(rangeOf(listed), host);
  const bare = listed.replace(/^\*?\./, "");
  if (bare === "*") return true;
  if (bare.includes("*")) return new RegExp(`^${bare.split("*").map(literal).join(".*")}$`).test(host);
  return host === bare || (nodeNet().isIP(host) === 0 && host.endsWith(`.${bare}`));
}

/** An IPv6 address has colons of its own, and brackets where a port follows. */
function parted(entry: string): { readonly name: string; readonly ofPort?: string | undefined } {
  if (nodeNet().isIP(entry.replace(/\/\d+$/, "")) === 6) return { name: entry };
  const [, name = entry, ofPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  return { name, ofPort };
}

/** The addresses that an entry names; `undefined` for one that is a name. */
function rangeOf(entry: string): BlockList | undefined {
  const [, address = "", bits] = /^([^/]*)(?:\/(\d+))?$/.exec(entry.replace(/[[\]]/g, "")) ?? [];
  const family = nodeNet().isIP(address);
  if (family === 0) return undefined;
  const longest = family === 6 ? 128 : 32;
  const range = new (nodeNet().BlockList)();
  range.addSubnet(address, Math.min(Number(bits ?? longest), longest), family === 6 ? "ipv6" : "ipv4");
  return range;
}

/** An IPv4 address may also be written as an IPv6 one. */
function contains(range: BlockList | undefined, host: string): boolean {
  const family = nodeNet().isIP(host);
  return family !== 0 && range?.check(host, family === 6 ? "ipv6" : "ipv4") === true;
}

let own: BlockList | undefined;

function ownAddresses(): BlockList {
  if (own === undefined) {
    own = new (nodeNet().BlockList)();
    own.addSubnet("127.0.0.0", 8, "ipv4");
    own.addAddress("0.0.0.0", "ipv4");
    own.addAddress("::1", "ipv6");
    own.addAddress("::", "ipv6");
  }
  return own;
}

const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
