/**
 * `BlockDetector`: tells a lane that is truly blocked from one where some requests are refused.
 *
 * @module
 */

/** One request as the detector remembers it. */
export interface SentRequest {
  readonly sentAt: number;
  refused: boolean;
}

/** So many refusals in a row happen by chance once in two hundred times when 40% are refused. */
const enough = 6;

/**
 * A lane is blocked when the last requests that were sent, all of them, were refused, and nothing that was sent before
 * them is being answered either. Then a pause costs nothing, and each further request would only annoy.
 */
export class BlockDetector {
  #recent: SentRequest[] = [];
  #answeredAt = Number.NEGATIVE_INFINITY;
  #refusingSince: number | undefined;
  #pauses = 0;

  /** Since when nothing but refusals came; `undefined` when the last news was better. Milliseconds of the lane's clock. */
  get refusingSince(): number | undefined {
    return this.#refusingSince;
  }

  /** How many pauses there have been since the last answer. */
  get pauses(): number {
    return this.#pauses;
  }

  sent(now: number): SentRequest {
    const request = { sentAt: now, refused: false };
    this.#recent.push(request);
    if (this.#recent.length > enough) this.#recent.shift();
    return request;
  }

  answered(now: number): void {
    this.#answeredAt = now;
    this.#refusingSince = undefined;
    this.#pauses = 0;
  }

  /**
   * Tells of a refusal; true when the lane is blocked, which is then counted as a pause.
   *
   * @param inFlight how many other requests are still under way
   * @param usualMs how long an answer takes: what was sent longer ago will not be answered
   */
  refused(request: SentRequest, { now, inFlight, usualMs }: { now: number; inFlight: number; usualMs: number }): boolean {
    request.refused = true;
    this.#refusingSince ??= now;
    const [first] = this.#recent;
    if (first === undefined || this.#recent.length < enough || this.#recent.some(({ refused }) => !refused)) return false;
    if (this.#answeredAt >= first.sentAt) return false;
    if (inFlight > 0 && now - first.sentAt < 2 * usualMs) return false;
    this.#recent = [];
    this.#pauses += 1;
    return true;
  }
}
