/**
 * The evaluation of a configured agent, as `opto eval` and `opto check` do it.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import { minimizesScore, objective } from "../data/objectives.ts";
import type { Module } from "../graph/module.ts";
import { atPosition } from "../graph/scope.ts";
import { type Guide, type GuideLike, toGuide } from "../guides/guide.ts";
import { judgeModel } from "../guides/llm-judge.ts";
import { describeJudge } from "../loggers/console-lines.ts";
import { ConsoleLogger } from "../loggers/console-logger.ts";
import { checkModel, toNamedGuide } from "../train-parts.ts";
import { AlikeFailures } from "../trainer/alike-failures.ts";
import { evaluate } from "../trainer/evaluate.ts";
import type { Evaluation } from "../trainer/evaluation.ts";
import type { RunEvent } from "../trainer/events.ts";
import type { CommandCall } from "./command.ts";
import type { OptoConfig } from "./define-config.ts";
import { withFlags } from "./flags.ts";
import { configuredGuide } from "./to-train-options.ts";

/** What is evaluated on, and how. */
export interface EvaluationPlace {
  readonly call: CommandCall;
  readonly config: OptoConfig;
  readonly guide: Guide;
  /** The name of the dataset. */
  readonly name: string;
  readonly dataset: Dataset<unknown, unknown>;
}

/** How one evaluation differs from the config. */
export interface EvaluateAgentOptions {
  /** What is evaluated, for progress and messages. @default the agent */
  readonly what?: string | undefined;
  /** @default the config's `numEvalSamples` */
  readonly numSamples?: number | undefined;
  /** What the evaluation finds in its scope: limits of calls. @default nothing */
  readonly services?: object | undefined;
  /** Receives every event. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

/** Whether less of the guide's score is better by the config. */
export function scoreIsMinimized(config: Pick<OptoConfig, "objective">): boolean {
  return minimizesScore(objective(config.objective ?? {}));
}

/** The guide of the config, with the model that it asks; says on the console when that costs money. */
export async function checkedGuide({ out }: CommandCall, config: OptoConfig): Promise<Guide> {
  const guide = toNamedGuide(await configuredGuide(config));
  await checkModel(guide, { loads: true });
  const judge = judgeModel(guide);
  if (judge !== undefined && !out.isQuiet) out.progress.write(`${describeJudge(judge)}\n`);
  return toGuide(guide as GuideLike<unknown, unknown, unknown>);
}

/**
 * Evaluates an agent with the values that it has.
 *
 * @throws NothingScoredError when no rollout was scored
 */
export async function evaluateAgent(
  agent: Module,
  { call, config, guide, name, dataset }: EvaluationPlace,
  { what = "", numSamples = config.numEvalSamples, services, onEvent }: EvaluateAgentOptions = {},
): Promise<Evaluation> {
  const { flags, out } = call;
  const console = out.isQuiet ? undefined : new ConsoleLogger({ stream: out.progress });
  const { numThreads, rollouts } = withFlags({ ...config }, flags) as Pick<OptoConfig, "numThreads" | "rollouts">;
  const { timeoutMs, isInfrastructure } = rollouts ?? {};
  const description = `Evaluating ${what === "" ? "" : `${what} `}on ${name}`;
  const failures = new AlikeFailures();
  const emit = (event: object): void => {
    const told = event as RunEvent;
    if (told.type === "rollout-end" && told.status !== "scored") failures.add(told.error ?? "", undefined);
    onEvent?.(told);
    console?.onEvent(told);
  };
  const lowerIsBetter = scoreIsMinimized(config);
  const work = (): Promise<Evaluation> =>
    evaluate(
      agent,
      guide,
      dataset.map(({ input }) => input),
      dataset.map(({ info }) => info),
      {
        minScore: config.minScore,
        lowerIsBetter,
        numSamples,
        numThreads,
        rollouts: { timeoutMs, isInfrastructure },
        description,
      },
    );
  const evaluation = await atPosition("", work, { emit, services }).finally(() => console?.close());
  // What was never scored has no score, whatever a failure counts as.
  if (evaluation.failed + evaluation.unscored === evaluation.samples.flat().length) throw failures.toError(description);
  return evaluation;
}
