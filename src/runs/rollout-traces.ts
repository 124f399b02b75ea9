/**
 * `DirectoryTraces`: keeps what rollouts and calls of models did, as far as that costs the run next to nothing.
 *
 * @module
 */
import type { Clock } from "../data/clock.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { isPlainObject, type JsonValue } from "../data/json.ts";
import { errorText, isInfrastructureError } from "../errors.ts";
import { isNode } from "../graph/node.ts";
import type { EndCallTrace } from "../llm/call-services.ts";
import type { GateRequest } from "../llm/model-request.ts";
import { redactText } from "../llm/redact-secrets.ts";
import type { EndRolloutTrace, RolloutTraces, TracedRollout } from "../trainer/run-keeper.ts";
import { TraceFile } from "./trace-file.ts";
import { type CallRecord, graphRecord, messagesOf, partsOf, type RolloutLine, shown, type TraceLine } from "./trace-record.ts";

/** Keeping them may cost at most this share of the time; calls of optimizers, which are few, still find some left when rollouts have used theirs. */
const affordable = { rollouts: 0.005, calls: 0.008 };
/** The first of a run are kept whatever they cost, unless that is much, so that short runs have them. */
const advance = { records: 500, ms: 100 };

/** What is known of a rollout before its end. */
interface Open {
  readonly calls: CallRecord[];
  output?: unknown;
  hasOutput?: boolean;
  feedback?: string;
  isOver?: boolean;
}

/** Keeps rollouts in a `TraceFile`. Those that there is no time for are counted. */
export class DirectoryTraces implements RolloutTraces {
  readonly #file: TraceFile;
  readonly #clock: Clock;
  readonly #begun: number;
  readonly #open = new Map<string, Open>();
  #spentMs = 0;
  #records = 0;
  #omitted = { rollouts: 0, calls: 0 };

  /** @param limit of what is kept, in bytes */
  constructor(folder: string, limit: number, clock: Clock) {
    this.#file = new TraceFile(folder, limit);
    this.#clock = clock;
    this.#begun = clock.monotonic();
  }

