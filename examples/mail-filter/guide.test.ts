import { beforeAll, describe, expect, it } from "vitest";
import type { Label } from "./corpus.ts";
import type { Verdict } from "./filter.ts";
import { MailGuide } from "./guide.ts";
import { type Mail, readMail } from "./mail.ts";

const guide = new MailGuide();
let mail: Mail;

beforeAll(async () => {
  mail = await readMail(`From: Ann Lee <ann@example.org>\nSubject:  ${"Offer ".repeat(20)}\n\nHello\n`);
});

function verdict(spam: boolean, fired: Verdict["fired"] = []): Verdict {
  return { spam, score: spam ? 6 : 2, threshold: 5, fired };
}

function label(spam: boolean): Label {
  return { spam, group: spam ? "spam-1" : "easy-ham-1", id: "00001" };
}

describe("MailGuide", () => {
  it.each<[judged: boolean, truth: boolean, score: number]>([
    [true, true, 1],
    [false, false, 1],
    [false, true, 0],
    [true, false, -1],
  ])("scores a verdict of spam %s on a mail of spam %s with %d", async (judged, truth, score) => {
    expect(guide.getFeedback(mail, verdict(judged), label(truth)).score).toBe(score);
    expect(await guide.metric(mail, verdict(judged), label(truth))).toBe(score);
  });

  it("names the mail that was lost and the rules that did it", () => {
    const fired = [
      { rule: "htmlOnly", points: 4 },
      { rule: "signature", points: -1 },
      { rule: "urgent", points: 0 },
    ] as const;
    expect(guide.getFeedback(mail, verdict(true, fired), label(false)).feedback).toBe(
      'Good mail lost (twice as bad as a spam passed): "Offer Offer Offer Offer Offer Offer Offer Offer Offer Offer…" ' +
        "from Ann Lee <ann@example.org> got 6 points, and 5 make spam. Fired: htmlOnly +4, signature -1, urgent 0.",
    );
  });

  it("says so when nothing fired on a spam", () => {
    expect(guide.getFeedback(mail, verdict(false), label(true)).feedback).toMatch(
      /^Spam passed: .* got 2 points, .* Fired: no rule\.$/,
    );
  });

  it("is brief about a right verdict", () => {
    expect(guide.getFeedback(mail, verdict(true), label(true)).feedback).toBe("Right: spam with 6 points, and 5 make spam.");
    expect(guide.getFeedback(mail, verdict(false), label(false)).feedback).toBe(
      "Right: a good mail with 2 points, and 5 make spam.",
    );
  });
});
