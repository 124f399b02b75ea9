/**
 * On which examples a candidate is better than another, and on which it is worse.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { CandidateComparison, ExampleDifference } from "../../api.ts";
import { onOneLine } from "../control-characters.ts";
import { count, plural, score, signed } from "../format.ts";
import { exampleHref } from "../links.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { InlineText } from "../parts/model-text.tsx";
import { Absent } from "../parts/notice.tsx";
import { Section } from "../parts/section.tsx";
import { goTo } from "../route.ts";
import { datasetText } from "./scores.tsx";

interface ComparisonProps {
  readonly run: string;
  readonly candidate: string;
  readonly comparison: CandidateComparison;
  /** @default what it is compared with */
  readonly title?: string;
}

export function Comparison({ run, candidate, comparison, title }: ComparisonProps): ComponentChildren {
  const { dataset, against, examples, text, won, lost, numWon, numLost } = comparison;
  const open = ({ example }: ExampleDifference): void => goTo(exampleHref(run, candidate, dataset, example));
  return (
    <Section
      title={title ?? `Against ${onOneLine(against, 60)}`}
      note={`${datasetText(dataset)} data, ${plural(examples, "example")} in both`}
    >
      <p class="lead">
        <InlineText text={text} />
      </p>
      <div class="pair">
        <Differences title={`▲ better on ${count(numWon)}`} rows={won} total={numWon} onOpen={open} />
        <Differences title={`▼ worse on ${count(numLost)}`} rows={lost} total={numLost} onOpen={open} />
      </div>
    </Section>
  );
}

interface DifferencesProps {
  readonly title: string;
  readonly rows: readonly ExampleDifference[];
  readonly total: number;
  readonly onOpen: (row: ExampleDifference) => void;
}

const columns: readonly Column<ExampleDifference>[] = [
  { title: "Example", by: ({ example }) => example, cell: ({ example }) => `#${example}` },
  { title: "Before", by: ({ before }) => before, cell: ({ before }) => score(before), isNumber: true, isMinor: true },
  { title: "After", by: ({ after }) => after, cell: ({ after }) => score(after), isNumber: true },
  { title: "Difference", by: differenceOf, cell: (row) => signed(differenceOf(row)), isNumber: true },
];

function Differences({ title, rows, total, onOpen }: DifferencesProps): ComponentChildren {
  return (
    <div>
      <h3>{title}</h3>
      {rows.length === 0 ? (
        <Absent>None.</Absent>
      ) : (
        <div class="short">
          <DataTable label={title} columns={columns} rows={rows} keyOf={({ example }) => String(example)} onOpen={onOpen} />
        </div>
      )}
      {rows.length < total ? <p class="quiet">The {count(rows.length)} largest differences.</p> : null}
    </div>
  );
}

function differenceOf({ before, after }: ExampleDifference): number | null {
  return before === null || after === null ? null : after - before;
}
