/**
 * WebAssembly as far as it is used here: the types of Node do not have it.
 *
 * @module
 */

/** Compiled code. */
export interface WasmModule {
  readonly wasmModule?: never;
}

/** The memory of an instance. It can only grow, and has a new buffer then. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** @param pages how much, in pages of 64 KiB */
  grow(pages: number): number;
}

/** A variable of an instance. */
export interface WasmGlobal {
  value: number;
}

/** What an instance gets from its host, by module and name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, (...args: never[]) => unknown>>>>;

interface WasmApi {
  compile(code: Uint8Array): Promise<WasmModule>;
  readonly Instance: new (module: WasmModule, imports: WasmImports) => { readonly exports: object };
  readonly RuntimeError: new () => Error;
}

/** The global of this name. */
export const webAssembly: WasmApi = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;
