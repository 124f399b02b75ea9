/**
 * The agent: a mail filter of rules, each worth some points, and a threshold from which on a mail is spam.
 *
 * @module
 */
import { type Candidate, Module, type Parameter, parameter, range, subset } from "opto";
import type { Mail } from "./mail.ts";
import { type Rule, type RuleName, rules, type WordList, type WordListName, wordLists } from "./rules.ts";

/** What the filter says of a mail. */
export interface Verdict {
  readonly spam: boolean;
  /** The points of all rules that fired, added up. */
  readonly score: number;
  /** The score from which on a mail is spam. */
  readonly threshold: number;
  /** The rules that fired, in order, with the points each gave. */
  readonly fired: readonly { readonly rule: RuleName | WordListName; readonly points: number }[];
}

/** The most words of a list that count. */
const maxWordsCounted = 3;

/**
 * Rules over the headers and the text of a mail, as mail filters have them. What is trained: how many points each rule
 * is worth, which words are on the lists, and how many points make spam. It starts knowing nothing: every rule is worth 0.
 */
export class MailFilter extends Module<Mail, Verdict> {
  readonly weights: Readonly<Record<RuleName | WordListName, Parameter<number>>> = Object.freeze({
    ...mapValues(rules, ruleWeight),
    ...mapValues(wordLists, wordWeight),
  });
  readonly words: Readonly<Record<WordListName, Parameter<readonly string[]>>> = Object.freeze(mapValues(wordLists, chosenWords));
  readonly threshold: Parameter<number> = parameter(5, {
    description: "The number of points from which on a mail is spam",
    domain: range(1, 10, { integer: true }),
  });

  override forward(mail: Mail): Verdict {
    const fired: { rule: RuleName | WordListName; points: number }[] = [];
    for (const rule of ruleNames) {
      if (rules[rule].fires(mail)) fired.push({ rule, points: this.weights[rule].value });
    }
    for (const rule of wordListNames) {
      const found = this.words[rule].value.filter((word) => mail.words.has(word)).length;
      if (found > 0) fired.push({ rule, points: this.weights[rule].value * Math.min(found, maxWordsCounted) });
    }
    const score = fired.reduce((sum, { points }) => sum + points, 0);
    const threshold = this.threshold.value;
    return { spam: score >= threshold, score, threshold, fired };
  }
}

/**
 * What a postmaster would write down without looking at any numbers: 1 point for a hint, 2 for a strong one, 3 for what
 * no honest sender does, the same below zero for the signs of good mail, and 5 points for spam.
 */
export const handSet: Candidate = {
  "weights.subjectShouts": 2,
  "weights.subjectSells": 1,
  "weights.subjectNumbered": 2,
  "weights.fromFreeMail": 1,
  "weights.senderUnnamed": 1,
  "weights.manyRecipients": 2,
  "weights.recipientHidden": 2,
  "weights.noMessageId": 2,
  "weights.impossibleZone": 2,
  "weights.urgent": 1,
  "weights.htmlOnly": 2,
  "weights.colourful": 1,
  "weights.manyLinks": 1,
  "weights.disguisedLink": 3,
  "weights.foreignScript": 2,
  "weights.shouting": 2,
  "weights.exclaiming": 1,
  "weights.phoneNumber": 1,
  "weights.greetsStranger": 2,
  "weights.callsToAct": 1,
  "weights.offersRemoval": 2,
  "weights.inThread": -2,
  "weights.quotes": -2,
  "weights.viaList": -2,
  "weights.personalProgram": -1,
  "weights.signature": -1,
  "weights.salesWords": 1,
  "weights.bodyWords": 1,
  "weights.talkWords": -1,
  "words.salesWords": wordLists.salesWords.pool,
  "words.bodyWords": wordLists.bodyWords.pool,
  "words.talkWords": wordLists.talkWords.pool,
  threshold: 5,
};

const ruleNames = Object.keys(rules) as RuleName[];
const wordListNames = Object.keys(wordLists) as WordListName[];

/** Lowest and highest weight by what a rule is held to be: the doubt may turn out right, but not by much. */
const weightRanges = { spam: [-1, 4], "good mail": [-4, 1], unsure: [-4, 4] } as const;

function ruleWeight({ description, sign }: Rule): Parameter<number> {
  const [low, high] = weightRanges[sign];
  return parameter(0, { description: `Points for: ${description}`, domain: range(low, high, { integer: true }) });
}

function wordWeight({ description, sign }: WordList): Parameter<number> {
  const [low, high] = sign === "spam" ? [0, 3] : [-3, 0];
  return parameter(0, {
    description: `Points for each word found, at most ${maxWordsCounted}: ${description}`,
    domain: range(low, high, { integer: true }),
  });
}

function chosenWords({ description, pool }: WordList): Parameter<readonly string[]> {
  return parameter<readonly string[]>(pool, { description, domain: subset(pool, { min: 3 }) });
}

function mapValues<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  change: (value: From) => To,
): Record<Key, To> {
  return Object.fromEntries(Object.entries<From>(record).map(([key, value]) => [key, change(value)])) as Record<Key, To>;
}
