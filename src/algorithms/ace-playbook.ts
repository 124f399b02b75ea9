/**
 * ACE: a playbook that grows by small changes, with counts of what each item was worth.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Entry, ForwardOutput, SearchPolicy, Step } from "../search/search.ts";
import { chooseBest } from "./best-of.ts";
import {
  changedPlaybook,
  countedFor,
  type PlaybookCounts,
  type PlaybookDelta,
  type PlaybookItem,
  playbookOf,
  playbookText,
} from "./playbook.ts";
import { orientedScore } from "./standing.ts";

/** Options of `acePlaybook`. */
export interface AcePlaybookOptions {
  /** Path of the parameter that holds the playbook, a list of `{ id, text }`. @default the only one whose value is such a list */
  readonly parameter?: string | undefined;
  /** Estimated tokens of a whole proposed playbook; the items that were worth the least are removed beyond. @default 8000 */
  readonly maxTokens?: number | undefined;
  /** Playbooks that are proposed in each iteration, at least 1. @default 1 */
  readonly numProposals?: number | undefined;
}

const aceTable: OptionTable<AcePlaybookOptions> = {
  parameter: { expected: "the path of a parameter", holds: (path) => typeof path === "string" && path !== "" },
  maxTokens: wholeFrom(1),
  numProposals: wholeFrom(1),
};

type AceMemo = {
  readonly counts: PlaybookCounts;
  /** The number of the next new item. */
  readonly next: number;
};

const advice =
  "The playbook is a list of items { id, text }. Change it in small steps: keep the items that are right with their id and text, change the text of one " +
  "under its id, add new items without an id, and leave out those that are wrong. To replace several by one, add an item with `merges`, a list of " +
  "their ids. An item is one strategy, one fact, or one warning that helps with further examples, too.";

/**
 * The optimizer proposes another playbook, which is read as operations on items: add, update, merge, remove. Ids and counts are kept here, and a proposed playbook
 * has no more than `maxTokens`; one that starts with more stays until a better one is found. It replaces the current one if it is better on all validation data; its new items are then counted as helpful or harmful for the
 * examples of the batch that turned right or wrong. Items that an answer names by their id, of three characters or more, are counted by how good the answer was. After
 * ACE (Zhang et al. 2025), where items are only ever added, and nothing is compared before they are.
 */
export function acePlaybook(options: AcePlaybookOptions = {}): SearchPolicy<AceMemo> {
  checkTable(options, aceTable, "ACE");
  const { parameter, maxTokens = 8000, numProposals = 1 } = options;
  return {
    name: "ACE",
    settings: { parameter: parameter ?? null, maxTokens, numProposals },
    start: { counts: {}, next: 1 },
    defaults: { batchSize: 4 },
    appetite: () => ({
      forward: numProposals + 1,
      proposals: numProposals,
      added: numProposals,
      scored: [{ candidates: numProposals + 1, on: "validation" }],
    }),
    async iterate(given, memo) {
      const step = given as Step;
      const { current } = step;
      const path = parameter ?? playbookPath(step);
      const before = playbookOf(current.values[path]) ?? [];
      const counts = countedByName(step, await step.forward([current]), path, memo.counts);
      const items = before.length === 0 ? "" : `\nThe items and what they were worth so far:\n${playbookText(before, counts)}`;
      const proposed = await step.propose([current], { count: numProposals, advice: `${advice}${items}` });
      const { deltas, next } = readChanges(step, proposed, { path, before, counts, maxTokens, next: memo.next });
      const children = [...deltas.keys()];
      if (children.length > 0) await step.forward(children);
      const best = await chooseBest(step, current, children, { keep: 1 });
      const change = deltas.get(best);
      const counted = change === undefined ? counts : countedByTurns(step, best, change.changed, { ...change.counts });
      return { current: best, memo: { counts: counted, next } };
    },
  };
}

