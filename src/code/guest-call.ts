/**
 * One call of a program: talks to the machine, runs tools, waits for promises, keeps the limits.
 *
 * @module
 */
import { textOf } from "../data/json.ts";
import { isInfrastructureError } from "../errors.ts";
import { CodeError, type CodeFailure } from "./code-error.ts";
import { crossingProblem, decodeValue, encodeValue } from "./crossing.ts";
import { Meter, memoryError, type ResolvedLimits, stackError } from "./limits.ts";
import { type Machine, MachineError, type MachineHost } from "./machine.ts";
import { webAssembly } from "./web-assembly.ts";

/** Has the machine to itself until it is over. */
export class GuestCall {
  readonly #machine: Machine;
  readonly #program: SandboxProgram;
  readonly #signal: AbortSignal | undefined;
  readonly #release: () => void;
  readonly #meter: Meter;
  readonly #host: MachineHost;
  readonly #tools: readonly (readonly [name: string, value: unknown])[];
  readonly #errors: unknown[] = [];
  /** Promises of tools that have not been settled. */
  #waitingFor = 0;
  #promises = 0;
  /** Of the promise that an async call gave. */
  #settlers: { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void } | undefined;
  /** Whether the guest is running, and with it perhaps a tool. */
  #isInside = false;
  #isOver = false;
  readonly #onAbort = (): void => {
    // A tool that aborts the run is noticed when it returns: until then the machine is in use.
    if (!this.#isInside) this.#finish(() => this.#settlers?.reject(this.#signal?.reason));
  };

