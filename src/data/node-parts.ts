/**
 * Parts of Node that are loaded at the first use: each takes milliseconds, and a megabyte or more, of every program that imports opto.
 *
 * @module
 */
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
