import { describe, expect, it } from "vitest";
import { readMail } from "./mail.ts";
import { type RuleName, rules, wordLists } from "./rules.ts";

const usual: Readonly<Record<string, string>> = {
  From: "Ann Lee <ann@example.org>",
  To: "bob@example.net",
  Subject: "Meeting on Monday",
  Date: "Tue, 1 Oct 2002 10:00:00 +0200",
  "Message-ID": "<4711@example.org>",
};

/** The names of the rules that fire on a usual mail with some headers changed or another body. */
async function firing(changes: Readonly<Record<string, string>>, body = "Hello,\nsee you there.\n"): Promise<string[]> {
  const headers = Object.entries({ ...usual, ...changes }).filter(([, value]) => value !== "");
  const mail = await readMail(`${headers.map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${body}`);
  return Object.entries(rules).flatMap(([name, { fires }]) => (fires(mail) ? [name] : []));
}

/** For each rule what makes it fire, and it alone. */
const cases: Readonly<Record<RuleName, [changes: Readonly<Record<string, string>>, body?: string]>> = {
  subjectShouts: [{ Subject: "Re: [list] BUY THIS NOW" }],
  subjectSells: [{ Subject: "50% off" }],
  subjectNumbered: [{ Subject: "A word with you          kx7q" }],
  fromFreeMail: [{ From: "Ann Lee <ann@Yahoo.co.uk>" }],
  senderUnnamed: [{ From: "ann@example.org" }],
  manyRecipients: [{ To: "a@x.org, b@x.org, c@x.org", Cc: "d@x.org, e@x.org" }],
  recipientHidden: [{ To: "undisclosed-recipients:;" }],
  noMessageId: [{ "Message-ID": "" }],
  impossibleZone: [{ Date: "Tue, 1 Oct 2002 10:00:00 -1700" }],
  urgent: [{ Importance: "High" }],
  htmlOnly: [{ "Content-Type": "text/html" }, "<p>Hello"],
  colourful: [multipart(), parts('<font color="red">a</font>'.repeat(5))],
  manyLinks: [{}, "http://example.org/ ".repeat(11)],
  disguisedLink: [{}, "http://10.11.12.13/"],
  foreignScript: [{ "Content-Type": "text/plain; charset=gb2312" }],
  shouting: [{}, "FREE and more words"],
  exclaiming: [{}, "So! So! So! So!"],
  phoneNumber: [{}, "Ring (212) 555-0100"],
  greetsStranger: [{}, "Dear Sir"],
  callsToAct: [{}, "Visit our page"],
  offersRemoval: [{}, "This is how to be removed"],
  inThread: [{ "In-Reply-To": "<1@x.org>" }],
  quotes: [{}, "> Monday?\nYes"],
  viaList: [{ "List-Post": "<mailto:talk@x.org>" }],
  personalProgram: [{ "User-Agent": "Mutt/1.4i" }],
  signature: [{}, "Bye\n-- \nAnn"],
};

function multipart(): Readonly<Record<string, string>> {
  return { "MIME-Version": "1.0", "Content-Type": "multipart/alternative; boundary=cut" };
}

function parts(html: string): string {
  return `--cut\nContent-Type: text/plain\n\nHello\n--cut\nContent-Type: text/html\n\n${html}\n--cut--\n`;
}

describe("rules", () => {
  it("leave a usual mail alone", async () => {
    expect(await firing({})).toEqual([]);
  });

  it.each(Object.entries(cases))("%s fires where it should", async (rule, [changes, body]) => {
    expect(await firing(changes, body)).toEqual([rule]);
  });

  it.each<[what: string, changes: Readonly<Record<string, string>>, body?: string]>([
    ["a short subject in capitals", { Subject: "Re: FAQ" }],
    ["a year in the subject", { Subject: "Plans for 2002 and later" }],
    ["four recipients", { To: "a@x.org, b@x.org, c@x.org, d@x.org" }],
    ["a zone at the edge of the map", { Date: "Tue, 1 Oct 2002 10:00:00 +1400" }],
    ["a domain that only begins like a free mail service", { From: "Ann Lee <ann@yahoos.org>" }],
    ["three exclamation marks", {}, "So! So! So!"],
    ["ten links", {}, "http://example.org/ ".repeat(10)],
  ])("do not fire on %s", async (_what, changes, body) => {
    expect(await firing(changes, body)).toEqual([]);
  });
});

describe("wordLists", () => {
  it("hold different words, each as `wordsOf` would find it", () => {
    const all = Object.values(wordLists).flatMap(({ pool }) => [...pool]);
    expect(new Set(all).size).toBe(all.length);
    for (const word of all) expect(word).toMatch(/^[a-z][a-z'-]{1,18}[a-z]$/);
  });
});
