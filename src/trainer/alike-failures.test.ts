/**
 * What a task ends with when none of its rollouts has a score.
 *
 * @module
 */
import { expect, it } from "vitest";
import { AlikeFailures } from "./alike-failures.ts";

it.each<[name: string, errors: readonly string[], message: string]>([
  ["one and the same error", ["No 1", "No 2"], "Evaluating: every rollout failed in the same way: No 1"],
  ["several errors", ["No", "Never"], "Evaluating: all 2 rollouts failed; the first error: Never"],
  ["a guide without a score", [], "Evaluating: every rollout failed in the same way: the guide returned no score (null)"],
])("says %s", (_, errors, message) => {
  const failures = new AlikeFailures();
  for (const error of errors) failures.add(error, new Error(error));
  expect(failures.toError("Evaluating").message).toBe(message);
});
