/**
 * One QuickJS in WebAssembly whose memory is put back to a saved state before every use, so that no call leaves a trace.
 *
 * A thin layer over the C interface of `quickjs-wasi`: texts go in and out, nothing else. Values inside are never freed one
 * by one, because the whole memory is replaced.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MissingPackageError } from "../errors.ts";
import { countLoops } from "./count-loops.ts";
import { type WasmExports, type WasmImports, type WasmModule, webAssembly } from "./web-assembly.ts";

/** What the guest and the clock of its loops are connected to; set anew for every use. */
export interface MachineHost {
  /** Answers a text of the guest with a text. What it throws ends the guest, which cannot catch it. */
  answer(request: string): string;
  /**
   * Called every ten thousand steps (turns of loops, calls). When it gives `true`, the guest ends with an error that it cannot
   * catch, as soon as it can be ended in an orderly way; what it throws ends the guest at once.
   */
  tick(): boolean;
  /**
   * Called every few thousand turns of loops in the machine itself, so also while a built-in is at work that counts no steps.
   * What it throws ends the guest at once.
   */
  look(): void;
}

/** The state of a machine at rest: what is in its memory above the stack. Where it says nothing, it does not matter. */
export interface MachineImage {
  /** The state that this one differs from. */
  readonly base: MachineImage | undefined;
  readonly runs: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  /** Bytes of memory the state needs. */
  readonly memoryBytes: number;
  /** What the guest's program gave: the function to be called. */
  readonly entry: number;
  /** Bytes held by `runs`. */
  readonly size: number;
}

/** How many steps lie between two ticks; fixed in QuickJS. */
export const stepsPerTick = 10_000;

/** A guest that failed outside its own handling of errors; the message is what QuickJS says. */
export class MachineError extends Error {
  /** Where the guest was. */
  readonly guestStack: string;

  constructor(message: string, guestStack = "") {
    super(message);
    this.guestStack = guestStack;
  }
}

/**
 * Compiles the code of the machine; done once in a process.
 *
 * @throws MissingPackageError when the package is not there, as in a bundle that was copied without its packages
 */
export async function compileMachine(): Promise<WasmModule> {
  const code = await readFile(fileOfMachine());
  return webAssembly.compile(countLoops(code, { counter: "turns_left", onZero: numberOfInterrupt }));
}

/** In the package; beside the program, where a bundle has been put together. */
function fileOfMachine(): string {
  try {
    return requireFrom(ownFile() ?? "").resolve("quickjs-wasi/quickjs.wasm");
  } catch (cause) {
    const beside = foldersOfProgram().map((folder) => join(folder, "quickjs.wasm"));
    const found = beside.find((path) => existsSync(path));
    if (found !== undefined) return found;
    const hint = `For a bundle, copy quickjs.wasm of that package beside it: ${beside[0]}`;
    throw new MissingPackageError("quickjs-wasi", "Running code in the sandbox", { cause, hint });
  }
}

/** Not called by its own name, which webpack follows: it would take the machine for a module and fail. */
const requireFrom: typeof createRequire = (file) => createRequire(file);

/** The folder of this file, which in a bundle is that of the bundle, and the one of the script that Node was started with. */
function foldersOfProgram(): string[] {
  return [...new Set([ownFile(), process.argv[1]].flatMap((file) => (file === undefined ? [] : [dirname(file)])))];
}

/** This file. A bundle of CommonJS has no `import.meta`, and modules have no `__filename`. */
function ownFile(): string | undefined {
  const { url } = import.meta as { readonly url?: string };
  if (url !== undefined) return fileURLToPath(url);
  return typeof __filename === "string" ? __filename : undefined;
}

/** One instance. Not to be used again after anything was thrown but a `MachineError`, until it is restored. */
export class Machine {
  readonly #exports: WasmExports;
  /** Where the stack begins, growing down; what lies below belongs to calls that are under way, and at rest there are none. */
  readonly #stackTop: number;
  #host: MachineHost | undefined;
  #entry = 0;

