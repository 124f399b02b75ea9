/**
 * `milestone`: something that a test waits for by name instead of by the clock.
 *
 * @module
 */

/** Something that happens once. */
export interface Milestone {
  /** Resolves when it has happened. */
  readonly reached: Promise<void>;
  /** Says that it has happened; later calls say nothing new. */
  readonly reach: () => void;
}

/** One that has not happened yet. */
export function milestone(): Milestone {
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return { reached, reach };
}
