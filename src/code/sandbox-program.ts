/**
 * The contract of programs in the sandbox: code, and what it may use.
 *
 * @module
 */
import type { ResolvedLimits } from "./limits.ts";

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
