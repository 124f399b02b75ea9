import {
  type BootstrapFewShotOptions,
  bootstrapFewShot,
  exactMatch,
  type Module,
  model,
  type Parameter,
  parameter,
  subset,
  train,
} from "opto";
import { describe, expect, it } from "vitest";
import { z } from "zod";

interface Shot {
  readonly input: string;
  readonly output: string;
}

const topics = ["card", "login", "price", "crash"];
const queues = ["billing", "access", "sales", "technical"];

/** Tickets of four topics; the agent knows one queue by itself, and others from tickets of the topic that it is shown. */
const dataset = Array.from({ length: 24 }, (_, at) => ({
  input: `${topics[at % 4]} ticket ${at}`,
  info: queues[at % 4] as string,
}));

function triage(shots: Parameter<readonly Shot[]>): Module<string, string> {
  return model({ shots }, ({ shots }, ticket: string) => {
    const shown = shots.value.filter(({ input }) => input !== ticket);
    const topic = ticket.split(" ")[0];
    return shown.find(({ input }) => input.split(" ")[0] === topic)?.output ?? "billing";
  });
}

const empty = (rules: object = {}): Parameter<readonly Shot[]> => parameter([] as readonly Shot[], rules);

async function learn(agent: Module<string, string>, options: BootstrapFewShotOptions = {}, numEpochs = 2) {
  const algorithm = bootstrapFewShot(options);
  const { best, usage } = await train({
    agent,
    guide: exactMatch(),
    trainDataset: dataset.slice(0, 12),
    validateDataset: dataset.slice(12),
    algorithm,
    batchSize: 6,
    numEpochs,
    run: null,
    logger: [],
  });
  return { shots: best.parameters.shots as unknown as readonly Shot[], score: best.score, calls: usage.calls };
}

describe("bootstrapFewShot", () => {
  it("learns from right answers what the agent does not know, without an optimizer", async () => {
    const { shots, score, calls } = await learn(triage(empty()));
    expect(score).toBe(1);
    expect(new Set(shots.map(({ output }) => output))).toEqual(new Set(queues));
    expect(calls).toBe(0);
  });

  it("has a better list after the first one, and runs another batch only after `numCandidates` lists", async () => {
    const [batch, validation] = [6, 12];
    for (const [lists, batches] of [
      [1, 1],
      [2, 1],
      [3, 2],
    ] as const) {
      const { best, usage } = await train({
        agent: triage(empty()),
        guide: exactMatch(),
        trainDataset: dataset.slice(0, 12),
        validateDataset: dataset.slice(12),
        algorithm: bootstrapFewShot({ numCandidates: 2, maxLabeled: 4 }),
        batchSize: batch,
        numEpochs: 9,
        evalFrequency: 0,
        stop: { maxIterations: lists },
        run: null,
        logger: [],
      });
      expect(best.score).toBeGreaterThan(0.25);
      expect(usage.rollouts).toBeLessThanOrEqual(batch * batches + validation * (1 + lists));
      expect(usage.rollouts).toBeGreaterThan(batch * batches + validation);
    }
  });

  it("shows only what the agent itself did well where there are no labeled ones", async () => {
    const { shots, score } = await learn(triage(empty()), { maxLabeled: 0 });
    expect(score).toBe(0.25);
    expect(shots.every(({ output }) => output === "billing")).toBe(true);
  });

  it("takes demonstrations from a pool that the parameter declares, no more than it allows", async () => {
    const pool = dataset.slice(0, 8).map(({ input, info }) => ({ input, output: info }));
    const { shots, score } = await learn(triage(empty({ domain: subset(pool, { max: 4 }) })), {}, 8);
    expect(shots.length).toBeLessThanOrEqual(4);
    expect(score).toBeGreaterThan(0.5);
  });

  it("makes demonstrations of the form that is asked for", async () => {
    const schema = z.array(z.object({ ticket: z.string(), queue: z.string() }));
    const shots = parameter([] as readonly { ticket: string; queue: string }[], { schema });
    const agent = model({ shots }, ({ shots }, ticket: string) => {
      return shots.value.find((shot) => shot.ticket.slice(0, 4) === ticket.slice(0, 4))?.queue ?? "billing";
    });
    await expect(learn(agent)).rejects.toThrow(/does not fit `shots`: .*Pass `toDemonstration`/);
    const { score } = await learn(agent, { toDemonstration: ({ input, output }) => ({ ticket: input, queue: output }) });
    expect(score).toBe(1);
  });

  it("refuses an agent without a list", async () => {
    const agent = model({ prompt: parameter("Which queue?") }, ({ prompt }, ticket: string) => `${prompt.value}${ticket}`);
    await expect(learn(agent)).rejects.toThrow("No trainable parameter holds a list of demonstrations");
  });
});