/** What the optimizer made of the playbook, read as operations: a child for each proposal that can be read and changes something. */
function readChanges(
  step: Step,
  proposed: readonly Entry[],
  about: AceMemo & { readonly path: string; readonly before: readonly PlaybookItem[]; readonly maxTokens: number },
): { readonly deltas: ReadonlyMap<Entry, PlaybookDelta>; readonly next: number } {
  const { current } = step;
  const { path, before, counts, maxTokens } = about;
  const deltas = new Map<Entry, PlaybookDelta>();
  let { next } = about;
  for (const raw of proposed) {
    const elements = raw.values[path];
    if (raw === current || !Array.isArray(elements)) continue;
    const delta = changedPlaybook(before, counts, elements, { maxTokens, next });
    if (delta === undefined) continue;
    next += delta.items.length;
    if (step.rulesOf(path).problems([...delta.items]).length > 0) continue;
    const child = step.add({ ...raw.values, [path]: [...delta.items] as JsonValue }, [current], "playbook");
    if (child !== current) deltas.set(child, delta);
  }
  return { deltas, next };
}

/** Counts for the new items on which examples of the batch the playbook is better, and on which worse. */
function countedByTurns({ archive, current, batch }: Step, child: Entry, changed: readonly string[], counts: PlaybookCounts) {
  let turned = { helpful: 0, harmful: 0 };
  for (const example of batch.examples) {
    const [after, earlier] = [child, current].map((entry) => {
      return orientedScore(archive, archive.trials(entry, { dataset: "train", examples: [example] })[0]?.at(-1));
    });
    if (after == null || earlier == null || after === earlier) continue;
    turned = { helpful: turned.helpful + Number(after > earlier), harmful: turned.harmful + Number(after < earlier) };
  }
  return countedFor(counts, changed, turned);
}

/** Counts for the items that an answer names by their id whether it was right, which is more than the mean of the batch. */
function countedByName(step: Step, outputs: readonly ForwardOutput[], path: string, counts: PlaybookCounts): PlaybookCounts {
  const { archive, current } = step;
  const items = playbookOf(current.values[path]) ?? [];
  const scored = outputs.flatMap((output) => {
    const trial = archive.trials(output.entry, { dataset: "train", examples: [output.example] })[0]?.at(-1);
    const score = orientedScore(archive, trial);
    return score === null ? [] : [{ output, score }];
  });
  const average = scored.reduce((sum, { score }) => sum + score, 0) / Math.max(1, scored.length);
  return scored.reduce((all, { output, score }) => {
    const text = JSON.stringify(step.workedExamples(output, path).map((worked) => worked.output));
    // Line breaks and quotes are not letters of what follows them.
    const plain = text.replace(/\\(?:u[\da-f]{4}|.)/g, " ");
    const named = items.filter(({ id }) => isNamed(id, plain)).map(({ id }) => id);
    return score === average
      ? all
      : countedFor(all, named, { helpful: Number(score > average), harmful: Number(score < average) });
  }, counts);
}

/** Shorter ids are likely to stand in a text without being meant. */
const shortestId = 3;

/** Whether a text has an id as a word of its own: `item-10` does not name `item-1`. */
function isNamed(id: string, text: string): boolean {
  if (id.length < shortestId) return false;
  const escaped = id.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}_-])${escaped}(?![\\p{L}\\p{N}_-])`, "u").test(text);
}

/** The parameter that holds a playbook, which may be empty. */
function playbookPath({ parameters, current }: Step): string {
  const fitting = parameters.filter((path) => playbookOf(current.values[path]) !== undefined);
  const [path] = fitting;
  if (path !== undefined && fitting.length === 1) return path;
  throw new InvalidArgumentError(
    fitting.length === 0
      ? "No trainable parameter holds a playbook. Add one, such as parameter([]), and show its items in the prompt"
      : `Several parameters hold a list of items: ${fitting.join(", ")}. Name the playbook, as in acePlaybook({ parameter: "${path}" })`,
  );
}
