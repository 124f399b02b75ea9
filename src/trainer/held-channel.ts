/**
 * A channel whose events are kept until it is known where they belong, or whether they count at all.
 *
 * @module
 */
import { type AmbientEvent, type EventChannel, noListeners } from "../graph/scope.ts";

/** Keeps events, also of channels forked from it, until it is attached; from then on it hands them on at once. */
export class HeldChannel implements EventChannel {
  #target: EventChannel | undefined;
  #kept: (AmbientEvent | readonly HeldChannel[])[] = [];
  #isClosed = false;

  emit(event: AmbientEvent): void {
    if (this.#target === undefined) this.#kept.push(event);
    else this.#target.emit(event);
  }

  fork(count: number): readonly EventChannel[] {
    if (this.#target !== undefined) return this.#target.fork(count);
    const forks = Array.from({ length: count }, () => new HeldChannel());
    this.#kept.push(forks);
    return forks;
  }

  close(): void {
    this.#isClosed = true;
    this.#target?.close();
  }

  /** Hands on all that was kept, and what comes. */
  attach(target: EventChannel): void {
    this.#target = target;
    for (const kept of this.#kept.splice(0)) {
      if (!Array.isArray(kept)) target.emit(kept as AmbientEvent);
      else for (const [index, channel] of target.fork(kept.length).entries()) kept[index]?.attach(channel);
    }
    if (this.#isClosed) target.close();
  }

  /** Forgets what was kept: it does not count. */
  discard(): void {
    this.attach(noListeners);
  }
}
