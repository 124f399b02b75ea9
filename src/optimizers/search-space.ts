/**
 * Search spaces: the values of parameters with domains as points with one number a dimension, and back.
 *
 * @module
 */
import { canonicalJson, type JsonValue } from "../data/json.ts";
import type { Random } from "../data/random.ts";
import type { ChoicesDomain, Domain, RangeDomain, SubsetDomain } from "../graph/domain.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { Candidate } from "../graph/with-values.ts";
import { categorical, gaussianMixture } from "./parzen.ts";

/** One number a dimension: the number itself, the index of a choice, or 1 for an element that is in a subset. */
export type Point = readonly number[];

/** The likelihood of the values of one dimension. */
export interface Density {
  /** One value of the dimension. */
  draw(random: Random): number;
  /** The logarithm of how likely a value is; comparable between densities of the same dimension only. */
  logOf(value: number): number;
}

/** One dimension of a space. */
export interface Dimension {
  /** False where there is only one value, so that there is nothing to search. */
  readonly varies: boolean;
  /** The density of values that were observed here; of none, the prior. */
  fit(observed: readonly number[], priorWeight: number): Density;
}

/** All dimensions of the parameters that declare a domain: one for a range or a choice, one an element for a subset. */
export class SearchSpace {
  readonly dimensions: readonly Dimension[];
  readonly #regions: readonly Region[];

  constructor(parameters: ReadonlyMap<string, Parameter>) {
    this.#regions = [...parameters].flatMap(([name, { domain }]) => (domain === undefined ? [] : [regionOf(name, domain)]));
    this.dimensions = this.#regions.flatMap(({ dimensions }) => dimensions);
  }

  /** The point of a candidate. It must name every parameter of the space and fit the domains; others do not count. */
  encode(candidate: Candidate): Point {
    return this.#regions.flatMap(({ name, encode }) => encode(candidate[name] as JsonValue));
  }

  /** The candidate of a point. */
  decode(point: Point): Candidate {
    return Object.fromEntries(this.#slices(point).map(([{ name, decode }, part]) => [name, decode(part)]));
  }

  /** The point, with elements added to subsets that are too small and taken from those too large, each as likely as any other. */
  repair(point: Point, random: Random): Point {
    return this.#slices(point).flatMap(([{ sizes }, part]) => (sizes === undefined ? part : resized(part, sizes, random)));
  }

  #slices(point: Point): (readonly [Region, Point])[] {
    let end = 0;
    return this.#regions.map((region) => {
      const start = end;
      end += region.dimensions.length;
      return [region, point.slice(start, end)];
    });
  }
}

/** The part of a space that one parameter takes up. */
interface Region {
  readonly name: string;
  readonly dimensions: readonly Dimension[];
  encode(value: JsonValue): Point;
  decode(point: Point): JsonValue;
  /** How many ones there may be. */
  readonly sizes?: { readonly min: number; readonly max: number };
}

function regionOf(name: string, domain: Domain): Region {
  switch (domain.kind) {
    case "range":
      return { name, dimensions: [scale(domain)], encode: (value) => [value as number], decode: ([value]) => value as number };
    case "choices":
      return choicesRegion(name, domain);
    case "subset":
      return subsetRegion(name, domain);
  }
}

function choicesRegion(name: string, { values }: ChoicesDomain): Region {
  const indexOf = new Map(values.map((value, index) => [canonicalJson(value), index]));
  return {
    name,
    dimensions: [classes(values.length, values.length > 1)],
    encode: (value) => [indexOf.get(canonicalJson(value)) as number],
    decode: ([index]) => values[index as number] as JsonValue,
  };
}

function subsetRegion(name: string, { pool, min, max }: SubsetDomain): Region {
  const keys = pool.map(canonicalJson);
  const varies = max > 0 && min < pool.length;
  return {
    name,
    dimensions: pool.map(() => classes(2, varies)),
    encode: (value) => {
      const members = new Set((value as readonly JsonValue[]).map(canonicalJson));
      return keys.map((key) => Number(members.has(key)));
    },
    decode: (point) => pool.filter((_, index) => point[index] === 1),
    sizes: { min, max },
  };
}

function classes(size: number, varies: boolean): Dimension {
  return {
    varies,
    fit: (observed, priorWeight) => {
      const { draw, logMass } = categorical(observed, size, priorWeight);
      return { draw, logOf: logMass };
    },
  };
}

/** A whole number stands for the cell around it, so that both ends are as likely as what lies between. */
function scale({ low, high, integer, log }: RangeDomain): Dimension {
  const place = log ? Math.log : (value: number) => value;
  const half = integer ? 0.5 : 0;
  const [from, to] = [place(low - half), place(high + half)];
  const valueAt = (drawn: number): number => {
    const value = log ? Math.exp(drawn) : drawn;
    return Math.min(high, Math.max(low, integer ? Math.round(value) : value));
  };
  return {
    varies: low < high,
    fit: (observed, priorWeight) => {
      const mixture = gaussianMixture(observed.map(place), from, to, priorWeight);
      const draw = (random: Random): number => valueAt(mixture.draw(random));
      if (!integer) return { draw, logOf: (value) => mixture.logDensity(place(value)) };
      // The same few numbers are asked for again and again.
      const known = new Map<number, number>();
      const logOf = (value: number): number => {
        const logMass = known.get(value) ?? mixture.logMass(place(value - half), place(value + half));
        known.set(value, logMass);
        return logMass;
      };
      return { draw, logOf };
    },
  };
}

function resized(members: Point, { min, max }: { readonly min: number; readonly max: number }, random: Random): Point {
  const size = members.reduce((sum, member) => sum + member, 0);
  if (size >= min && size <= max) return members;
  const [surplus, count] = size > max ? [1, size - max] : [0, min - size];
  const candidates = members.flatMap((member, index) => (member === surplus ? [index] : []));
  const changed = new Set(random.sample(candidates, count));
  return members.map((member, index) => (changed.has(index) ? 1 - member : member));
}
