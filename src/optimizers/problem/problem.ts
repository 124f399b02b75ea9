/**
 * What an optimizer's prompt is about, as plain data: a trace graph with names for everything in it.
 *
 * @module
 */

/** A trace graph, ready to be written down. Everything is text; nothing has been shortened in variables. */
export interface Problem {
  /** What was left out to keep the prompt short, each a sentence without its full stop. */
  readonly omitted: readonly string[];
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
  /** Runs of operations that the code shows once. */
  readonly runs: readonly ProblemRuns[];
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
  /** What values are allowed, as text. */
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

/** The feedback on an output. */
export interface ProblemFeedback {
  /** Name of the output. */
  readonly target: string;
  readonly score: string | undefined;
  /** Further metrics, as text. */
  readonly scores: string | undefined;
  readonly text: string;
}

/** Further runs of the same operations. */
export interface ProblemRuns {
  /** The output, in the code, of the run that is shown there. */
  readonly of: string;
  readonly runs: readonly ProblemRun[];
}

/** A run by what differs from the one in the code, under the names that the values have there. */
export interface ProblemRun {
  readonly values: readonly ProblemValue[];
  readonly feedback: readonly ProblemFeedback[];
}
