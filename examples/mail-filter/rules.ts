/**
 * The rules of the filter: what each looks at, what a postmaster would think of it, and the words it knows.
 *
 * @module
 */
import type { Mail } from "./mail.ts";

/** One rule: a sign that a mail either shows or does not show. */
export interface Rule {
  /** What it says when it fires, in words for people and models. */
  readonly description: string;
  /**
   * What it is held to be a sign of. `"unsure"` can be either: newsletters and catalogues look alike.
   * It decides which weights may be tried.
   */
  readonly sign: "spam" | "good mail" | "unsure";
  readonly fires: (mail: Mail) => boolean;
}

/** The rules by name. */
export const rules = {
  subjectShouts: {
    description: "The subject is written in capitals",
    sign: "spam",
    fires: ({ subjectCapitals }) => subjectCapitals > 0.7,
  },
  subjectSells: {
    description: "The subject has an exclamation mark, a dollar or a percent sign",
    sign: "spam",
    fires: ({ subject }) => /[!$%]/.test(subject),
  },
  subjectNumbered: {
    description: "The subject ends in a long number, or in something after many spaces: a mark to tell copies apart",
    sign: "spam",
    fires: ({ subject }) => /\s{4,}\S+\s*$|\d{4,}[a-z]*$/i.test(subject),
  },
  fromFreeMail: {
    description: "The sender's address is at a free mail service",
    sign: "spam",
    fires: ({ sender }) => /^(?:hotmail|yahoo|msn|aol|excite|juno|lycos|netscape)\./.test(sender.domain),
  },
  senderUnnamed: {
    description: "No name stands beside the sender's address",
    sign: "spam",
    fires: ({ sender }) => !sender.named,
  },
  manyRecipients: {
    description: "The mail goes to five addresses or more",
    sign: "spam",
    fires: ({ sender }) => sender.recipients >= 5,
  },
  recipientHidden: {
    description: "The mail is addressed to nobody, or to its own sender",
    sign: "unsure",
    fires: ({ sender }) => sender.recipients === 0 || sender.writesToSelf,
  },
  noMessageId: {
    description: "The sender's program gave the mail no Message-ID",
    sign: "spam",
    fires: ({ sender }) => !sender.hasMessageId,
  },
  impossibleZone: {
    description: "The date has no time zone, or one that is nowhere on earth",
    sign: "spam",
    fires: ({ sender: { zone } }) => zone === null || zone < -12 * 60 || zone > 14 * 60,
  },
  urgent: {
    description: "The mail calls itself urgent",
    sign: "spam",
    fires: ({ sender }) => sender.urgent,
  },
  htmlOnly: {
    description: "The mail is HTML without plain text beside it",
    sign: "spam",
    fires: ({ format }) => format.htmlOnly,
  },
  colourful: {
    description: "The mail is full of colours or pictures",
    sign: "unsure",
    fires: ({ format }) => format.colours >= 5 || format.images >= 3,
  },
  manyLinks: {
    description: "The mail links to more than ten pages",
    sign: "unsure",
    fires: ({ format }) => format.links > 10,
  },
  disguisedLink: {
    description: "A link hides where it leads: a bare number, a port, a user name",
    sign: "spam",
    fires: ({ format }) => format.disguisedLinks > 0,
  },
  foreignScript: {
    description: "The mail is in a script or character set from far away",
    sign: "spam",
    fires: ({ format, text }) => text.foreign > 0.05 || /big5|gb2312|euc|ks_c|2022|koi8/.test(format.charset),
  },
  shouting: {
    description: "More than a tenth of the words are in capitals",
    sign: "spam",
    fires: ({ text }) => text.shouting > 0.1,
  },
  exclaiming: {
    description: "The text has more than three exclamation marks",
    sign: "spam",
    fires: ({ text }) => text.exclamations > 3,
  },
  phoneNumber: {
    description: "The text gives an American phone number",
    sign: "spam",
    fires: ({ text }) => text.phoneNumbers > 0,
  },
  greetsStranger: {
    description: 'The text greets somebody without a name: "Dear friend"',
    sign: "spam",
    fires: ({ text }) => text.greetsStranger,
  },
  callsToAct: {
    description: 'The text calls to act: "click here", "order now", "call us"',
    sign: "spam",
    fires: ({ text }) => text.callsToAct,
  },
  offersRemoval: {
    description: "The text tells how to be removed from a list",
    sign: "spam",
    fires: ({ text }) => text.offersRemoval,
  },
  inThread: {
    description: "The mail answers another mail",
    sign: "good mail",
    fires: ({ sender }) => sender.inThread,
  },
  quotes: {
    description: "The text quotes another mail",
    sign: "good mail",
    fires: ({ text }) => text.quotedLines > 0,
  },
  viaList: {
    description: "A mailing list passed the mail on",
    sign: "unsure",
    fires: ({ sender }) => sender.viaList,
  },
  personalProgram: {
    description: "The mail was written with a mail program that people use and bulk senders do not",
    sign: "good mail",
    fires: ({ sender }) =>
      /mutt|pine|exmh|sylpheed|evolution|kmail|mozilla|apple mail|gnus|emacs|eudora|the bat/.test(sender.program),
  },
  signature: {
    description: "The mail ends in a signature, or is signed with a key",
    sign: "good mail",
    fires: ({ text, format }) => text.signature || format.signed,
  },
} as const satisfies Record<string, Rule>;

/** A list of words to look for. Every one that is found counts, up to three. */
export interface WordList {
  readonly description: string;
  readonly sign: "spam" | "good mail";
  /** The words that may be put on the list. */
  readonly pool: readonly string[];
}

/** The word lists by name. */
export const wordLists = {
  salesWords: {
    description: "Words of selling and easy money",
    sign: "spam",
    pool: words(`buy cash cheap credit discount dollars earn free guarantee guaranteed income investment loan million money
      mortgage offer opportunity prices profit`),
  },
  bodyWords: {
    description: "Words of medicine, diets and sex",
    sign: "spam",
    pool: words("adult aging diet doctor girls hormone hot lose medical naked pills sex sexual viagra weight xxx"),
  },
  talkWords: {
    description: "Words of people who talk with each other about their work",
    sign: "good mail",
    pool: words(`anyway article bug cheers code doesn't file guess i'd i've linux maybe perl probably problem question
      seems stuff version wrote`),
  },
} as const satisfies Record<string, WordList>;

/** The name of a rule. */
export type RuleName = keyof typeof rules;

/** The name of a word list. */
export type WordListName = keyof typeof wordLists;

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}
