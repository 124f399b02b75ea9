/**
 * `probe`: a few rollouts of a configured agent as it is, for `opto check`.
 *
 * @module
 */
import type { Cell } from "../data/comparison.ts";
import type { Dataset } from "../data/dataset.ts";
import { Random } from "../data/random.ts";
import { NothingScoredError, StopError } from "../errors.ts";
import { CallScheduler } from "../llm/pace/call-scheduler.ts";
import type { Ledger } from "../llm/spend/ledger.ts";
import type { RunEvent } from "../trainer/events.ts";
import type { OptoConfig } from "./define-config.ts";
import { type EvaluationPlace, evaluateAgent } from "./evaluate-agent.ts";
import type { Probe } from "./preflight.ts";
import type { TrainArguments } from "./to-train-options.ts";

/** How many examples are run, and how many of these a second time. */
const [mostExamples, mostRepeated] = [20, 10];

/** What was measured, and why nothing was. */
export interface Probed extends Probe {
  /** What the rollouts came to where none was scored. */
  readonly error?: string | undefined;
}

/** Runs some examples once, and some of these again; what a limit of calls cuts off is missing. */
export async function probe({ agent }: TrainArguments, place: EvaluationPlace, ledger: Ledger): Promise<Probed> {
  const { dataset, config } = place;
  const random = new Random(config.seed ?? 0).fork("check");
  const drawn = random.sample([...dataset.keys()], Math.min(mostExamples, dataset.length)).map((index) => dataset[index]);
  // Without a control that stops everything: rollouts in flight at the limit are paid for, and count.
  const services = {
    ledger,
    scheduler: new CallScheduler({ seed: config.seed ?? 0, ...callOptions(config) }),
  };
  let error: string | undefined;
  const pass = async (examples: typeof drawn, what: string): Promise<(Cell | undefined)[]> => {
    const cells: (Cell | undefined)[] = examples.map(() => undefined);
    const onEvent = (event: RunEvent): void => {
      const [, example] = (event.type === "rollout-end" && /example\/(\d+)\/sample\/0$/.exec(event.position)) || [];
      if (event.type !== "rollout-end" || example === undefined) return;
      cells[Number(example)] = event.status === "scored" ? (event.score ?? "unscored") : event.status;
    };
    try {
      await evaluateAgent(
        agent,
        { ...place, name: `${place.name} examples`, dataset: examples as Dataset<unknown, unknown> },
        { what, numSamples: 1, services, onEvent },
      );
    } catch (thrown) {
      const isSpent = thrown instanceof StopError && thrown.reason === "budget";
      if (!isSpent && !(thrown instanceof NothingScoredError)) throw thrown;
      if (!isSpent) error ??= thrown.message;
    }
    return cells;
  };
  const first = await pass(drawn, "the start");
  const second =
    agent.deterministic || ledger.stopped !== undefined ? [] : await pass(drawn.slice(0, mostRepeated), "the start again");
  return { first, second, error };
}

function callOptions({ calls = {} }: OptoConfig): object {
  const { merge: _merge, prices: _prices, ...options } = calls;
  return options;
}