  constructor(machine: Machine, program: SandboxProgram, signal?: AbortSignal, release: () => void = () => undefined) {
    this.#machine = machine;
    this.#program = program;
    this.#signal = signal;
    this.#release = release;
    this.#tools = Object.entries(program.tools);
    this.#meter = new Meter(program.limits);
    this.#host = {
      answer: (request) => this.#meter.pause(() => this.#answer(request)),
      tick: () => this.#meter.tick(),
      look: () => this.#meter.look(),
    };
  }

  /**
   * Loads a program, within the limits of a call.
   *
   * @throws CodeError when it cannot be loaded
   */
  static load(machine: Machine, program: SandboxProgram, request: string): void {
    const call = new GuestCall(machine, program);
    const reply = call.#enter(() => machine.send(`l${request}`, call.#host));
    if (reply[0] === "e") throw call.#failureIn(reply);
  }

  /** The result, or a promise of it. The machine is given back when the call is over. */
  start(args: string): unknown {
    if (this.#program.isAsync) {
      return new Promise((resolve, reject) => {
        this.#settlers = { resolve, reject };
        this.#signal?.addEventListener("abort", this.#onAbort);
        this.#goOn(`c${args}`);
      });
    }
    const reply = this.#enter(() => this.#machine.send(`c${args}`, this.#host));
    this.#end();
    return this.#resultIn(reply);
  }

  /** Hands in `request`, runs what is due then, and looks whether the call has come to its end. */
  #goOn(request: string): void {
    if (this.#isOver) return;
    try {
      const reply = this.#enter(() => {
        this.#machine.send(request, this.#host);
        this.#machine.runJobs(this.#host);
        return this.#machine.send("o", this.#host);
      });
      if (reply !== "p") {
        const result = this.#resultIn(reply);
        this.#finish(() => this.#settlers?.resolve(result));
      } else if (this.#waitingFor === 0) {
        const message = "the promise that the function returned can never settle: no work is left that could settle it";
        throw new CodeError({ name: "Error", message, source: this.#program.text });
      }
    } catch (error) {
      this.#finish(() => this.#settlers?.reject(error));
    }
  }

  #finish(tell: () => void): void {
    if (this.#isOver) return;
    this.#end();
    tell();
  }

  #end(): void {
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#release();
  }

  /** Does work inside the machine: its time counts. */
  #enter(work: () => string): string {
    this.#isInside = true;
    try {
      return this.#meter.run(work);
    } catch (error) {
      throw this.#failureOf(error);
    } finally {
      this.#isInside = false;
    }
  }

  /** What ended the guest, in words. */
  #failureOf(error: unknown): unknown {
    const { text, limits } = this.#program;
    if (error instanceof MachineError) {
      const line = lineIn(error.guestStack);
      const { excess } = this.#meter;
      if (excess !== undefined) return excess.at(text, line);
      // An error reads as `TypeError: no`.
      const [, name = "InternalError", message = error.message] = /^(\w*Error): ([\s\S]*)$/.exec(error.message) ?? [];
      return this.#failureFrom({ name, message, line });
    }
    if (error instanceof webAssembly.RuntimeError) return memoryError(limits).at(text);
    if (error instanceof RangeError && /call stack/.test(error.message)) return stackError(limits).at(text);
    return error instanceof CodeError ? error.at(text) : error;
  }

  #resultIn(reply: string): unknown {
    if (reply[0] === "e") throw this.#failureIn(reply);
    return decodeValue(reply.slice(1));
  }

  #failureIn(reply: string): CodeError {
    const { name, message, stack, maker, host } = JSON.parse(reply.slice(1)) as GuestFailure;
    const known = host === undefined ? {} : { cause: this.#errors[host] };
    return this.#failureFrom({ name, message, line: lineIn(stack, maker), ...known });
  }

  #failureFrom(failure: CodeFailure): CodeError {
    const { text, limits } = this.#program;
    const { message, line } = failure;
    if (/out of memory|string too long/.test(message)) return memoryError(limits).at(text, line);
    if (/Maximum call stack size exceeded/.test(message)) return stackError(limits).at(text, line);
    return new CodeError({ ...failure, source: text });
  }

  /** Runs a tool for the guest. */
  #answer(request: string): string {
    const colon = request.indexOf(":");
    const [name, tool] = this.#tools[Number(request.slice(0, colon))] as [string, (...args: unknown[]) => unknown];
    const args = decodeValue(request.slice(colon + 1)) as unknown[];
    let result: unknown;
    try {
      result = tool(...args);
    } catch (error) {
      return `e${JSON.stringify(this.#told(error))}`;
    } finally {
      this.#signal?.throwIfAborted();
    }
    if (!isPromiseLike(result)) {
      const written = this.#written(name, result);
      return "value" in written ? `v${written.value}` : `e${JSON.stringify(written.error)}`;
    }
    const id = String(this.#promises++);
    this.#waitingFor++;
    // Settled from outside the guest, never while it runs.
    Promise.resolve(result).then(
      (value) => this.#settle({ id, ...this.#written(name, value) }),
      (error: unknown) => {
        if (isInfrastructureError(error)) this.#finish(() => this.#settlers?.reject(error));
        else this.#settle({ id, error: this.#told(error) });
      },
    );
    return `p${id}`;
  }

  #settle(settled: { readonly id: string; readonly value?: string; readonly error?: ToldError }): void {
    this.#waitingFor--;
    this.#goOn(`s${JSON.stringify(settled)}`);
  }

  #written(name: string, value: unknown): { readonly value: string } | { readonly error: ToldError } {
    try {
      const problem = crossingProblem(value, `what ${name} returned`);
      if (problem === undefined) return { value: encodeValue(value) };
      return { error: this.#told(new TypeError(`${problem}: only plain data can be passed into the sandbox`)) };
    } catch (error) {
      // A revoked proxy, more than one text can hold.
      return { error: this.#told(new TypeError(`what ${name} returned cannot be read`, { cause: error })) };
    }
  }

  /** What the guest is told of an error of the host: its name and message, nothing of where it came from. */
  #told(error: unknown): ToldError {
    // Not the program's fault: it is not asked whether it would like to catch it.
    if (isInfrastructureError(error)) throw error;
    const id = this.#errors.push(error) - 1;
    try {
      if (!(error instanceof Error)) return { name: "Error", message: textOf(error), id };
      return { name: String(error.name), message: String(error.message), id };
    } catch {
      return { name: "Error", message: "an error that cannot be shown", id };
    }
  }
}

/** An error of the guest, as it tells it. */
interface GuestFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** The name of its class. */
  readonly maker?: string;
  /** Number of the host's error that it is. */
  readonly host?: number;
}

interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly id: number;
}

/** The line of the program that a stack of the guest names first, but for the constructor of the error itself. */
function lineIn(stack: string, maker?: string): number | undefined {
  for (const frame of stack.split("\n")) {
    const [, name, line] = /^ *at (.*?) ?\(?<\w+>:(\d+)/.exec(frame) ?? [];
    if (line !== undefined && name !== maker) return Number(line);
  }
  return undefined;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** What a program may use by name: functions of the host, sync or async, and plain data. */
export type CodeTools = Readonly<Record<string, unknown>>;

/** A program and what it needs to run. */
export interface SandboxProgram {
  /** TypeScript that declares the function. */
  readonly text: string;
  /** The name of the function. */
  readonly name: string;
  /** Whether a call returns a promise. */
  readonly isAsync: boolean;
  readonly tools: CodeTools;
  readonly limits: ResolvedLimits;
}
