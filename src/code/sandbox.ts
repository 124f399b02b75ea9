/**
 * Runs programs in QuickJS, compiled to WebAssembly: nothing of the host is inside, and every call begins with a fresh memory.
 *
 * @module
 */
import { GraphError } from "../errors.ts";
import { CodeError } from "./code-error.ts";
import { crossingProblem, encodeValue } from "./crossing.ts";
import { withoutTypes } from "./function-shape.ts";
import { GuestCall, type SandboxProgram } from "./guest-call.ts";
import { guestRuntime } from "./guest-runtime.ts";
import { compileMachine, Machine, type MachineImage } from "./machine.ts";
import type { WasmModule } from "./web-assembly.ts";

/** Least recently used goes first. */
class ImageCache {
  readonly #mostBytes: number;
  readonly #images = new Map<string, MachineImage>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get count(): number {
    return this.#images.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): MachineImage | undefined {
    const image = this.#images.get(key);
    if (image !== undefined) {
      this.#images.delete(key);
      this.#images.set(key, image);
    }
    return image;
  }

  /** Takes in the image of a key that is not there, and lets go of others to make room for it. */
  set(key: string, image: MachineImage): void {
    this.#images.set(key, image);
    this.#bytes += image.size;
    for (const [oldest, { size }] of this.#images) {
      if (this.#bytes <= this.#mostBytes || oldest === key) break;
      this.#images.delete(oldest);
      this.#bytes -= size;
    }
  }
}

/** Where and how a call is made. */
export interface SandboxCallOptions {
  /** Ends the call; it then fails with the reason of the signal, unchanged. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads the sandbox, once in a process. `Module.call`, `Module.load` and optimizers wait for it by themselves; a program that calls a trained
 * function without them must await this first.
 *
 * @example
 * await loadSandbox();
 */
export function loadSandbox(): Promise<void> {
  loading ??= compileMachine().then(
    (module) => {
      pool = new MachinePool(module);
    },
    (error: unknown) => {
      loading = undefined;
      loadError = error;
      throw error;
    },
  );
  return loading;
}

/** Whether programs can be run immediately. */
export function isSandboxLoaded(): boolean {
  return pool !== undefined;
}

/**
 * Calls the function of a program. The result is plain data, or a promise of it when the program is async.
 *
 * @throws GraphError before `loadSandbox` is done
 * @throws CodeError when the program does not load, throws, reaches a limit, or returns what may not cross
 */
export function runInSandbox(program: SandboxProgram, args: readonly unknown[], options: SandboxCallOptions = {}): unknown {
  if (!program.isAsync) return startCall(program, args, options);
  try {
    return startCall(program, args, options);
  } catch (error) {
    return Promise.reject(error);
  }
}

function startCall(program: SandboxProgram, args: readonly unknown[], { signal }: SandboxCallOptions): unknown {
  if (pool === undefined) {
    if (loadError !== undefined) throw loadError;
    throw new GraphError(`The sandbox is not loaded yet: call \`await loadSandbox()\` before ${program.name} is called here`);
  }
  signal?.throwIfAborted();
  const image = imageOf(program, pool);
  const { machine, release } = pool.take();
  try {
    machine.restore(image);
    return new GuestCall(machine, program, signal, release).start(encodeArguments(args));
  } catch (error) {
    release();
    throw error;
  }
}

/** How much the sandbox holds: for tests and for the curious. */
export function sandboxUse(): { readonly programs: number; readonly programBytes: number; readonly idleMachines: number } {
  return { programs: images.count, programBytes: images.bytes, idleMachines: pool?.idle ?? 0 };
}

/** Machines that wait for work, and the state that all begin with. */
class MachinePool {
  readonly #module: WasmModule;
  readonly #idle: Machine[] = [];
  readonly #base: MachineImage;
  #loader: Machine | undefined;

  constructor(module: WasmModule) {
    this.#module = module;
    const first = new Machine(module);
    first.boot(guestRuntime);
    this.#base = first.save();
    this.#idle.push(first);
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** A machine in any state, for one call alone, and what gives it back. */
  take(): { machine: Machine; release: () => void } {
    const machine = this.#idle.pop() ?? new Machine(this.#module);
    let isOut = true;
    const release = (): void => {
      if (!isOut) return;
      isOut = false;
      // Memory that has grown cannot be given back, but with the machine.
      const isSmall = machine.memoryBytes <= this.#base.memoryBytes + mostGrownBytes;
      if (isSmall && this.#idle.length < mostIdle) this.#idle.push(machine);
    };
    return { machine, release };
  }

  /** What there is once `load` has loaded something into a machine. */
  load(load: (machine: Machine) => void): MachineImage {
    const machine = this.#loader ?? this.#newLoader();
    // Only given back as clean as it was.
    this.#loader = undefined;
    load(machine);
    const image = machine.save(this.#base);
    machine.forget(image);
    if (machine.memoryBytes === this.#base.memoryBytes) this.#loader = machine;
    return image;
  }

  #newLoader(): Machine {
    const machine = new Machine(this.#module);
    machine.restore(this.#base);
    return machine;
  }
}

/** What a program leaves in the memory once it is loaded; loads it when that is not known. */
function imageOf(program: SandboxProgram, machines: MachinePool): MachineImage {
  const { text, name, isAsync, tools, limits } = program;
  const given = Object.entries(tools).map(([tool, value]) =>
    typeof value === "function" ? { name: tool } : { name: tool, value: encodeValue(value) },
  );
  const key = JSON.stringify([name, isAsync, given, limits.memoryBytes, limits.stackBytes, text]);
  const known = images.get(key);
  if (known !== undefined) return known;
  const code = withoutTypes(text);
  const names = given.map((tool) => tool.name).join(",");
  // All before the program stands on its first line, so that lines are those of the program.
  const wrapped = `(function(${names}){"use strict";return function(){${code}\n;return ${name}}})`;
  const request = JSON.stringify({ code: wrapped, tools: given, async: isAsync });
  const image = machines.load((machine) => {
    machine.limit(limits.memoryBytes, limits.stackBytes);
    GuestCall.load(machine, program, request);
  });
  images.set(key, image);
  return image;
}

function encodeArguments(args: readonly unknown[]): string {
  for (const [index, argument] of args.entries()) {
    const problem = crossingProblem(argument, `argument ${index + 1}`);
    if (problem !== undefined)
      throw new CodeError({ name: "TypeError", message: `${problem}: only plain data can be passed into the sandbox` });
  }
  return encodeValue(args);
}

let loading: Promise<void> | undefined;
let loadError: unknown;
let pool: MachinePool | undefined;
const images = new ImageCache(32 * 2 ** 20);
/** Beyond what machines begin with, in bytes. */
const mostGrownBytes = 32 * 2 ** 20;
const mostIdle = 8;
