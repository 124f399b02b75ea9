/**
 * A share of the budget for a search of opto: the same run, resumed with more to spend.
 *
 * @module
 */
import { type Module, OPRO, type Optimizer, type OptimizerName, OptoPrime, TextGrad, TPE, train } from "opto";
import type { OptoArm } from "./arms.ts";
import type { RunningCell, StageOutcome } from "./cell.ts";
import { modelOf } from "./models.ts";
import type { Row } from "./tasks/task.ts";
import { tokenLimits } from "./token-limits.ts";

/** As many attempts as `train()` shows an optimizer that it makes itself. */
const memorySize = 6;
/** More than any budget lasts for. */
const numEpochs = 1_000;

/**
 * Continues the run of a cell until `limit` is spent. The proxy ends it as a provider ends it whose customer has no credit left; where the agent asks no model, the
 * budget of the run does, in rollouts. One rollout runs at a time, so that the last calls before the end are always the same.
 *
 * @param limit in the unit of the benchmark's budget
 */
export async function optoStage(cell: RunningCell, arm: OptoArm, limit: number): Promise<StageOutcome> {
  const { task, split, seed, settings, calls, open, folder } = cell;
  calls.allow(task.callsModel || settings.unit !== "task-calls" ? limit : Number.POSITIVE_INFINITY);
  const { policy, trainsDemonstrations, trainsInstruction } = arm;
  const agent = task.agent({ model: modelOf(open, "task"), trainsDemonstrations, trainsInstruction });
  const isDefault = policy === undefined;
  const [trainRows, validateRows] = isDefault
    ? [[...split.train, ...split.validation], undefined]
    : [split.train, split.validation];
  const countsRollouts = !task.callsModel && settings.unit === "task-calls";
  const result = await train({
    agent,
    guide: task.guide,
    trainDataset: trainRows.map(toExample),
    ...(validateRows === undefined ? {} : { validateDataset: validateRows.map(toExample) }),
    optimizer: optimizerOf(arm.optimizer, agent, cell),
    ...(isDefault ? {} : { algorithm: typeof policy === "function" ? policy() : policy, evalFrequency: arm.evalFrequency }),
    ...(isDefault || arm.batchSize === undefined ? {} : { batchSize: arm.batchSize }),
    ...(countsRollouts ? { budget: { rollouts: Math.max(1, Math.floor(limit)) } } : {}),
    numEpochs,
    numThreads: 1,
    seed,
    logger: [],
    stop: { onSignals: false, maxIterations: settings.maxIterations },
    rollouts: { overlapEvaluation: false, timeoutMs: settings.callTimeoutMs },
    calls: { timeoutMs: settings.callTimeoutMs },
    run: { dir: folder, id: "run" },
  });
  const { usage, stopReason, parameters } = result;
  // A provider refuses in the same words as the proxy. What is left is run by the next invocation.
  if (stopReason === "quota" && !calls.isSpent) {
    throw new Error(`The server refused before the budget was spent: ${calls.refusals.at(-1) ?? "no credit left"}`);
  }
  const spent = countsRollouts ? { ...calls.spent, taskCalls: usage.rollouts } : calls.spent;
  const isResumable = ["budget", "quota"].includes(stopReason);
  if (!isResumable && ["interrupted", "deadline"].includes(stopReason)) throw new Error(`The run was stopped: ${stopReason}`);
  return { values: parameters, spent, ms: usage.elapsedMs + calls.sparedMs, isOver: !isResumable };
}

function optimizerOf(name: OptimizerName, agent: Module, { seed, open, settings }: RunningCell): Optimizer {
  if (name === "TPE") return new TPE(agent, { seed });
  const { optimizerContext: context, optimizerMaxTokens: maxOutputTokens, replyFormat } = settings;
  const asked = modelOf(open, "optimizer", replyFormat === "json");
  const options = { model: asked, replyFormat, ...tokenLimits({ context, maxOutputTokens }) };
  if (name === "OPRO") return new OPRO(agent, options);
  return name === "TextGrad" ? new TextGrad(agent, { ...options, memorySize }) : new OptoPrime(agent, { ...options, memorySize });
}

function toExample({ input, info }: Row) {
  return { input, info };
}
