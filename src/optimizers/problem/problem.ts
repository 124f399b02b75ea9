/**
 * What an optimizer's prompt is about, as plain data: a trace graph with names for everything in it.
 *
 * @module
 */

/** A trace graph, ready to be written down. Everything is text; nothing has been shortened in variables. */
export interface Problem {
  /** What was left out to keep the prompt short, each a sentence without its full stop. */
  readonly omitted: readonly string[];
  /** One line for each operation that several examples depend on, inputs before their users. */
  readonly code: readonly string[];
  readonly operations: readonly ProblemOperation[];
  readonly variables: readonly ProblemVariable[];
  /** Values that the operations of several examples started from. */
  readonly inputs: readonly ProblemValue[];
  /** Intermediate values that several examples depend on. */
  readonly others: readonly ProblemValue[];
  /** Each output with everything about it; the wrong ones first. */
  readonly examples: readonly ProblemExample[];
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
  /** Names of values that are the same and not shown again. @default none */
  readonly also?: readonly string[] | undefined;
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

/** An output, what led to it and to no other, and the feedback on it. */
export interface ProblemExample {
  /** Whether it has the best score; `undefined` where nothing tells the outputs apart. */
  readonly isRight: boolean | undefined;
  /** One line for each operation; empty where they are those of another example, or little is learned from them. */
  readonly code: readonly string[];
  /** The number, from 1, of the example that performed the same operations: besides the output only the values that differ are listed, under the same names. */
  readonly sameAs?: number | undefined;
  /** Names of the variables that had a part in it, without those that had one in every output; only of right ones. */
  readonly parts?: readonly string[] | undefined;
  /** What the program was given and computed, and the output at the end. */
  readonly values: readonly ProblemValue[];
  /** What is known of the right answer, where the feedback does not say it. */
  readonly expected?: string | undefined;
  readonly feedback: readonly ProblemFeedback[];
}
