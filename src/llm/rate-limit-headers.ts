/**
 * What the headers of a provider say about waiting: `retry-after`, and limits of which nothing remains.
 *
 * @module
 */

/** Headers of a reply. Names in any case; `fetch` gives them in lower case. */
export type ReplyHeaders = Readonly<Record<string, string>>;

/**
 * Milliseconds for which the headers of a refusal ask to wait, or `undefined` when they do not say.
 *
 * `retry-after-ms` comes before `retry-after` (seconds or a date), and both before a limit of which nothing remains.
 *
 * @param now milliseconds since 1970, against which dates are measured when the reply does not say when it was sent
 */
export function askedToWaitMs(headers: ReplyHeaders, now: number): number | undefined {
  const found = lowerCased(headers);
  const exact = numberOf(found.get("retry-after-ms"));
  if (exact !== undefined) return exact;
  const after = found.get("retry-after");
  const wait = after === undefined ? undefined : durationMs(after, sentAt(found) ?? now);
  return wait ?? exhaustedForMs(headers, now);
}

/**
 * Milliseconds until the last of the limits of which nothing remains is reset, or `undefined` when something remains of
 * all of them. Reads `x-ratelimit-remaining-requests` with `x-ratelimit-reset-requests`,
 * `anthropic-ratelimit-requests-remaining` with `anthropic-ratelimit-requests-reset`, and whatever else is named so.
 *
 * @param now milliseconds since 1970, against which dates are measured when the reply does not say when it was sent
 */
export function exhaustedForMs(headers: ReplyHeaders, now: number): number | undefined {
  const found = lowerCased(headers);
  const waits = [...found].flatMap(([name, value]) => {
    if (!/ratelimit/.test(name) || !/\bremaining\b/.test(name) || numberOf(value) !== 0) return [];
    const wait = durationMs(found.get(name.replace("remaining", "reset")) ?? "", sentAt(found) ?? now);
    return wait === undefined ? [] : [wait];
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** When the provider sent the reply, by the same clock as its other dates: that of this machine may be hours off. */
function sentAt(found: ReadonlyMap<string, string>): number | undefined {
  const date = Date.parse(found.get("date") ?? "");
  return Number.isNaN(date) ? undefined : date;
}

function lowerCased(headers: ReplyHeaders): Map<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]));
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+(\.\d+)?$/.test(text)) return undefined;
  return Number(text);
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `20`, `6m0s`, `120ms`, a moment in seconds or milliseconds since 1970, or a date: as milliseconds from now, never negative. */
function durationMs(text: string, now: number): number | undefined {
  const plain = numberOf(text);
  if (plain !== undefined) {
    // No one is asked to wait for thirty years: numbers as large as that are moments.
    if (plain > 1e12) return Math.max(0, plain - now);
    return plain > 1e9 ? Math.max(0, plain * 1000 - now) : plain * 1000;
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
    return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * unitsMs[unit as string]!, 0);
  }
  // Date.parse takes "-1" for a year.
  const moment = /^([a-z]{3},|\d{4}-\d\d)/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}
