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
  #isAsked = false;
  readonly #listeners = new Set<() => void>();

  /** Why the run stops; `undefined` while it goes on. */
  get stopped(): StopError | undefined {
    return this.#stopped;
  }

  /** Whether a person has asked for the end from outside the process, and is told that it comes. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Asks for the end. The first reason counts. @param isAsked whether a person does, from outside the process */
  stop(reason: StopError, { isAsked = false }: { readonly isAsked?: boolean } = {}): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = reason;
    this.#isAsked = isAsked;
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
