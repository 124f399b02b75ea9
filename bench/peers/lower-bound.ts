/**
 * The shortest time in which requests can be made, whatever the schedule.
 *
 * @module
 */

/** A request with how long it takes. */
export interface TimedRequest<Kind extends string> {
  readonly kind: Kind;
  readonly ms: number;
}

/** What a schedule has to obey. */
export interface Schedule<Kind extends string> {
  /** The kinds of request of which each has to wait for one of the kind before it: the algorithm's own order. */
  readonly chain: readonly Kind[];
  /** The most requests at once. */
  readonly width: number;
}

/**
 * Milliseconds: the critical path, on which the longest request of every kind in the chain lies, or all the work spread over
 * the whole width, whichever is longer.
 */
export function lowerBoundMs<Kind extends string>(
  requests: readonly TimedRequest<Kind>[],
  { chain, width }: Schedule<Kind>,
): number {
  const longest = (kind: Kind): number => Math.max(0, ...requests.filter((request) => request.kind === kind).map(({ ms }) => ms));
  const criticalPath = chain.reduce((sum, kind) => sum + longest(kind), 0);
  const work = requests.reduce((sum, { ms }) => sum + ms, 0);
  return Math.max(criticalPath, work / width);
}

/** Milliseconds for `count` requests of the same length: full rounds of `width`, and one for the rest. */
export function idealMakespanMs(count: number, ms: number, width: number): number {
  return Math.ceil(count / width) * ms;
}
