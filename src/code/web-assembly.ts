/**
 * WebAssembly as far as the sandbox needs it: the types that Node's do not declare, and what QuickJS exports.
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

/** Values are pointers to boxes in memory, 0 is a failure. */
export interface WasmExports {
  readonly memory: WasmMemory;
  readonly __stack_pointer: WasmGlobal;
  /** Turns of loops until `host_interrupt` is called; never 0 while QuickJS itself calls it. */
  readonly turns_left: WasmGlobal;
  _initialize(): void;
  qjs_init2(intrinsics: number): number;
  qjs_set_interrupt_handler(enable: number): void;
  qjs_run_gc(): void;
  qjs_set_memory_limit(bytes: number): void;
  qjs_set_max_stack_size(bytes: number): void;
  qjs_eval(code: number, length: number, file: number, flags: number): number;
  qjs_call(fn: number, self: number, count: number, list: number): number;
  qjs_new_host_function(name: number, length: number, count: number): number;
  qjs_new_string(text: number, length: number): number;
  qjs_get_string_len(value: number, lengthAt: number): number;
  qjs_free_cstring(text: number): void;
  qjs_get_undefined(): number;
  qjs_is_exception(value: number): number;
  qjs_is_string(value: number): number;
  qjs_get_prop_string(object: number, name: number): number;
  qjs_get_exception(): number;
  qjs_is_job_pending(): number;
  qjs_execute_pending_job(): number;
  wasm_malloc(bytes: number): number;
  wasm_free(pointer: number): void;
}
