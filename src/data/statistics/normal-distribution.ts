/**
 * The standard normal distribution: its distribution function and its quantiles.
 *
 * @module
 */

/** The value below which a standard normal number is with this probability, by bisection of its distribution function. */
export function normalQuantile(probability: number): number {
  let [low, high] = [-10, 10];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (normalProbability(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The probability that a standard normal number is at most `x`, by the series of Marsaglia (2004). */
export function normalProbability(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < -8) return 0;
  if (x > 8) return 1;
  let [sum, term] = [0, x];
  for (let odd = 3; sum + term !== sum; odd += 2) {
    sum += term;
    term *= (x * x) / odd;
  }
  return 0.5 + sum * (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI));
}
