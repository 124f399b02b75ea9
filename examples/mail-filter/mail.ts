/**
 * A mail as the filter sees it, and how to get one from the raw text of a message.
 *
 * @module
 */
import PostalMime, { type Address, type Email } from "postal-mime";
import { type HtmlPage, readHtml } from "./html-page.ts";
import { readText, type TextFacts, wordsOf } from "./text-facts.ts";

/** One mail. All that costs time is read off it once, so that a filter can judge it thousands of times. */
export interface Mail {
  /** The sender as a mail program shows it: `Ann Lee <ann@example.org>`. */
  readonly from: string;
  readonly subject: string;
  /** Share of the subject's letters that are capitals, 0 to 1; "Re:" and "[list]" do not count, nor does a subject of a word or two. */
  readonly subjectCapitals: number;
  readonly sender: SenderFacts;
  readonly format: FormatFacts;
  readonly text: TextFacts;
  /** The different words of subject and text, in lower case. */
  readonly words: ReadonlySet<string>;
}

/** What the headers say of who sent the mail, with which program, and to whom. */
export interface SenderFacts {
  /** A name stands beside the address. */
  readonly named: boolean;
  /** The domain of the sender's address, in lower case; empty when there is no address. */
  readonly domain: string;
  readonly recipients: number;
  readonly writesToSelf: boolean;
  /** The mail answers another one: it has `In-Reply-To` or `References`. */
  readonly inThread: boolean;
  /** A mailing list passed it on: it has `List-Id`, `List-Post` or `List-Help`. */
  readonly viaList: boolean;
  /** The program that wrote it (`User-Agent`, `X-Mailer`), in lower case; empty when it does not say. */
  readonly program: string;
  /** The sender gave the mail a `Message-ID`, as mail programs do. */
  readonly hasMessageId: boolean;
  /** Offset of the sender's clock from UTC in minutes; `null` when the `Date` has none. */
  readonly zone: number | null;
  readonly urgent: boolean;
}

/** How the mail is put together. */
export interface FormatFacts {
  /** There is HTML, and no plain text beside it. */
  readonly htmlOnly: boolean;
  /** The declared character set, in lower case; empty when none is declared. */
  readonly charset: string;
  /** It carries a PGP or S/MIME signature. */
  readonly signed: boolean;
  readonly images: number;
  /** Font tags, coloured backgrounds and coloured text. */
  readonly colours: number;
  readonly links: number;
  /** Links whose host is a bare number, or that hide it behind a port, a user name or percent signs. */
  readonly disguisedLinks: number;
}

/**
 * Reads a raw message.
 *
 * Of the headers only those count that the sender's program or a mailing list writes. `Received`, `Delivered-To`,
 * `X-Spam-*` and the like are the marks of whoever collected the mail: a filter that learned them would be of no use
 * elsewhere. For the same reason the reports that spam checkers wrote into some of the texts are taken out.
 */
export async function readMail(raw: string): Promise<Mail> {
  const email = await PostalMime.parse(raw.slice(0, maxMessageLength).replace(/^>?From .*\r?\n/, ""));
  const page = readHtml(email.html ?? "");
  const subject = email.subject ?? "";
  const text = (email.text ?? page.text).replace(/^SPAM: .*$/gm, "").slice(0, maxTextLength);
  return {
    from: shownAddress(email.from),
    subject,
    subjectCapitals: shareOfCapitals(subject.replace(/^(?:re|fwd?):|\[.*?\]/gi, "")),
    sender: readSender(email),
    format: readFormat(email, page),
    text: readText(text),
    words: wordsOf(`${subject}\n${text}`),
  };
}

/** What a filter has not seen by then, in characters, it will not see: large attachments tell little and cost much. */
const maxMessageLength = 60_000;
const maxTextLength = 10_000;

function shareOfCapitals(text: string): number {
  const letters = text.match(/[A-Za-z]/g) ?? [];
  return letters.length < 8 ? 0 : letters.filter((letter) => letter < "a").length / letters.length;
}

function readSender(email: Email): SenderFacts {
  const header = (name: string): string => headerOf(email, name);
  const address = email.from?.address?.toLowerCase() ?? "";
  const recipients = [...(email.to ?? []), ...(email.cc ?? [])].flatMap((entry) => entry.group ?? [entry]);
  return {
    named: (email.from?.name ?? "") !== "",
    domain: address.split("@").at(-1) ?? "",
    recipients: recipients.filter((entry) => entry.address).length,
    writesToSelf: recipients.some((entry) => entry.address?.toLowerCase() === address && address !== ""),
    inThread: header("in-reply-to") !== "" || header("references") !== "",
    viaList: ["list-id", "list-post", "list-help"].some((name) => header(name) !== ""),
    program: (header("user-agent") || header("x-mailer")).toLowerCase(),
    hasMessageId: header("message-id") !== "" && !messageIdWasSupplied(email),
    zone: zoneOf(header("date")),
    urgent: /^[12]|high|urgent/i.test(header("x-priority") || header("importance")),
  };
}

function readFormat(email: Email, page: HtmlPage): FormatFacts {
  const type = headerOf(email, "content-type").toLowerCase();
  const text = email.text ?? "";
  const links = [...page.links, ...(text.match(/https?:\/\/[^\s<>")]+/gi) ?? [])];
  return {
    htmlOnly: email.html !== undefined && email.text === undefined,
    charset: /charset="?([\w-]+)/.exec(type)?.[1] ?? "",
    signed: type.startsWith("multipart/signed") || text.includes("-----BEGIN PGP SIG"),
    images: page.images,
    colours: page.colours,
    links: links.length,
    disguisedLinks: links.filter((link) => /^https?:\/\/(?:[\d.]+(?:[:/]|$)|[^/]*(?::\d|@|%))/i.test(link)).length,
  };
}

function headerOf(email: Email, name: string): string {
  return email.headers.find((header) => header.key === name)?.value.trim() ?? "";
}

/**
 * True when it was a relay that gave the mail its `Message-ID`, because the sender gave none. A relay makes it of the
 * number under which it took the mail in; this is the one thing that is read from `Received`.
 */
function messageIdWasSupplied(email: Email): boolean {
  const [local = "", host] = headerOf(email, "message-id")
    .replace(/[<>\s]/g, "")
    .split("@");
  return email.headers.some(({ key, value }) => {
    const hop = key === "received" ? /^from\s+(\S+).*?\sby\s+(\S+).*?\sid\s+<?([\w-]+)/s.exec(value) : null;
    return hop !== null && hop[2] === host && hop[1] !== host && hop[1] !== "localhost" && local.endsWith(hop[3] as string);
  });
}

function zoneOf(date: string): number | null {
  const match = /([+-])(\d\d)(\d\d)\b/.exec(date);
  if (match !== null) return (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
  return /\b(?:GMT|UTC?|Z)\b/.test(date) ? 0 : null;
}

function shownAddress(address: Address | undefined): string {
  if (address === undefined) return "(nobody)";
  return address.name ? `${address.name} <${address.address ?? ""}>` : (address.address ?? "(nobody)");
}
