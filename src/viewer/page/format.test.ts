import { expect, it } from "vitest";
import { ticks } from "./format.ts";

it.each([
  [
    [0, 0.2, 0.4],
    ["0.0", "0.2", "0.4"],
  ],
  [
    [0.25, 0.275, 0.3],
    ["0.250", "0.275", "0.300"],
  ],
  [
    [-2, -1, 0],
    ["−2", "−1", "0"],
  ],
  [[0.5], ["0.500"]],
  [
    [0, 20_000],
    ["0", "20,000"],
  ],
])("writes %j with the same digits", (values, expected) => {
  expect(ticks(values)).toEqual(expected);
});
