/**
 * What an optimizer's prompt is about, as plain data: a trace graph with names for everything in it.
 *
 * @module
 */

/** A trace graph, ready to be written down. Everything is text; nothing has been shortened in variables. */
export interface Problem {
  /** One line for each operation, inputs before their users. */
  readonly code: readonly string[];
  readonly operations: readonly ProblemOperation[];
  readonly variables: readonly ProblemVariable[];
  /** Values that the operations started from. */
  readonly inputs: readonly ProblemValue[];
  /** Intermediate values. */
  readonly others: readonly ProblemValue[];
  readonly outputs: readonly ProblemValue[];
  readonly feedback: readonly ProblemFeedback[];
}

/** What an operation does. */
export interface ProblemOperation {
  readonly name: string;
  readonly description: string;
  /** Empty when there is none to show. */
  readonly source: string;
}

/** A value that may be changed. */
export interface ProblemVariable {
  /** The parameter's dotted path. */
  readonly name: string;
  readonly value: string;
  /** What values are allowed, in words. */
  readonly type: string;
  /** What else there is to know, each a line: description, constraint, placeholders. */
  readonly notes: readonly string[];
}

/** A value that may not. */
export interface ProblemValue {
  readonly name: string;
  readonly value: string;
  /** `text`, `number`, …; `error` for what an operation threw. */
  readonly type: string;
  readonly about: string | undefined;
}

/** What was said of an output. */
export interface ProblemFeedback {
  /** Name of the output. */
  readonly target: string;
  readonly score: string | undefined;
  /** Further metrics, in words. */
  readonly scores: string | undefined;
  readonly text: string;
}
