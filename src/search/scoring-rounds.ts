/**
 * The rollouts that score candidates, as work for a pool: round after round, and ahead of the round where a slot would be idle.
 *
 * @module
 */
import { after, type MaybePromise, settled } from "../data/maybe-promise.ts";
import { forkEvents } from "../graph/scope.ts";
import { HeldChannel } from "../trainer/event-stream.ts";
import type { Rollout } from "../trainer/rollout.ts";
import type { WorkSource } from "../trainer/work-pool.ts";
import type { DropReason, Race } from "./race.ts";

/** What rounds are made of. */
export interface RoundsParts {
  readonly race: Race;
  /** Rollouts of each candidate in a round. */
  readonly blockSize: number;
  /** The candidates that are scored; others of the race were before. */
  readonly runners: readonly number[];
  /** Whether the race knows what a rollout came to before it began. */
  readonly isKnown: (candidate: number, cell: number) => boolean;
  readonly perform: (candidate: number, cell: number, events: HeldChannel) => MaybePromise<Rollout<undefined>>;
  /** The score of a rollout, for the race; `null` when it could not be scored. */
  readonly scoreOf: (rollout: Rollout<undefined>) => number | null;
  /** Receives every rollout that counts, in logical order of the rounds. */
  readonly onRollout: (candidate: number, cell: number, rollout: Rollout<undefined>) => void;
  /** Whether nothing more is to be begun. */
  readonly isOver: () => boolean;
}

/** One rollout that was begun. */
interface Piece {
  readonly candidate: number;
  /** Which of the rollouts that each candidate makes. */
  readonly cell: number;
  readonly events: HeldChannel;
  /** Whether the round asks for it; else it was begun ahead of its round. */
  isInRound: boolean;
  isBegun: boolean;
  hasEnded: boolean;
  rollout: Rollout<undefined> | undefined;
  failure: { readonly error: unknown } | undefined;
}

/**
 * Scores candidates in rounds. After each round the race decides, from the results of the rounds so far and nothing else, who
 * continues; so which rollouts count, and what is reported of them, does not depend on timing.
 *
 * While a round waits for its last rollouts, idle slots go ahead with rollouts of later rounds, of candidates that by
 * all that is known could still win. They count when their round comes and asks for them, and are forgotten otherwise.
 */
export class ScoringRounds implements WorkSource {
  /** Resolves when each candidate that can still win is scored, or when nothing is in work after a failure or the stop of the run. */
  readonly ended: Promise<void>;
  readonly #parts: RoundsParts;
  readonly #pieces = new Map<number, Piece>();
  /** The rollouts of the round, in logical order, and how many of them were looked at. */
  #round: Piece[] = [];
  #begun = 0;
  /** Rollouts of the round that have not ended. */
  #open = 0;
  #inWork = 0;
  #isDone = false;
  #hasFailed = false;
  /** Which candidates are eliminated by all that is known, and how many rollouts ago that was found. */
  #out: readonly (DropReason | undefined)[] = [];
  #outAge = Number.POSITIVE_INFINITY;
  /** Up to which place each candidate has nothing left to begin. */
  readonly #begunTo = new Map<number, number>();
  #end: () => void = () => {};

  constructor(parts: RoundsParts) {
    this.#parts = parts;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#beginRound();
    this.#advance();
  }

  take(): (() => MaybePromise<void>) | undefined {
    if (this.#isDone || this.#hasFailed || this.#parts.isOver()) {
      this.settle();
      return undefined;
    }
    while (this.#begun < this.#round.length) {
      const piece = this.#round[this.#begun++] as Piece;
      if (!piece.isBegun) return this.#begin(piece);
    }
    return this.#ahead();
  }

