/**
 * What is loaded at the first use, in the middle of synchronous code: packages that only some programs need, and parts of Node. And the version
 * of this package.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The packages. */
export type PackageOnDemand =
  | "@jridgewell/trace-mapping"
  | "@pydantic/genai-prices"
  | "@sveltejs/acorn-typescript"
  | "eslint-scope"
  | "sucrase";

/**
 * Each is written out, because bundlers include in a bundle what a literal `require` names. Where nothing is bundled this is a
 * module, and Node's modules have no `require`: it throws.
 */
const bundled: Readonly<Record<PackageOnDemand, () => unknown>> = {
  "@jridgewell/trace-mapping": () => require("@jridgewell/trace-mapping"),
  "@pydantic/genai-prices": () => require("@pydantic/genai-prices"),
  "@sveltejs/acorn-typescript": () => require("@sveltejs/acorn-typescript"),
  "eslint-scope": () => require("eslint-scope"),
  sucrase: () => require("sucrase"),
};

/** Written out again, because tools that collect the files of a deployment follow only a `require` made with `createRequire`. */
function loadInstalled(name: PackageOnDemand): unknown {
  const load = createRequire(import.meta.url);
  const installed: typeof bundled = {
    "@jridgewell/trace-mapping": () => load("@jridgewell/trace-mapping"),
    "@pydantic/genai-prices": () => load("@pydantic/genai-prices"),
    "@sveltejs/acorn-typescript": () => load("@sveltejs/acorn-typescript"),
    "eslint-scope": () => load("eslint-scope"),
    sucrase: () => load("sucrase"),
  };
  return installed[name]();
}

const loaded = new Map<string, unknown>();

/** `undefined` when the package is not there, as where a program was copied without its packages. */
export function loadOnDemand<T>(name: PackageOnDemand): T | undefined {
  if (!loaded.has(name)) loaded.set(name, tryAll([bundled[name], () => loadInstalled(name)]));
  return loaded.get(name) as T | undefined;
}

const announced = new Set<PackageOnDemand>();

/** Loads a package of which the program will need something soon, while it waits for an answer: not at the moment at which one comes. */
export function loadWhileWaiting(name: PackageOnDemand): void {
  if (announced.has(name)) return;
  announced.add(name);
  // Behind the request, which is on its way by then.
  setTimeout(() => loadOnDemand(name), 20).unref();
}

/** What the first of several ways to load a package gives; `undefined` when none does. */
export function tryAll(ways: readonly (() => unknown)[]): unknown {
  for (const load of ways) {
    try {
      return load();
    } catch {
      // The next way.
    }
  }
  return undefined;
}

/** The version that package.json says; "unknown" in a bundle, where that file is of another package or of none. */
export function packageVersion(): string {
  try {
    const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    const { name, version } = JSON.parse(text) as { readonly name?: unknown; readonly version?: unknown };
    return name === "opto" ? String(version) : "unknown";
  } catch {
    return "unknown";
  }
}

let crypto: typeof import("node:crypto") | undefined;

/** `node:crypto`. */
export function nodeCrypto(): typeof import("node:crypto") {
  crypto ??= process.getBuiltinModule("node:crypto");
  return crypto;
}

/** `node:http`. */
export function nodeHttp(): typeof import("node:http") {
  return process.getBuiltinModule("node:http");
}

/** `node:https`. */
export function nodeHttps(): typeof import("node:https") {
  return process.getBuiltinModule("node:https");
}

/** `node:net`. */
export function nodeNet(): typeof import("node:net") {
  return process.getBuiltinModule("node:net");
}

/** `node:readline`. */
export function nodeReadline(): typeof import("node:readline") {
  return process.getBuiltinModule("node:readline");
}

/** `node:stream`. */
export function nodeStream(): typeof import("node:stream") {
  return process.getBuiltinModule("node:stream");
}

/** `node:tls`. */
export function nodeTls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}

/** `node:zlib`. */
export function nodeZlib(): typeof import("node:zlib") {
  return process.getBuiltinModule("node:zlib");
}
