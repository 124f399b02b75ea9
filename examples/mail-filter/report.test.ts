import { model } from "opto";
import { describe, expect, it } from "vitest";
import { type Mail, readMail } from "./mail.ts";
import { type Confusion, candidateDiff, confusionOf, confusionTable } from "./report.ts";

describe("confusionOf", () => {
  it("counts each way a verdict can fall, and scores in percent", async () => {
    const mails = await Promise.all(["yes", "yes", "no", "no", "no"].map((subject) => readMail(`Subject: ${subject}\n\nHello`)));
    const truth = [true, false, true, false, false];
    const dataset = mails.map((input, index) => ({ input, info: { spam: truth[index] as boolean, group: "", id: `${index}` } }));
    const filter = model({}, (_parts, { subject }: Mail) => ({ spam: subject === "yes", score: 0, threshold: 5, fired: [] }));
    expect(await confusionOf(filter, dataset, { numThreads: 2 })).toEqual({
      mailKept: 2,
      mailLost: 1,
      spamPassed: 1,
      spamCaught: 1,
      // Three right, one lost at -1: 2 of 5.
      score: 40,
    } satisfies Confusion);
  });
});

describe("confusionTable", () => {
  it("has a row for each filter", () => {
    const rows = { untrained: { mailKept: 540, mailLost: 0, spamPassed: 540, spamCaught: 0, score: 50 } };
    expect(confusionTable(rows).split("\n")).toEqual([
      "                       good mail            spam",
      "                    kept    lost  caught  passed   score",
      "  untrained          540       0       0     540    50.0",
    ]);
  });
});

describe("candidateDiff", () => {
  it("tells what changed and leaves out the rest", () => {
    const before = { weight: 0, threshold: 5, words: ["a", "b", "c"], more: ["x"] };
    const after = { weight: -2, threshold: 5, words: ["b", "d"], more: ["x"] };
    expect(candidateDiff(before, after).split("\n")).toEqual(["  weight     0 -> -2", "  words      -a -c +d"]);
  });
});
