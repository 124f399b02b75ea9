/**
 * Search spaces: the values of parameters with domains as points with one number a dimension, and back.
 *
 * @module
 */
import { type JsonValue, jsonEqual } from "../data/json.ts";
import type { Random } from "../data/random.ts";
import type { Domain } from "../graph/domain.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { Candidate } from "../graph/with-values.ts";
import { categorical, type Density, gaussianMixture } from "./parzen.ts";

/** One number a dimension: a place on a scale, the index of a choice, or 1 for an element that is in a subset. */
export type Point = readonly number[];

/** One dimension of the space. */
export interface Dimension {
  /** The density of the values that were observed here. */
  fit(observed: readonly number[], priorWeight: number): Density;
  /** The value of the space that is nearest to a drawn one. */
  snap(value: number): number;
}

/** The part of the space that one parameter takes up. */
interface Region {
  readonly name: string;
  readonly domain: Domain;
  readonly dimensions: readonly Dimension[];
}

/** All dimensions of the parameters that declare a domain: one for a range or a choice, one an element for a subset. */
export class SearchSpace {
  readonly dimensions: readonly Dimension[];
  readonly #regions: readonly Region[];

  constructor(parameters: ReadonlyMap<string, Parameter>) {
    this.#regions = [...parameters].flatMap(([name, { domain }]) => {
      return domain === undefined ? [] : [{ name, domain, dimensions: dimensionsOf(domain) }];
    });
    this.dimensions = this.#regions.flatMap(({ dimensions }) => dimensions);
  }

  /** The point of a candidate that names every parameter of the space. */
  encode(candidate: Candidate): Point {
    return this.#regions.flatMap(({ name, domain }) => encodeValue(domain, candidate[name] as JsonValue));
  }

  /** The candidate of a point. Subsets that are too small or too large gain or lose elements, each as likely as any other. */
  decode(point: Point, random: Random): Candidate {
    const candidate: Candidate = {};
    let start = 0;
    for (const { name, domain, dimensions } of this.#regions) {
      candidate[name] = decodeValue(domain, point.slice(start, start + dimensions.length), random.fork(name));
      start += dimensions.length;
    }
    return candidate;
  }
}

function dimensionsOf(domain: Domain): readonly Dimension[] {
  if (domain.kind === "choices") return [classes(domain.values.length)];
  if (domain.kind === "subset") return domain.pool.map(() => classes(2));
  const { integer, log } = domain;
  // A whole number stands for the cell around it, so that both ends are as likely as the values between.
  const half = integer ? 0.5 : 0;
  const low = scaled(domain.low - half, log, domain.low / 2);
  const high = scaled(domain.high + half, log, domain.low / 2);
  const step = integer && !log ? 1 : 0;
  const toScale = (value: number): number => scaled(value, log, domain.low / 2);
  return [
    {
      fit: (observed, priorWeight) => gaussianMixture(observed, low, high, step, priorWeight),
      snap: (place) => {
        const value = log ? Math.exp(place) : place;
        return toScale(Math.min(domain.high, Math.max(domain.low, integer ? Math.round(value) : value)));
      },
    },
  ];
}

function classes(size: number): Dimension {
  return { fit: (observed, priorWeight) => categorical(observed, size, priorWeight), snap: (value) => value };
}

/** `value`, or its logarithm; `least` keeps the cell around the lowest whole number above zero. */
function scaled(value: number, log: boolean, least: number): number {
  return log ? Math.log(Math.max(value, least)) : value;
}

function encodeValue(domain: Domain, value: JsonValue): number[] {
  if (domain.kind === "choices") return [domain.values.findIndex((choice) => jsonEqual(choice, value))];
  if (domain.kind === "range") return [domain.log ? Math.log(value as number) : (value as number)];
  const members = value as readonly JsonValue[];
  return domain.pool.map((element) => Number(members.some((member) => jsonEqual(member, element))));
}

function decodeValue(domain: Domain, point: Point, random: Random): JsonValue {
  const [first = 0] = point;
  if (domain.kind === "choices") return domain.values[first] as JsonValue;
  if (domain.kind === "range") {
    const value = domain.log ? Math.exp(first) : first;
    return Math.min(domain.high, Math.max(domain.low, domain.integer ? Math.round(value) : value));
  }
  const isIn = point.map((member) => member === 1);
  const indices = random.shuffle(domain.pool.map((_, index) => index));
  let size = isIn.filter(Boolean).length;
  for (const index of indices) {
    if (size >= domain.min && size <= domain.max) break;
    const wanted = size < domain.min;
    if (isIn[index] === wanted) continue;
    isIn[index] = wanted;
    size += wanted ? 1 : -1;
  }
  return domain.pool.filter((_, index) => isIn[index]);
}
