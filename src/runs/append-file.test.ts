import fc from "fast-check";
import { expect, it } from "vitest";
import { fileLines } from "./append-file.ts";

it("gives the whole lines and their places, however the file is cut into pieces", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("", "a", "ü", "long line", "\n"), { maxLength: 40 }),
      fc.array(fc.nat(60)),
      (parts, cuts) => {
        const bytes = Buffer.from(parts.join(""));
        const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        const lines = [...fileLines(pieces)].map(({ bytes: line, ...place }) => ({ ...place, text: line.toString() }));
        let start = 0;
        const expected = bytes
          .toString()
          .split("\n")
          .slice(0, -1)
          .map((text) => {
            const place = { start, next: start + Buffer.byteLength(text) + 1, text };
            start = place.next;
            return place;
          });
        expect(lines).toEqual(expected);
      },
    ),
  );
});
