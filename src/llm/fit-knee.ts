/**
 * `fitKnee`: the load from which on a provider refuses more, found among failures that have nothing to do with load.
 *
 * @module
 */

/** What came of some requests that were sent at about the same load. */
export interface LoadSample {
  /** How many places were taken, on average. */
  readonly load: number;
  readonly sent: number;
  readonly failed: number;
  /** How much it counts, 0 to 1. */
  readonly weight: number;
}

/** What the samples say. */
export interface Knee {
  /** The share of requests that gets through while the load does not matter, 0 to 1. */
  readonly share: number;
  /** The load from which on it does; `Infinity` when it never did. */
  readonly load: number;
}

const shares = [0.995, 0.97, 0.94, 0.9, 0.86, 0.82, 0.78, 0.74, 0.7, 0.66, 0.62, 0.58, 0.54, 0.5, 0.46, 0.42, 0.38, 0.34];
const stepOfLoad = 1.07;
/** Between two explanations that fit alike, the one with fewer failures in the background: it is tried out by sending less. */
const priorAnswers = 5;
/** A knee is believed in when it explains the samples so many times better, as a logarithm. */
const evidence = 4;

/**
 * A provider that takes a certain amount of work lets `share` of the requests through up to the knee. Above, what it lets
 * through stays the same in all, so the share falls as 1 / load. Of all such curves the likeliest is taken.
 */
export function fitKnee(samples: readonly LoadSample[]): Knee {
  const merged = merge(samples);
  const loads = merged.map(({ load }) => load);
  const [least, most] = [Math.min(...loads) / 4, Math.max(...loads)];
  const never = likeliest(merged, [Number.POSITIVE_INFINITY]);
  const candidates: number[] = [];
  for (let load = most; load >= least; load /= stepOfLoad) candidates.push(load);
  const bent = likeliest(merged, candidates);
  return bent.likelihood > never.likelihood + evidence ? bent.knee : never.knee;
}

/** Requests at one load, as they count. */
interface Outcome {
  readonly load: number;
  readonly answered: number;
  readonly failed: number;
}

/** Samples of about the same load as one: there are few different ones, and each is looked at a thousand times. */
function merge(samples: readonly LoadSample[]): Outcome[] {
  const byStep = new Map<number, Outcome>();
  for (const { load, sent, failed, weight } of samples) {
    const step = Math.round(Math.log(load) / Math.log(stepOfLoad));
    const before = byStep.get(step) ?? { answered: 0, failed: 0 };
    const answered = before.answered + weight * (sent - failed);
    byStep.set(step, { load: stepOfLoad ** step, answered, failed: before.failed + weight * failed });
  }
  return [...byStep.values()];
}

function likeliest(samples: readonly Outcome[], loads: readonly number[]): { knee: Knee; likelihood: number } {
  let best = { knee: { share: 1, load: Number.POSITIVE_INFINITY }, likelihood: Number.NEGATIVE_INFINITY };
  for (const share of shares) {
    const prior = priorAnswers * Math.log(share);
    for (const load of loads) {
      const likelihood = samples.reduce((sum, sample) => sum + logLikelihood(sample, share, load), prior);
      if (likelihood > best.likelihood) best = { knee: { share, load }, likelihood };
    }
  }
  return best;
}

/** The share of requests that gets through at a load. */
export function shareAt(load: number, knee: Knee): number {
  return knee.share * Math.min(1, knee.load / load);
}

function logLikelihood({ load, answered, failed }: Outcome, share: number, knee: number): number {
  const passes = Math.max(0.001, share * Math.min(1, knee / load));
  return answered * Math.log(passes) + failed * Math.log(1 - passes);
}