  /** Whether every candidate that can still win is scored. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Notices that nothing more will be done. */
  settle(): void {
    if (this.#isDone || (this.#inWork === 0 && (this.#hasFailed || this.#parts.isOver()))) this.#end();
  }

  /** Forgets what does not count; what is still in work ends unreported. */
  close(): void {
    for (const { events } of this.#pieces.values()) events.discard();
    this.#pieces.clear();
  }

  /** @throws the error of the earliest rollout that has failed */
  throwFailure(): void {
    const failed = this.#hasFailed ? this.#round.find(({ failure }) => failure !== undefined) : undefined;
    if (failed?.failure !== undefined) throw failed.failure.error;
  }

  #begin(piece: Piece): () => MaybePromise<void> {
    piece.isBegun = true;
    this.#inWork++;
    return () => {
      // The event loop may have turned since it was taken, and another rollout failed.
      if (this.#hasFailed) {
        this.#inWork--;
        return this.settle();
      }
      const { candidate, cell, events } = piece;
      const { perform, race, scoreOf } = this.#parts;
      return settled(
        () =>
          after(perform(candidate, cell, events), (rollout) => {
            piece.rollout = rollout;
            race.note(candidate, cell, scoreOf(rollout));
            this.#outAge++;
          }),
        () => this.#ended(piece),
        (error) => {
          piece.failure = { error };
          this.#ended(piece);
        },
      );
    };
  }

  #ended(piece: Piece): void {
    piece.events.close();
    piece.hasEnded = true;
    this.#inWork--;
    if (piece.isInRound) this.#finish(piece);
    this.settle();
  }

  /** A rollout of a later round, of the candidate that has fewest. */
  #ahead(): (() => MaybePromise<void>) | undefined {
    const { race, runners, blockSize } = this.#parts;
    // A verdict looks at every score.
    if (this.#outAge >= Math.max(runners.length, blockSize)) {
      this.#out = race.verdict("known");
      this.#outAge = 0;
    }
    let best: { readonly candidate: number; readonly place: number } | undefined;
    for (const candidate of runners) {
      if (this.#out[candidate] !== undefined) continue;
      let place = Math.max(race.confirmed(candidate), this.#begunTo.get(candidate) ?? 0);
      while (place < race.size && this.#isBegun(candidate, race.order[place] as number)) place++;
      this.#begunTo.set(candidate, place);
      if (place < (best?.place ?? race.size)) best = { candidate, place };
    }
    return best && this.#begin(this.#pieceOf(best.candidate, race.order[best.place] as number));
  }

  #isBegun(candidate: number, cell: number): boolean {
    return this.#parts.isKnown(candidate, cell) || this.#pieces.has(this.#key(candidate, cell));
  }

  #finish({ failure }: Piece): void {
    if (failure !== undefined) this.#hasFailed = true;
    this.#open--;
    this.#advance();
  }

  /** After the last rollout of a round the next round begins. */
  #advance(): void {
    while (this.#open === 0 && !this.#hasFailed && !this.#isDone) {
      const { race, onRollout } = this.#parts;
      for (const { candidate, cell, rollout } of this.#round) {
        if (rollout !== undefined) onRollout(candidate, cell, rollout);
        race.confirm(candidate, race.confirmed(candidate) + 1);
        this.#pieces.delete(this.#key(candidate, cell));
      }
      this.#beginRound();
    }
  }

  /** Each candidate that can still win makes its next rollouts; a front runner alone makes all that it has left. */
  #beginRound(): void {
    const { race, runners, blockSize } = this.#parts;
    const out = race.verdict("confirmed");
    const running = runners.filter((candidate) => out[candidate] === undefined && race.confirmed(candidate) < race.size);
    this.#round = [];
    this.#begun = 0;
    this.#open = 0;
    const first = blockSize < race.size ? race.frontRunners(running) : [];
    const [runningNow, size] = first.length > 0 ? [first, race.size] : [running, blockSize];
    for (let offset = 0; offset < size; offset++) {
      for (const candidate of runningNow) {
        const cell = race.order[race.confirmed(candidate) + offset];
        if (cell !== undefined) this.#round.push(this.#pieceOf(candidate, cell));
      }
    }
    this.#isDone = this.#round.length === 0;
    const lanes = forkEvents(this.#round.length);
    for (const [index, piece] of this.#round.entries()) {
      piece.isInRound = true;
      const lane = lanes?.[index];
      if (lane !== undefined) piece.events.attach(lane);
      if (!piece.hasEnded) this.#open++;
      if (piece.failure !== undefined) this.#hasFailed = true;
    }
  }

  #pieceOf(candidate: number, cell: number): Piece {
    const key = this.#key(candidate, cell);
    const begun = this.#pieces.get(key);
    if (begun !== undefined) return begun;
    const isKnown = this.#parts.isKnown(candidate, cell);
    const events = new HeldChannel();
    if (isKnown) events.close();
    const state = { isInRound: false, isBegun: isKnown, hasEnded: isKnown, rollout: undefined, failure: undefined };
    const piece: Piece = { candidate, cell, events, ...state };
    this.#pieces.set(key, piece);
    return piece;
  }

  #key(candidate: number, cell: number): number {
    return candidate * this.#parts.race.size + cell;
  }
}