  beginCall(
    request: GateRequest,
    { position, role }: { position: string; role: string },
    model: string,
  ): EndCallTrace | undefined {
    const rollout = this.#rolloutOf(position);
    if (rollout === undefined && this.#omits("calls")) return undefined;
    const begun = this.#begin();
    return (reply, error) => {
      // What ends after its rollout has ended is part of nothing.
      if (rollout?.isOver) return;
      this.#spending(() => {
        const record = callRecord({ request, position, role, model, reply, error, ...this.#end(begun) });
        if (rollout === undefined) this.#write({ kind: "call", ...record }, error !== undefined);
        else rollout.calls.push(record);
      });
    };
  }

  beginRollout(about: TracedRollout): EndRolloutTrace | undefined {
    const { position } = about;
    if (this.#omits("rollouts")) return undefined;
    const open: Open = { calls: [] };
    this.#open.set(position, open);
    const begun = this.#begin();
    return (end) => {
      // Another rollout at this position has begun meanwhile: this one is not waited for any more.
      if (this.#open.get(position) !== open) return;
      this.#open.delete(position);
      open.isOver = true;
      // Anything else ends the run, or is an end that it was asked for.
      if ("thrown" in end && !isInfrastructureError(end.thrown)) return;
      this.#spending(() => {
        const line = rolloutLine(about, open, { ...end, ...this.#end(begun) });
        this.#write(line, line.status !== "scored");
      });
    };
  }

  notesOf(position: string): ReturnType<RolloutTraces["notesOf"]> {
    const open = this.#open.get(position);
    if (open === undefined) return undefined;
    return ({ output, feedback }) => {
      if (feedback !== undefined) open.feedback = feedback;
      else Object.assign(open, { output, hasOutput: true });
    };
  }

  async close(): Promise<void> {
    const { rollouts, calls } = this.#omitted;
    if (rollouts + calls > 0) this.#file.add(JSON.stringify({ kind: "omitted", rollouts, calls }), { isFailure: false });
    await this.#file.close();
  }

  /** The rollout that a call is made in: the open one whose position is the longest beginning of its own. */
  #rolloutOf(position: string): Open | undefined {
    for (let at = position.lastIndexOf("/"); at > 0; at = position.lastIndexOf("/", at - 1)) {
      const found = this.#open.get(position.slice(0, at));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #omits(what: "rollouts" | "calls"): boolean {
    const isInAdvance = this.#records < advance.records && this.#spentMs < advance.ms;
    const isTooDear = this.#spentMs > affordable[what] * (this.#clock.monotonic() - this.#begun);
    if (isTooDear && !isInAdvance) this.#omitted[what]++;
    else this.#records++;
    return isTooDear && !isInAdvance;
  }

  #begin(): { readonly at: number; readonly monotonic: number } {
    return { at: this.#clock.now(), monotonic: this.#clock.monotonic() };
  }

  #end({ at, monotonic }: { readonly at: number; readonly monotonic: number }): { readonly at: string; readonly ms: number } {
    return { at: new Date(at).toISOString(), ms: Math.round((this.#clock.monotonic() - monotonic) * 1_000) / 1_000 };
  }

  /** Nothing that goes wrong here is of any interest to the run: a getter of the program's own may throw. */
  #spending(work: () => void): void {
    const started = this.#clock.monotonic();
    try {
      work();
    } catch {
      this.#omitted.rollouts++;
    }
    this.#spentMs += this.#clock.monotonic() - started;
  }

  #write(line: TraceLine, isFailure: boolean): void {
    const text = JSON.stringify(line);
    if (Buffer.byteLength(text) <= this.#file.longest) this.#file.add(text, { isFailure });
    else if (line.kind === "rollout") this.#omitted.rollouts++;
    else this.#omitted.calls++;
  }
}

interface EndedCall {
  readonly request: GateRequest;
  readonly position: string;
  readonly role: string;
  readonly model: string;
  readonly at: string;
  readonly ms: number;
  readonly reply: Parameters<EndCallTrace>[0];
  readonly error: unknown;
}

function callRecord({ request, reply, error, ...about }: EndedCall): CallRecord {
  const { position, role, model, at, ms } = about;
  const asked = { position, role, model: reply?.model ?? model, at, ms, messages: messagesOf(request) };
  if (reply === undefined) return { ...asked, error: redactText(errorText(error)) };
  const parts = partsOf(reply);
  const { text, finishReason, usage } = reply;
  return { ...asked, reply: text, ...(parts !== undefined && { parts }), finishReason, usage: usage as unknown as JsonValue };
}

type Ended = Parameters<EndRolloutTrace>[0] & { readonly at: string; readonly ms: number };

/** What is short comes first: who looks for rollouts reads only that. */
function rolloutLine({ position, agent, x, info, place }: TracedRollout, open: Open, end: Ended): RolloutLine {
  const { dataset, example, sample } = place();
  const { calls, output, hasOutput = false, feedback } = open;
  const isThrown = "thrown" in end;
  const error = isThrown ? errorText(end.thrown) : end.error;
  const finished = error === undefined ? "scored" : "failed";
  const short: Omit<RolloutLine, "input" | "expected" | "calls"> = {
    kind: "rollout",
    position,
    at: end.at,
    ms: end.ms,
    status: isThrown ? "unscored" : finished,
    score: isThrown ? null : end.score,
    ...(dataset !== undefined && { dataset, example, sample }),
    values: fingerprint(agent.candidate()),
    ...(!isThrown && end.scores !== undefined && { scores: end.scores }),
    ...(error !== undefined && { error: redactText(error) }),
  };
  const given = !isThrown && isPlainObject(end.result) ? end.result : {};
  const target = isNode(given.target) ? given.target : undefined;
  const says = feedback ?? (typeof given.feedback === "string" ? given.feedback : undefined);
  return {
    ...short,
    input: shown(x),
    expected: shown(info),
    ...((hasOutput || (target !== undefined && error === undefined)) && { output: shown(hasOutput ? output : target?.peek()) }),
    ...(says !== undefined && { feedback: error === undefined ? says : redactText(says) }),
    calls,
    ...(target !== undefined && { graph: graphRecord(target, agent.namedParameters()) }),
  };
}
