import { describe, expect, it } from "vitest";
import { type Mail, readMail } from "./mail.ts";

/** A message from header lines and a body. */
function message(headers: readonly string[], body = "Hello,\nsee you on Monday.\n"): string {
  return `${headers.join("\n")}\n\n${body}`;
}

const from = "From: Ann Lee <ann@example.org>";
const to = "To: bob@example.net";

describe("readMail", () => {
  it("reads who wrote to whom about what", async () => {
    const mail = await readMail(message([from, to, "Subject: Monday", "Date: Tue, 1 Oct 2002 10:00:00 +0530"]));
    expect(mail).toMatchObject({ from: "Ann Lee <ann@example.org>", subject: "Monday" });
    expect(mail.sender).toEqual({
      named: true,
      domain: "example.org",
      recipients: 1,
      writesToSelf: false,
      inThread: false,
      viaList: false,
      program: "",
      hasMessageId: false,
      zone: 330,
      urgent: false,
    } satisfies Mail["sender"]);
    expect([...mail.words]).toEqual(["monday", "hello", "see", "you"]);
  });

  it.each<[what: string, headers: string[], sender: Partial<Mail["sender"]>]>([
    ["nobody", [], { named: false, domain: "", recipients: 0, writesToSelf: false, zone: null }],
    ["a folded header", ["To: a@x.org,\n b@x.org", "Cc: c@x.org"], { recipients: 3 }],
    ["a group of addresses", ["To: friends: a@x.org, b@x.org;"], { recipients: 2 }],
    ["an empty group", ["To: undisclosed-recipients:;"], { recipients: 0 }],
    ["a mail to oneself", [from, "To: ANN@example.org"], { writesToSelf: true }],
    ["an answer", ["References: <1@x.org>"], { inThread: true }],
    ["a mailing list", ["List-Id: <talk.x.org>"], { viaList: true }],
    ["a program", ["X-Mailer: The Bat! (v1.53)"], { program: "the bat! (v1.53)" }],
    ["priority", ["X-Priority: 1 (Highest)"], { urgent: true }],
    ["no priority", ["X-Priority: 3 (Normal)"], { urgent: false }],
    ["a zone in letters", ["Date: Tue, 1 Oct 2002 10:00:00 GMT"], { zone: 0 }],
    ["a zone west of all land", ["Date: Tue, 1 Oct 2002 10:00:00 -1900"], { zone: -1140 }],
    ["no zone", ["Date: Tue, 1 Oct 2002 10:00:00"], { zone: null }],
    ["an identity of its own", ["Message-ID: <4711@example.org>"], { hasMessageId: true }],
    [
      "an identity given by a relay",
      [
        "Received: from pc7.example.org ([10.0.0.7]) by\n    mx.example.net (8.11.6) with SMTP id g52BAh7; Sun, 2 Jun 2002",
        "Message-ID: <2002g52BAh7@mx.example.net>",
      ],
      { hasMessageId: false },
    ],
    [
      "an identity given by the sender's own host",
      ["Received: from localhost by mx.example.net id g52BAh7; Sun, 2 Jun 2002", "Message-ID: <2002g52BAh7@mx.example.net>"],
      { hasMessageId: true },
    ],
  ])("reads the headers of %s", async (_what, headers, sender) => {
    expect((await readMail(message(headers))).sender).toMatchObject(sender);
  });

  it("gives nothing away that the collector of the mail added", async () => {
    const plain = message([from, to, "Subject: Monday"]);
    const collected = message([
      "From ann@example.org  Thu Aug 22 14:23:39 2002",
      "Return-Path: <ann@example.org>",
      "Delivered-To: zzzz@localhost.netnoteinc.com",
      "Received: from localhost by phobos.labs.netnoteinc.com (Postfix) with ESMTP id 9DAE; Thu, 22 Aug 2002 09:23:38 -0400",
      "Delivery-Date: Thu Aug 22 14:23:39 2002",
      "X-Spam-Status: Yes, hits=12.3 required=5.0",
      "X-Status: A",
      "X-Keywords:",
      from,
      to,
      "Subject: Monday",
    ]);
    const marked = message(
      [from, to, "Subject: Monday"],
      "SPAM: ---- Start SpamAssassin results\nSPAM: 12 hits!\nHello,\nsee you on Monday.\n",
    );
    expect(await readMail(collected)).toEqual(await readMail(plain));
    expect((await readMail(marked)).text.exclamations).toBe(0);
    expect([...(await readMail(marked)).words]).toEqual([...(await readMail(plain)).words]);
  });

  it("reads the text of nested and encoded parts, and prefers the plain one", async () => {
    const mail = await readMail(
      message(
        [from, "MIME-Version: 1.0", 'Content-Type: multipart/alternative; boundary="cut"'],
        [
          "--cut",
          "Content-Type: text/plain; charset=iso-8859-1",
          "Content-Transfer-Encoding: quoted-printable",
          "",
          "Caf=E9 tomorrow?",
          "--cut",
          "Content-Type: text/html",
          "",
          '<p><font color="red">Never</font> <img src="http://x.org/a.gif"><a href="http://10.1.2.3/">here</a>',
          "--cut--",
        ].join("\n"),
      ),
    );
    expect([...mail.words]).toEqual(["caf", "tomorrow"]);
    expect(mail.text.foreign).toBeCloseTo(1 / 13);
    expect(mail.format).toEqual({
      htmlOnly: false,
      charset: "",
      signed: false,
      images: 1,
      colours: 1,
      links: 1,
      disguisedLinks: 1,
    });
  });

  it("reads the text of a mail that is HTML alone", async () => {
    const mail = await readMail(
      message([from, "Content-Type: text/html; charset=Windows-1252"], "<style>p { x }</style><p>Buy &amp; save<p>now!"),
    );
    expect(mail.format).toMatchObject({ htmlOnly: true, charset: "windows-1252" });
    expect([...mail.words]).toEqual(["buy", "save", "now"]);
    expect(mail.text.exclamations).toBe(1);
  });

  it.each<[link: string, disguised: number]>([
    ["http://www.example.org/a?b=50%25", 0],
    ["https://example.org", 0],
    ["http://3com.com/", 0],
    ["http://64.12.8.9/offer", 1],
    ["http://3232235777/", 1],
    ["http://example.org:8081/", 1],
    ["http://www.bank.com@example.org/", 1],
    ["http://%77%77%77.example.org/", 1],
  ])("tells whether %s hides where it leads", async (link, disguisedLinks) => {
    expect((await readMail(message([from], `Look at ${link} now`))).format).toMatchObject({ links: 1, disguisedLinks });
  });

  it.each([
    "",
    "\n\n",
    "no header at all",
    "Content-Type: multipart/mixed; boundary=x\n\n--x\n\n--x",
    "Subject: =?utf-8?B?!!!?=\n\n<a href=",
  ])("survives the message %j", async (raw) => {
    const { from, subject, words } = await readMail(raw);
    expect(typeof subject).toBe("string");
    expect(from).toBe("(nobody)");
    expect(words).toBeInstanceOf(Set);
  });
});
