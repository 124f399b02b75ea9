import { type Candidate, withValues } from "opto";
import { beforeAll, describe, expect, it } from "vitest";
import { handSet, MailFilter, type Verdict } from "./filter.ts";
import { type Mail, readMail } from "./mail.ts";

const filter = new MailFilter();
let mail: Mail;

beforeAll(async () => {
  mail = await readMail(
    "From: Ann Lee <ann@example.org>\nTo: bob@example.net\nSubject: Cheap loan!\nDate: Tue, 1 Oct 2002 10:00:00 +0200\n" +
      "Message-ID: <1@example.org>\nIn-Reply-To: <0@example.net>\n\nfree money, free credit\n",
  );
});

async function verdictWith(candidate: Candidate): Promise<Verdict> {
  return withValues(filter, candidate, async () => (await filter.call(mail)).peek());
}

describe("MailFilter", () => {
  it("starts with every rule worth nothing and passes everything", async () => {
    expect(Object.values(filter.weights).map((weight) => weight.peek())).toEqual(Object.keys(filter.weights).map(() => 0));
    expect(await verdictWith({})).toEqual({
      spam: false,
      score: 0,
      threshold: 5,
      fired: ["subjectSells", "inThread", "salesWords"].map((rule) => ({ rule, points: 0 })),
    });
  });

  it.each<[candidate: Candidate, points: Record<string, number>, spam: boolean]>([
    [{ "weights.subjectSells": 4 }, { subjectSells: 4 }, false],
    [{ "weights.subjectSells": 4, threshold: 4 }, { subjectSells: 4 }, true],
    [{ "weights.subjectSells": 4, "weights.inThread": -1, threshold: 4 }, { subjectSells: 4, inThread: -1 }, false],
    [{ "weights.subjectShouts": 4, threshold: 1 }, {}, false],
    // Five words of the pool are in the mail; three are counted.
    [{ "weights.salesWords": 3 }, { salesWords: 9 }, true],
    [{ "weights.salesWords": 3, "words.salesWords": ["buy", "cash", "cheap"] }, { salesWords: 3 }, false],
    [{ "weights.salesWords": 3, "words.salesWords": ["buy", "cash", "earn"], threshold: 1 }, {}, false],
  ])("judges by the points in %j", async (candidate, points, spam) => {
    const verdict = await verdictWith(candidate);
    expect(
      Object.fromEntries(verdict.fired.filter((fired) => fired.points !== 0).map((fired) => [fired.rule, fired.points])),
    ).toEqual(points);
    expect(verdict.score).toBe(Object.values(points).reduce((sum, value) => sum + value, 0));
    expect(verdict.spam).toBe(spam);
  });

  it("is traced to the parameters that had a say, and to no others", async () => {
    const names = new Map([...filter.namedParameters()].map(([path, parameter]) => [parameter, path]));
    const { inputs } = await filter.call(mail);
    expect(inputs.flatMap((input) => names.get(input as never) ?? [])).toEqual([
      "weights.subjectSells",
      "weights.inThread",
      "weights.salesWords",
      "words.salesWords",
      "words.bodyWords",
      "words.talkWords",
      "threshold",
    ]);
  });

  it("describes every parameter and gives it a domain", () => {
    for (const { description, domain } of filter.parameters()) {
      expect(description).not.toBe("");
      expect(domain).toBeDefined();
    }
  });
});

describe("handSet", () => {
  it("sets every parameter", () => {
    expect(Object.keys(handSet).sort()).toEqual([...filter.namedParameters().keys()].sort());
    const own = new MailFilter();
    own.apply(handSet);
    expect(own.candidate()).toEqual(handSet);
  });
});
