/**
 * What makes a run the same run, worked out from what `train` was given.
 *
 * @module
 */
import type { DataLoader } from "../data/data-loader.ts";
import type { Dataset } from "../data/dataset.ts";
import { fingerprintOfAll } from "../data/fingerprint.ts";
import type { JsonValue } from "../data/json.ts";
import { isByScore } from "../data/objectives.ts";
import { forwardOfModel, type Module } from "../graph/module.ts";
import { moduleCode, readingCode } from "../graph/module-code.ts";
import type { Guide } from "../guides/guide.ts";
import { guideCode } from "../guides/guide-code.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { RunIdentity } from "../trainer/run-keeper.ts";
import type { TrainSettings } from "./train-settings.ts";

/** What an algorithm adds to the identity of its runs. */
export interface IdentityPart {
  readonly options?: Readonly<Record<string, JsonValue>>;
  readonly datasets?: Readonly<Record<string, Dataset<unknown, unknown>>>;
  /** Guides besides that of the training, by name. */
  readonly guides?: Readonly<Record<string, Guide<never, never, never>>>;
}

/** The parts that the identity is made of. */
export interface IdentityParts<X, Info> extends IdentityPart {
  readonly algorithm: string;
  readonly agent: Module;
  readonly guide: Guide<never, never, never>;
  readonly optimizer: Optimizer;
  readonly loader: DataLoader<X, Info>;
  readonly settings: TrainSettings<X, Info>;
}

/** Which run this is. Limits (epochs, budget, time, threads) may change from one process to the next and are no part of it. */
export function identityOf<X, Info>(parts: IdentityParts<X, Info>): RunIdentity {
  const { algorithm, agent, guide, optimizer, loader, settings, options = {}, datasets = {}, guides = {} } = parts;
  const { batchSize, shuffle, dropLast, replacement } = loader;
  const { ensureImprovement, improvementThreshold, evalFrequency, numEvalSamples, minScore } = settings;
  const ofOptimizer = Object.entries(optimizer.settings()).map(([name, value]) => [`optimizer.${name}`, value]);
  const compared = isByScore(settings.objective) ? {} : { objective: settings.objective as unknown as JsonValue };
  const loop = { ensureImprovement, improvementThreshold, evalFrequency, numEvalSamples, minScore, ...compared };
  return {
    name: nameOf(agent),
    algorithm,
    optimizer: optimizer.constructor.name,
    seed: loader.seed,
    options: { batchSize, shuffle, dropLast, replacement, ...loop, ...options, ...Object.fromEntries(ofOptimizer) },
    datasets: fingerprints({ train: loader.dataset, ...datasets }),
    shape: Object.fromEntries([...agent.namedParameters()].map(([path, parameter]) => [path, typeName(parameter.peek())])),
    parameters: agent.candidate(),
    code: codeOf(agent, { guide, ...guides }),
    ...originsOf(agent),
  };
}

function originsOf(agent: Module): Pick<RunIdentity, "origins"> {
  const records = [...agent.namedParameters()].flatMap(([path, { origin }]) => (origin ? [[path, origin.record] as const] : []));
  return records.length === 0 ? {} : { origins: Object.fromEntries(records) };
}

/** The name of the class, or of the function that `model` was given; where it has none, the names of the parameters. */
function nameOf(agent: Module): string {
  const forward = forwardOfModel(agent);
  if (forward === undefined || forward.name !== "") return agent.constructor.name;
  const fields = new Set([...agent.namedParameters().keys()].map((path) => path.split(".")[0] as string));
  return [...fields].slice(0, mostNames).join("-") || agent.constructor.name;
}

const mostNames = 3;

function codeOf(agent: Module, guides: Readonly<Record<string, Guide<never, never, never>>>): Record<string, string> {
  const different = Object.entries(guides).filter(
    ([, guide], index, all) => all.findIndex(([, other]) => other === guide) === index,
  );
  return readingCode((codeFingerprint) => {
    const ofGuides = different.map(([name, guide]) => guideCode(guide, name, codeFingerprint));
    return Object.assign({ ...moduleCode(agent, "agent", codeFingerprint) }, ...ofGuides);
  });
}

interface DatasetFingerprint {
  readonly examples: number;
  readonly sha256: string;
}

/** Each dataset is read once, also when it serves as several. */
function fingerprints(datasets: Readonly<Record<string, Dataset<unknown, unknown>>>): Record<string, DatasetFingerprint> {
  const known = new Map<Dataset<unknown, unknown>, DatasetFingerprint>();
  for (const dataset of Object.values(datasets)) {
    if (known.has(dataset)) continue;
    known.set(dataset, { examples: dataset.length, sha256: fingerprintOfAll(pairsOf(dataset)) });
  }
  return Object.fromEntries(Object.entries(datasets).map(([name, dataset]) => [name, known.get(dataset) as DatasetFingerprint]));
}

function* pairsOf(dataset: Dataset<unknown, unknown>): Generator<unknown> {
  for (const { input, info } of dataset) yield [input, info];
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