  constructor(module: WasmModule) {
    const instance = new webAssembly.Instance(module, this.#imports());
    this.#exports = instance.exports as WasmExports;
    this.#exports.turns_left.value = turnsPerLook;
    this.#exports._initialize();
    this.#stackTop = this.#exports.__stack_pointer.value;
  }

  /** Bytes of its memory; it never shrinks. */
  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Starts QuickJS and evaluates `code`, which must give a function of a text that gives a text. */
  boot(code: string): void {
    const wasm = this.#exports;
    if (wasm.qjs_init2(intrinsics) !== 0) throw new MachineError("QuickJS did not start");
    wasm.qjs_set_interrupt_handler(1);
    // So that most calls need no more memory than there is: what has grown cannot be given back.
    wasm.wasm_free(wasm.wasm_malloc(spareBytes));
    const host = this.#checked(wasm.qjs_new_host_function(...this.#write("host"), 1));
    const [file] = this.#write("sandbox");
    const [text, length] = this.#write(code);
    const boot = this.#checked(wasm.qjs_eval(text, length, file, 0));
    this.#entry = this.#checked(this.#invoke(boot, host));
    // Else the first collection would come in the middle of the first call, and so of every call.
    wasm.qjs_run_gc();
  }

  /** Bounds the memory and the stack of all that follows. */
  limit(memoryBytes: number, stackBytes: number): void {
    this.#exports.qjs_set_memory_limit(memoryBytes);
    this.#exports.qjs_set_max_stack_size(stackBytes);
  }

  /**
   * The state, to go back to.
   *
   * @param base the state that it is to be told as a difference from
   */
  save(base?: MachineImage): MachineImage {
    const runs = differences(new Uint8Array(this.#exports.memory.buffer), base?.runs ?? [], this.#stackTop);
    const size = runs.reduce((total, { bytes }) => total + bytes.length, 0);
    return { base, runs, memoryBytes: this.memoryBytes, entry: this.#entry, size };
  }

  /** Goes from a state that has just been saved back to its base, and leaves nothing of it behind. */
  forget({ base, runs }: MachineImage): void {
    const memory = new Uint8Array(this.#exports.memory.buffer);
    for (const { at, bytes } of runs) memory.fill(0, at, at + bytes.length);
    if (base !== undefined) this.restore(base);
  }

  /** Goes back to a state, also one that another machine was in; whatever happened since is gone. */
  restore({ base, runs, memoryBytes, entry }: MachineImage): void {
    const { memory } = this.#exports;
    const missing = memoryBytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(missing / pageBytes);
    const bytes = new Uint8Array(memory.buffer);
    for (const run of base?.runs ?? []) bytes.set(run.bytes, run.at);
    for (const run of runs) bytes.set(run.bytes, run.at);
    this.#exports.__stack_pointer.value = this.#stackTop;
    this.#entry = entry;
  }

  /**
   * Gives the guest a text and its answer back.
   *
   * @throws MachineError when the guest fails outside its own handling of errors; else what `host` throws
   */
  send(request: string, host: MachineHost): string {
    this.#host = host;
    try {
      return this.#read(this.#checked(this.#invoke(this.#entry, this.#newString(request))));
    } finally {
      this.#host = undefined;
    }
  }

  /**
   * Runs what promises have made due.
   *
   * @throws MachineError, or what `host` throws
   */
  runJobs(host: MachineHost): void {
    const wasm = this.#exports;
    this.#host = host;
    try {
      // What jobs do is counted as all else is; their number is a second bound, should they do next to nothing.
      for (let job = 1; wasm.qjs_is_job_pending(); job++) {
        if (job % jobsPerTick === 0) host.tick();
        if (wasm.qjs_execute_pending_job() < 0) throw this.#exception();
      }
    } finally {
      this.#host = undefined;
    }
  }

  #invoke(fn: number, argument: number): number {
    const wasm = this.#exports;
    const list = wasm.wasm_malloc(4);
    this.#view().setUint32(list, argument, true);
    return wasm.qjs_call(fn, wasm.qjs_get_undefined(), 1, list);
  }

  #checked(value: number): number {
    if (value === 0 || this.#exports.qjs_is_exception(value)) throw this.#exception();
    return value;
  }

  #exception(): MachineError {
    const wasm = this.#exports;
    const error = wasm.qjs_get_exception();
    if (error === 0) return new MachineError("an unknown error");
    const stack = wasm.qjs_get_prop_string(error, this.#write("stack")[0]);
    const isText = stack !== 0 && wasm.qjs_is_string(stack) !== 0;
    // Both are as long as the guest likes.
    return new MachineError(this.#read(error).slice(0, 2_000), isText ? this.#read(stack).slice(0, 4_000) : "");
  }

  #newString(text: string): number {
    return this.#checked(this.#exports.qjs_new_string(...this.#write(text)));
  }

  #write(text: string): [pointer: number, length: number] {
    const bytes = encoder.encode(`${text}\0`);
    const pointer = this.#exports.wasm_malloc(bytes.length);
    if (pointer === 0) throw new MachineError("InternalError: out of memory");
    new Uint8Array(this.#exports.memory.buffer).set(bytes, pointer);
    return [pointer, bytes.length - 1];
  }

  /** Of strings; of anything else, an error say, it runs the guest's `toString`, within the limits. */
  #read(value: number): string {
    const wasm = this.#exports;
    const lengthAt = wasm.wasm_malloc(4);
    if (lengthAt === 0) throw new MachineError("InternalError: out of memory");
    const text = wasm.qjs_get_string_len(value, lengthAt);
    if (text === 0) throw new MachineError("InternalError: out of memory");
    const length = this.#view().getUint32(lengthAt, true);
    if (length > longestText) throw new MachineError(`RangeError: a value of ${length} bytes is too large to leave the sandbox`);
    const read = decoder.decode(new Uint8Array(wasm.memory.buffer, text, length));
    wasm.qjs_free_cstring(text);
    wasm.wasm_free(lengthAt);
    return read;
  }

  #view(): DataView {
    return new DataView(this.#exports.memory.buffer);
  }

  #imports(): WasmImports {
    const refused = (): number => 52;
    return {
      env: {
        host_call: (_name: number, _length: number, _self: number, count: number, list: number): number => {
          if (count < 1 || this.#host === undefined) return this.#exports.qjs_get_undefined();
          return this.#newString(this.#host.answer(this.#read(this.#view().getUint32(list, true))));
        },
        host_interrupt: (): number => {
          if (this.#exports.turns_left.value === 0) {
            this.#exports.turns_left.value = turnsPerLook;
            this.#host?.look();
            return 0;
          }
          return this.#host?.tick() === true ? 1 : 0;
        },
        host_promise_rejection: () => undefined,
        host_module_normalize: () => 0,
        host_module_load: () => 0,
        host_get_timezone_offset: () => 0,
      },
      wasi_snapshot_preview1: {
        // The one moment this machine knows: it seeds Math.random.
        clock_time_get: (_clock: number, _precision: bigint, at: number): number => {
          this.#view().setBigUint64(at, moment, true);
          return 0;
        },
        random_get: (at: number, length: number): number => {
          new Uint8Array(this.#exports.memory.buffer, at, length).fill(7);
          return 0;
        },
        fd_close: refused,
        fd_fdstat_get: refused,
        fd_seek: refused,
        fd_write: refused,
      },
    };
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const pageBytes = 65_536;
const spareBytes = 1_048_576;
const moment = 1_000_000_000n;
/** All but proxies, references that tell of garbage collection, clocks, and what belongs to browsers. */
const intrinsics = 1 | 2 | 4 | 8 | 32 | 64 | 128 | 256;

/** The longest text that comes out, in bytes. */
const longestText: number = 16 * 1_048_576;

/** The stretches of memory from `start` on that differ from what other stretches say, in whole pages; elsewhere there was nothing. */
function differences(memory: Uint8Array, before: MachineImage["runs"], start: number): { at: number; bytes: Uint8Array }[] {
  const runs: { at: number; bytes: Uint8Array }[] = [];
  let first = -1;
  let old = 0;
  for (let at = start; at <= memory.length; at += comparedBytes) {
    while (old < before.length && endOf(before[old]) <= at) old++;
    const differs = at < memory.length && Buffer.compare(memory.subarray(at, at + comparedBytes), pageAt(before[old], at)) !== 0;
    if (differs && first < 0) first = at;
    if (differs || first < 0) continue;
    runs.push({ at: first, bytes: memory.slice(first, at) });
    first = -1;
  }
  return runs;
}

function endOf(run: MachineImage["runs"][number] | undefined): number {
  return run === undefined ? Number.POSITIVE_INFINITY : run.at + run.bytes.length;
}

function pageAt(run: MachineImage["runs"][number] | undefined, at: number): Uint8Array {
  return run === undefined || run.at > at ? nothing : run.bytes.subarray(at - run.at, at - run.at + comparedBytes);
}

/** Of the imported functions, the one that loops call. */
const numberOfInterrupt = 1;
/** Between two of them some built-ins may copy the whole memory: few enough that it does not add up to minutes. */
const turnsPerLook = 5_000;
const jobsPerTick = 1_000;
/** A divisor of a page of WebAssembly. */
const comparedBytes = 4_096;
const nothing = new Uint8Array(comparedBytes);
