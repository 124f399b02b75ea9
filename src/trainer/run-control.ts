/**
 * The brakes of a run.
 *
 * @module
 */
import type { StopError } from "../errors.ts";
import type { CallControl } from "../llm/call-services.ts";

/**
 * Once asked to stop, a run starts nothing new: no rollout, no call of a model. What is in flight ends, is recorded, and the
 * run ends with the reason as its result.
 */
export class RunControl implements CallControl {
  #stopped: StopError | undefined;
  readonly #listeners = new Set<() => void>();

  /** Why the run stops; `undefined` while it goes on. */
  get stopped(): StopError | undefined {
    return this.#stopped;
  }

  /** Asks for the end. The first reason counts. */
  stop(reason: StopError): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = reason;
    for (const listener of this.#listeners) listener();
  }

  /**
   * Hears of the stop when it comes.
   *
   * @returns a function that listens no more
   */
  onStop(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws StopError when the run was asked to stop */
  throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped;
  }
}
