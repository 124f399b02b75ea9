/**
 * The guide: what a verdict is worth, and in words what went wrong.
 *
 * @module
 */
import { type Feedback, Guide } from "opto";
import type { Label } from "./corpus.ts";
import type { Verdict } from "./filter.ts";
import type { Mail } from "./mail.ts";

/**
 * What a verdict scores. A good mail lost does as much harm as two spams passed: a filter that lets everything through
 * still scores better than one that throws everything away.
 */
export const verdictScores = { right: 1, spamPassed: 0, mailLost: -1 } as const;

/** Scores verdicts, and tells which mail was misjudged and which rules did it. */
export class MailGuide extends Guide<Mail, Verdict, Label> {
  override getFeedback(mail: Mail, verdict: Verdict, label: Label): Feedback {
    return { score: scoreOf(verdict, label), feedback: explain(mail, verdict, label) };
  }

  /** Evaluation asks for thousands of scores and no words. */
  override async metric(_mail: Mail, verdict: Verdict, label: Label): Promise<number> {
    return scoreOf(verdict, label);
  }
}

function scoreOf(verdict: Verdict, label: Label): number {
  if (verdict.spam === label.spam) return verdictScores.right;
  return label.spam ? verdictScores.spamPassed : verdictScores.mailLost;
}

function explain(mail: Mail, verdict: Verdict, label: Label): string {
  const { score, threshold } = verdict;
  const points = `${score} points, and ${threshold} make spam`;
  const which = `"${shorten(mail.subject.trim(), 60)}" from ${shorten(mail.from, 50)}`;
  if (verdict.spam === label.spam) return `Right: ${label.spam ? "spam" : "a good mail"} with ${points}.`;
  const what = label.spam ? "Spam passed" : "Good mail lost (twice as bad as a spam passed)";
  return `${what}: ${which} got ${points}. Fired: ${firedRules(verdict)}.`;
}

function firedRules({ fired }: Verdict): string {
  if (fired.length === 0) return "no rule";
  return fired.map(({ rule, points }) => `${rule} ${points > 0 ? "+" : ""}${points}`).join(", ");
}

function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
