/**
 * `WaitTally`: how often calls of models were made again, and how long they waited for limits, as a fold over marks.
 *
 * @module
 */
import type { Waits } from "./api.ts";
import type { Fields } from "./line-store.ts";

/** How many waits are kept one by one, and how many different reasons. */
const mostWaits = 500;
const mostReasons = 200;

type Reason = { -readonly [Name in keyof Waits["byReason"][number]]: Waits["byReason"][number][Name] };

/** Adds up the marks of retries and waits. */
export class WaitTally {
  #retries = 0;
  #waitedMs = 0;
  readonly #reasons = new Map<string, Reason>();
  readonly #waiting = new Map<string, string>();
  #waits: Waits["waits"][number][] = [];

  add({ mark, model, reason, time, delayMs, waitedMs }: Fields): void {
    const name = String(model);
    if (mark === "model-retry") {
      this.#retries++;
      const key = `${name} ${String(reason)}`;
      const known = this.#reasons.get(key) ?? { model: name, reason: String(reason), count: 0, delayMs: 0 };
      if (!this.#reasons.has(key) && this.#reasons.size >= mostReasons) return;
      known.count++;
      known.delayMs += typeof delayMs === "number" ? delayMs : 0;
      this.#reasons.set(key, known);
    } else if (mark === "model-waiting") this.#waiting.set(name, String(reason));
    else if (mark === "model-wait-end") {
      const ms = typeof waitedMs === "number" ? waitedMs : 0;
      this.#waitedMs += ms;
      this.#waits.push({ model: name, reason: this.#waiting.get(name) ?? "a limit", at: String(time), waitedMs: ms });
      if (this.#waits.length > mostWaits) this.#waits = this.#waits.slice(-mostWaits / 2);
      this.#waiting.delete(name);
    }
  }

  view(): Waits {
    const byReason = [...this.#reasons.values()].sort((a, b) => b.count - a.count).map((reason) => ({ ...reason }));
    return { retries: this.#retries, byReason, waits: [...this.#waits], waitedMs: this.#waitedMs };
  }
}
