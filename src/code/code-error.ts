/**
 * The error of code that ran in the sandbox: what was thrown, and on which line of the program.
 *
 * @module
 */
import { OptoError } from "../errors.ts";

/** What there is to say of a failure. */
export interface CodeFailure {
  /** The name of the error as the code sees it (`TypeError`), or the type of what else it threw. `LimitError` for a limit. */
  readonly name: string;
  readonly message: string;
  /** Line of the program, counted from 1, where it is known. */
  readonly line?: number | undefined;
  /** The program, as it was written. */
  readonly source?: string | undefined;
  /** The error of a tool that the code let through. */
  readonly cause?: unknown;
}

/** Code in the sandbox threw, did not load, or reached a limit. The program's fault: an optimizer should receive it as feedback. */
export class CodeError extends OptoError {
  readonly line: number | undefined;
  readonly source: string | undefined;

  constructor({ name, message, line, source, ...rest }: CodeFailure) {
    super("code", message, "cause" in rest ? { cause: rest.cause } : {});
    this.name = name;
    this.line = line;
    this.source = source;
  }

  /** The same failure, with where it was. */
  at(source: string, line: number | undefined = this.line): CodeError {
    const { name, message } = this;
    return new CodeError({ name, message, line, source, ...("cause" in this ? { cause: this.cause } : {}) });
  }
}
