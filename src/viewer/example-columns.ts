/**
 * Examples in columns, because there may be millions of them: `ExampleSums` has sums over all candidates, `ExampleSet` says which examples there were.
 *
 * @module
 */

/** Sums of one metric. */
export interface MetricSums {
  sums: Float64Array;
  counts: Uint32Array;
}

/** Beyond it the number of an example is damaged. */
const mostExamples = 50_000_000;

/** Whether there may be an example of this number. */
export function isExample(example: unknown): example is number {
  return typeof example === "number" && (example | 0) === example && example >= 0 && example < mostExamples;
}

/** Collects what candidates came to on the examples of one dataset. */
export class ExampleSums {
  /** How many examples there are. */
  length = 0;
  failed: Uint32Array = new Uint32Array(0);
  /** How many of the failures have no score. */
  blank: Uint32Array = new Uint32Array(0);
  readonly #metrics = new Map<string, MetricSums>();

  /** @returns whether there may be an example of this number */
  reserve(example: unknown): example is number {
    if (!isExample(example)) return false;
    if (example < this.length) return true;
    this.length = example + 1;
    if (this.length <= this.failed.length) return true;
    const size = Math.max(this.length, Math.min(2 * this.failed.length, this.length + 100_000));
    this.failed = wider(this.failed, new Uint32Array(size));
    this.blank = wider(this.blank, new Uint32Array(size));
    for (const metric of this.#metrics.values()) {
      metric.sums = wider(metric.sums, new Float64Array(size));
      metric.counts = wider(metric.counts, new Uint32Array(size));
    }
    return true;
  }

  /** Adds scores of a metric. @param examples those of the scores */
  add(metric: string, examples: readonly unknown[], scores: readonly unknown[]): void {
    const columns = this.#metrics.get(metric) ?? this.#newColumns(metric);
    for (let at = 0; at < scores.length; at++) {
      const [example, score] = [examples[at], scores[at]];
      if (typeof score !== "number" || !this.reserve(example)) continue;
      columns.sums[example] = (columns.sums[example] as number) + score;
      columns.counts[example] = (columns.counts[example] as number) + 1;
    }
  }

  /** The mean of a metric on an example; `null` where there is none. @param lowest what a failure without a score counts as */
  mean(metric: string, example: number, lowest: number): number | null {
    const blank = this.blank[example] ?? 0;
    const { sums, counts } = this.#metrics.get(metric) ?? {};
    const count = (counts?.[example] ?? 0) + blank;
    return count === 0 ? null : ((sums?.[example] ?? 0) + blank * lowest) / count;
  }

  #newColumns(metric: string): MetricSums {
    const size = this.failed.length;
    const columns = { sums: new Float64Array(size), counts: new Uint32Array(size) };
    this.#metrics.set(metric, columns);
    return columns;
  }
}

/** A set of examples by their number, a bit for each: ten thousand candidates have one each. */
export class ExampleSet {
  #bits = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(example: number): void {
    const [place, bit] = [example >> 3, 1 << (example & 7)];
    if (place >= this.#bits.length) {
      const wider = new Uint8Array(Math.max(place + 1, Math.min(2 * this.#bits.length, place + 1_024)));
      wider.set(this.#bits);
      this.#bits = wider;
    }
    const byte = this.#bits[place] as number;
    if ((byte & bit) !== 0) return;
    this.#bits[place] = byte | bit;
    this.#size++;
  }

  /** Adds those of another. */
  addAll(other: ExampleSet): void {
    if (this.#size === 0) {
      this.#bits = other.#bits.slice();
      this.#size = other.#size;
      return;
    }
    for (let example = 0; example < other.#bits.length * 8; example++) if (other.has(example)) this.add(example);
  }

  has(example: number): boolean {
    return ((this.#bits[example >> 3] ?? 0) & (1 << (example & 7))) !== 0;
  }
}

/** Makes room for more. */
function wider<Column extends Float64Array | Uint32Array>(column: Column, room: Column): Column {
  room.set(column);
  return room;
}
