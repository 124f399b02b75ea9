/**
 * One forward pass with feedback: what every training algorithm does with one example.
 *
 * @module
 */
import { type Feedback, toFeedback } from "../data/feedback.ts";
import { describeValue, isJsonValue, type JsonValue } from "../data/json.ts";
import { after, type MaybePromise, promised, recovered, returned, settled } from "../data/maybe-promise.ts";
import type { Scores } from "../data/scores.ts";
import {
  GraphError,
  GuideError,
  InfrastructureError,
  InvalidArgumentError,
  isInfrastructureError,
  UnusableAnswerError,
} from "../errors.ts";
import { copyData } from "../graph/clone.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import { type GraphJson, graphFromJson, graphToJson, type NodeJson } from "../graph/graph-json.ts";
import { callModule, type Module } from "../graph/module.ts";
import { abandonedOperation, type Node } from "../graph/node.ts";
import { currentRun, type WorkInProgress, withServices } from "../graph/scope.ts";
import { Guide, type GuideLike, toGuide } from "../guides/guide.ts";
import { discardingUnusable, unusableAnswer } from "../llm/discard-answers.ts";
import { redactKnownKeys } from "../llm/redact-secrets.ts";
import { letTurn } from "./event-loop.ts";
import { agentOverdue, guideOverdue } from "./limited-work.ts";
import type { RolloutCodec } from "./run-keeper.ts";
import { runServices } from "./run-services.ts";

/** An output with the guide's feedback on it. */
export interface StepOutput<Y = unknown> {
  /** The agent's output; when the agent threw, the exception node. */
  readonly target: Node<Y> | Node<string>;
  /** `null` when the guide could not score the answer. */
  readonly score: number | null;
  readonly feedback: string;
  /** Further metrics by name, when the guide returned some. */
  readonly scores?: Scores;
}

/**
 * Runs the agent on `x` and asks the guide about its answer.
 *
 * When the agent throws, the target is its exception node, the score is `minScore` and the feedback is the error.
 *
 * @param minScore what a failing run scores
 * @throws UnusableAnswerError when the guide got no usable answer of a model, GuideError when it throws anything else; infrastructure
 *   errors and aborts pass unchanged
 */
export function standardOptimizationStep<X, Y, Info>(
  agent: Module<X, Y>,
  x: X,
  guide: GuideLike<X, Y, Info>,
  info: Info,
  minScore = 0,
): Promise<StepOutput<Y>> {
  return promised(() => optimizationStep(agent, x, guide, info, minScore));
}

/** `standardOptimizationStep`; the output is at hand where neither agent nor guide waits for anything. */
export function optimizationStep<X, Y, Info>(
  agent: Module<X, Y>,
  x: X,
  guide: GuideLike<X, Y, Info>,
  info: Info,
  minScore = 0,
): MaybePromise<StepOutput<Y>> {
  return settled<Node<Y>, StepOutput<Y>>(
    () => askAgent(agent, x),
    (target) => {
      noteMissingOutput(agent, target);
      return after(askGuide(toGuide(guide), x, target.peek(), info), (said) => ({ target, ...said }));
    },
    (error) => {
      if (!(error instanceof ExecutionError)) throw error;
      return { target: error.exceptionNode, score: minScore, feedback: redactKnownKeys(error.createFeedback()) };
    },
  );
}

/**
 * The agent's output, within the time that a rollout has. What is plain data in the dataset is handed out as copies: an agent
 * or a guide that changes it changes no later rollout.
 *
 * @throws ExecutionError when the agent throws, or its time is up
 */
export function askAgent<X, Y>(agent: Module<X, Y>, x: X): MaybePromise<Node<Y>> {
  const run = currentRun();
  const { meter, traces } = runServices(run);
  const work = run?.work;
  const ask = (): MaybePromise<Node<Y>> => callModule(agent, copyData(x));
  const note = traces?.notesOf(run?.position ?? "");
  const call = note === undefined ? ask : () => after(ask(), (output) => noted(note, output));
  const timed = meter === undefined ? call : () => meter.time(async () => call());
  return work === undefined ? timed() : work.limited(timed, agentOverdue, (overdue) => overdueIn(work, overdue));
}

function noted<Y>(note: (known: { readonly output: unknown }) => void, output: Node<Y>): Node<Y> {
  note({ output: output.peek() });
  return output;
}

/** Time that was up is the failure of the operations that were still open. */
function overdueIn(work: WorkInProgress, overdue: Error): unknown {
  return abandonedOperation(work.open, overdue) ?? new InfrastructureError(overdue.message, { cause: overdue });
}

/** Warns, once for each class of agents, of a `forward` that returns nothing, most often because a `return` is missing, or a stream, which the guide would be given unread. */
export function noteMissingOutput(agent: Module<never, unknown>, output: Node): void {
  const value = output.peek();
  if ((value !== undefined && !isStream(value)) || warned.has(agent.constructor)) return;
  warned.add(agent.constructor);
  const [got, remedy] = isStream(value)
    ? ["a stream", "Read it to its end, and return the answer"]
    : ["undefined", "Return the answer, or null if the guide does not use it"];
  process.emitWarning(
    `\`forward\` of ${agent.constructor.name || "the agent"} returned ${got}, which is scored like any other answer. ${remedy}`,
    "OptoWarning",
  );
}

/** What an `async function*` gives, a `ReadableStream`, a `Response`. */
function isStream(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || value instanceof Response;
}

const warned = new WeakSet<object>();

