/**
 * The words that say what of a problem is not shown.
 *
 * @module
 */

/** The line that stands in the code in place of operations. */
export function hiddenOperations(count: number): string {
  return `… ${count === 1 ? "1 operation is" : `${count} operations are`} not shown …`;
}

/** The sentence that stands for variables that no output depends on. */
export function hiddenVariables(count: number): string {
  return count === 1
    ? "1 variable that no output depends on is not shown"
    : `${count} variables that no output depends on are not shown`;
}

/** What was left out, counted. */
export interface LeftOut {
  /** Scores of the outputs that are not shown; `null` for one without. */
  readonly droppedScores: readonly (number | null)[];
  /** All outputs that something was said about. */
  readonly outputs: number;
  /** Operations of the runs in the code that are not shown. */
  readonly hiddenOperations: number;
  /** Mean scores of batches that were taken apart: what each example of them scored is not known. */
  readonly batchScores: readonly number[];
  readonly droppedAttempts: number;
  readonly attempts: number;
  /** About how many characters of a value are shown; `undefined` when no more are cut than ever. */
  readonly valueLength: number | undefined;
}

/** A sentence for each thing that was left out, without its full stop. */
export function leftOutTexts(left: LeftOut): readonly string[] {
  const { droppedScores, outputs, droppedAttempts, attempts, valueLength } = left;
  const texts: string[] = [];
  if (droppedScores.length > 0) {
    texts.push(`${droppedScores.length} of ${outputs} outputs are not shown: ${scoresText(droppedScores)}`);
  }
  for (const score of left.batchScores) texts.push(`The scores of single outputs are not known; their mean is ${score}`);
  if (left.hiddenOperations > 0) {
    const those = left.hiddenOperations === 1 ? "1 operation" : `${left.hiddenOperations} operations`;
    texts.push(`${those} in the middle of long computations ${left.hiddenOperations === 1 ? "is" : "are"} not shown`);
  }
  if (droppedAttempts > 0) texts.push(`The worst ${droppedAttempts} of ${attempts} earlier attempts are not shown`);
  if (valueLength !== undefined) texts.push(`Values are shortened in the middle, most to about ${valueLength} characters`);
  return texts;
}

function scoresText(scores: readonly (number | null)[]): string {
  const given = scores.filter((score) => score !== null);
  if (given.length === 0) return "those with the least to learn from";
  const least = given.reduce((a, b) => Math.min(a, b));
  const most = given.reduce((a, b) => Math.max(a, b));
  const range = least === most ? `score ${least}` : `scores ${least} to ${most}`;
  const without = scores.length - given.length;
  return without === 0 ? range : `${range}, and ${without} without a score`;
}
