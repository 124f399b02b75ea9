/**
 * What was measured so far, cell by cell.
 *
 * @module
 */
import { median } from "../benchmark.ts";
import type { Cell, Results } from "./results.ts";

/** Collects samples and failures of a run, and makes the medians in the end. */
export class Tally {
  readonly #cells = new Map<string, Map<string, { samples: number[]; failed?: string; without?: string }>>();

  readonly #failures = new Map<string, number>();

  add(row: string, peer: string, sample: number): void {
    this.#cell(row, peer).samples.push(sample);
  }

  fail(row: string, peer: string, reason: string): void {
    this.#cell(row, peer).failed = reason;
    const key = `${row} ${peer}`;
    this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1);
  }

  /** Whether it failed twice: another round may take its whole time limit to fail again. */
  isHopeless(row: string, peer: string): boolean {
    return (this.#failures.get(`${row} ${peer}`) ?? 0) >= 2;
  }

  /** Whether a peer took at least `times` as long as another so far: further rounds would not change that. */
  isFarBehind(row: string, peer: string, other: string, times: number): boolean {
    const [own, others] = [this.#cell(row, peer).samples, this.#cell(row, other).samples];
    return own.length > 0 && others.length > 0 && median(own) >= times * Math.max(0, median(others));
  }

  /** The peer is not measured in this row at all. */
  leaveOut(row: string, peer: string, reason: string): void {
    this.#cell(row, peer).without = reason;
  }

  /** Medians, by row and peer; samples with the five digits that may mean something. */
  rows(): Results["rows"] {
    const finished = [...this.#cells].map(([row, ofRow]): [string, Record<string, Cell>] => {
      const byPeer = [...ofRow].map(([peer, { samples, ...why }]): [string, Cell] => {
        const rounded = samples.map((sample) => Number(sample.toPrecision(5)));
        return [peer, { median: samples.length === 0 ? null : median(rounded), samples: rounded, ...why }];
      });
      return [row, Object.fromEntries(byPeer)];
    });
    return Object.fromEntries(finished);
  }

  #cell(row: string, peer: string): { samples: number[]; failed?: string; without?: string } {
    const ofRow = this.#cells.get(row) ?? new Map();
    this.#cells.set(row, ofRow);
    const own = ofRow.get(peer) ?? { samples: [] };
    ofRow.set(peer, own);
    return own;
  }
}