/** Feedback of the guide, checked. */
export function askGuide<X, Y, Info>(guide: Guide<X, Y, Info>, x: X, answer: Y, info: Info): MaybePromise<Feedback> {
  return guarded(x, () => {
    const feedback = guide.getFeedback(copyData(x), answer, copyData(info), guideContext());
    return after(returned(feedback), (said) => {
      const given = inRange(guide, toFeedback(said));
      runServices().traces?.notesOf(currentRun()?.position ?? "")?.({ feedback: given.feedback });
      return given;
    });
  });
}

/** Scores of the guide alone, checked. A guide whose `metric` is its own has no other metrics. */
export function askScores<X, Y, Info>(
  guide: Guide<X, Y, Info>,
  x: X,
  answer: Y,
  info: Info,
): MaybePromise<Pick<Feedback, "score" | "scores">> {
  if (guide.metric === Guide.prototype.metric) return askGuide(guide, x, answer, info);
  return guarded(x, () => {
    const metric = guide.metric(copyData(x), answer, copyData(info), guideContext());
    return after(returned(metric), (score) => inRange(guide, toFeedback({ score })));
  });
}

/** A guide that breaks its own promise would have the wrong candidate win. */
function inRange({ scoreRange }: Guide<never, never, never>, feedback: Feedback): Feedback {
  const { score } = feedback;
  if (scoreRange === undefined || score === null || (score >= scoreRange[0] && score <= scoreRange[1])) return feedback;
  throw new InvalidArgumentError(
    `Expected a score from ${scoreRange[0]} to ${scoreRange[1]}, as its \`scoreRange\` says, got ${score}`,
  );
}

function guideContext(): { signal?: AbortSignal | undefined } {
  return { signal: currentRun()?.signal };
}

/**
 * What a guide that throws means: no verdict on this example when a model gave it no usable answer, else a bug to be told
 * immediately, with the example it threw on. One that does not finish leaves its example unscored. Either way its model is asked again
 * by a process that resumes the run.
 */
function guarded(x: unknown, given: () => MaybePromise<Feedback>): MaybePromise<Feedback> {
  const turn = letTurn();
  const judged = (): MaybePromise<Feedback> =>
    discardingUnusable(
      () => judge(x, given),
      ({ score }) => score !== null,
    );
  if (turn === undefined) return judged();
  // What others compute until then is no time of this rollout.
  const end = currentRun()?.work?.beginCall();
  return turn.then(() => {
    end?.();
    return judged();
  });
}

function judge(x: unknown, given: () => MaybePromise<Feedback>): MaybePromise<Feedback> {
  const run = currentRun();
  const services = runServices(run);
  const work = run?.work;
  // What the guide uses is not the agent's, whatever role its calls have.
  const ask = services.meter === undefined ? given : () => withServices({ ...services, meter: undefined }, given);
  return recovered(
    () => (work === undefined ? ask() : work.limited(ask, (limitMs) => guideOverdue(limitMs, x))),
    (cause) => {
      throw isInfrastructureError(cause) ? cause : guideFailure(cause, x, run?.position);
    },
  );
}

/** What a guide's failure ends its example or the run with. */
function guideFailure(cause: unknown, x: unknown, position: string | undefined): Error {
  const example = `the input ${describeValue(x)}${position ? ` (${position})` : ""}`;
  const unusable = unusableAnswer(cause);
  if (unusable !== undefined) {
    return new UnusableAnswerError(`The guide got no usable verdict on ${example}: ${unusable}`, { cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new GuideError(`The guide failed on ${example}: ${message}`, { cause });
}

interface WrittenOutput {
  readonly graph: GraphJson;
  readonly score: number | null;
  readonly feedback: string;
  readonly more?: object;
}

/**
 * Writes outputs of an agent with the graphs they depend on; its parameters are written by path and are the same objects when
 * read. What a subclass adds to an output is kept as it is. Outputs with anything that is not JSON are not written. A node that
 * was made outside the rollout comes back as a copy.
 */
export function stepOutputCodec<Y>(agent: Module): RolloutCodec<StepOutput<Y>> {
  return {
    write: ({ target, score, feedback, ...more }) => {
      const written = graphToJson(target, { parameters: agent.namedParameters() });
      const graph = { ...written, nodes: written.nodes.map(withoutKeys) };
      const isWhole = graph.nodes.every(({ text }) => text === undefined);
      return isWhole && isJsonValue(more) ? ({ graph, score, feedback, more } as unknown as JsonValue) : undefined;
    },
    read: (written) => {
      const { graph, score, feedback, more = {} } = written as unknown as WrittenOutput;
      const [target] = graphFromJson(graph, { parameters: agent.namedParameters() });
      return { ...more, target: target as Node<Y>, score, feedback };
    },
  };
}

/**
 * An output as it is written to get to another process.
 *
 * @throws GraphError naming a node whose value is not JSON
 */
export function writeToCross<Y>(agent: Module, output: StepOutput<Y>): JsonValue {
  const written = stepOutputCodec<Y>(agent).write(output);
  if (written !== undefined) return written;
  const { nodes, operations } = graphToJson(output.target);
  const node = nodes.find(({ text }) => text !== undefined);
  const operation = node?.operation === undefined ? undefined : operations[node.operation]?.name;
  const source = operation === undefined ? "" : `, a result of \`${operation}\`,`;
  const what = node === undefined ? "A metric of the output" : `The value of the node "${node.name}"${source}`;
  const shown = node?.text === undefined ? "" : ` (${node.text.slice(0, longestShown)})`;
  throw new GraphError(
    `${what} is not JSON${shown}, so an executor cannot perform the rollout. Make operations return plain data, or train without an executor`,
  );
}

/** Characters of a value in a message. */
const longestShown = 100;

/** What an operation threw is a message, which may quote a key; every other value is data. */
function withoutKeys(node: NodeJson): NodeJson {
  return node.kind === "exception" && typeof node.value === "string" ? { ...node, value: redactKnownKeys(node.value) } : node;
}
