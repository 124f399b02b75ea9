/**
 * A run in one view: what it gained, its scores, what it cost, what it waited for, what went wrong.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { CandidateBrief, RunView } from "../../api.ts";
import { onOneLine } from "../control-characters.ts";
import { count, dateTime, dollars, duration, number, plural, score, signed } from "../format.ts";
import { candidateHref } from "../links.ts";
import { InlineText, valueText } from "../parts/model-text.tsx";
import { Absent, Problem } from "../parts/notice.tsx";
import { Facts, Section } from "../parts/section.tsx";
import { FrontChart } from "./front-chart.tsx";
import { Scores } from "./scores.tsx";
import { SpendTable } from "./spend-table.tsx";
import { WaitsTable } from "./waits-table.tsx";

export function Overview({ run }: { readonly run: RunView }): ComponentChildren {
  return (
    <>
      <Outcome run={run} />
      <Section title="Score">
        <Scores run={run} />
      </Section>
      {run.evaluated.length === 0 ? null : (
        <Section title="Trade-offs" note="every candidate under two metrics; the front is connected">
          <FrontChart run={run} />
        </Section>
      )}
      <Section title="Cost" note={costNote(run)}>
        <SpendTable spend={run.spend} />
      </Section>
      <div class="pair">
        <Section title="Rates, retries, and waits" note={waitNote(run)}>
          <WaitsTable waits={run.waits} />
        </Section>
        <Section title="Warnings" note={run.warnings.length === 0 ? undefined : plural(run.warnings.length, "kind")}>
          <Warnings run={run} />
        </Section>
      </div>
      <Section title="Set-up">
        <SetUp run={run} />
      </Section>
    </>
  );
}

/** What was gained, in words and in the numbers that people ask for first. */
function Outcome({ run }: { readonly run: RunView }): ComponentChildren {
  const { report, error, problems, bestCandidate, startCandidate, counts } = run;
  const gain = run.best === null || run.start === null ? null : run.best - run.start;
  return (
    <div class="outcome">
      {error === null ? null : <Problem text={error} />}
      {problems.map((problem) => (
        <Problem key={problem} text={problem} />
      ))}
      {report === null ? (
        <p class="report quiet">
          {run.state === "running" ? "Still learning: the report comes at the end." : "This run has no report."}
        </p>
      ) : (
        <p class="report">
          <InlineText text={report.text} />
        </p>
      )}
      <div class="figures">
        <Figure name="start" value={score(run.start)} link={linkTo(run, startCandidate)} />
        <Figure name="best" value={score(run.best)} link={linkTo(run, bestCandidate)} isMain />
        <Figure name="difference" value={signed(gain)} />
        <Figure name="iterations" value={progressText(run)} />
        <Figure name="candidates" value={count(counts.candidates)} note={`${count(counts.accepted)} accepted`} />
        <Figure name="rollouts" value={count(counts.rollouts)} note={failureNote(run)} />
        <Figure name="cost" value={dollars(run.spend.total.usd)} />
        <Figure name="time" value={duration(run.elapsedMs)} />
      </div>
    </div>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly note?: string | undefined;
  readonly link?: string | undefined;
  readonly isMain?: boolean;
}

export function Figure({ name, value, note, link, isMain = false }: FigureProps): ComponentChildren {
  return (
    <div class={isMain ? "figure main" : "figure"}>
      <span class="name">{name}</span>
      <span class="value">{link === undefined ? value : <a href={link}>{value}</a>}</span>
      {note === undefined ? null : <span class="note">{note}</span>}
    </div>
  );
}

function Warnings({ run: { warnings, damagedLines } }: { readonly run: RunView }): ComponentChildren {
  if (warnings.length === 0 && damagedLines === 0) return <Absent>None.</Absent>;
  return (
    <ul class="lines">
      {damagedLines === 0 ? null : <li>{plural(damagedLines, "line")} of the journal could not be read and were left out.</li>}
      {warnings.map(({ message, at, count: times }) => (
        <li key={message}>
          <InlineText text={message} />
          <span class="quiet">
            {dateTime(at)}
            {times > 1 ? `, ${count(times)} times` : ""}
          </span>
        </li>
      ))}
    </ul>
  );
}

function SetUp({ run }: { readonly run: RunView }): ComponentChildren {
  const { datasets, options, chosenOn, traces } = run;
  const sizes = Object.entries(datasets).map(([name, { examples }]) => `${name} ${count(examples)}`);
  return (
    <Facts
      facts={[
        ["Folder", <InlineText key="folder" text={run.folder} />],
        ["Seed", valueText(run.seed)],
        ["Data", sizes.join(", ")],
        ["Best chosen on", chosenOn === null ? "" : `${chosenOn.dataset}, ${plural(chosenOn.examples, "example")}`],
        ["Objective", run.objective === null ? "" : valueText(run.objective as never)],
        ["Corrected answers", run.corrections === 0 ? "" : count(run.corrections)],
        [
          "Kept in full",
          traces.missing !== null ? (
            <InlineText key="missing" text={traces.missing} />
          ) : (
            `${plural(traces.rollouts, "rollout")}, ${plural(traces.calls, "model call")}`
          ),
        ],
        ...Object.entries(options).map(
          ([name, value]) => [onOneLine(name, 60), <InlineText key={name} text={optionText(valueText(value))} />] as const,
        ),
      ]}
    />
  );
}

function optionText(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function linkTo(run: RunView, candidate: CandidateBrief | null): string | undefined {
  return candidate === null ? undefined : candidateHref(run.id, candidate.id);
}

function progressText({ iterations, numIterations }: RunView): string {
  return numIterations === null ? count(iterations) : `${count(iterations)} / ${count(numIterations)}`;
}

function failureNote({ counts }: RunView): string | undefined {
  const notes = [
    counts.failedRollouts === 0 ? undefined : `${count(counts.failedRollouts)} failed`,
    counts.unscoredRollouts === 0 ? undefined : `${count(counts.unscoredRollouts)} unscored`,
  ].filter((note) => note !== undefined);
  return notes.length === 0 ? undefined : notes.join(", ");
}

function costNote({ spend: { total } }: RunView): string {
  return `${plural(total.calls, "model call")}, ${count(total.inputTokens + total.outputTokens)} tokens`;
}

/** How quickly models were called on average, and what that had to wait for. */
function waitNote({ waits, spend: { total }, elapsedMs }: RunView): string | undefined {
  const minutes = (elapsedMs ?? 0) / 60_000;
  const notes: string[] = [];
  if (minutes > 0 && total.calls > 0) {
    notes.push(
      `${count(total.calls / minutes)} calls and ${count((total.inputTokens + total.outputTokens) / minutes)} tokens a minute`,
    );
  }
  if (waits.retries > 0) notes.push(waits.retries === 1 ? "1 retry" : `${number(waits.retries)} retries`);
  if (waits.waits.length > 0 || waits.retries > 0) notes.push(`waited ${duration(waits.waitedMs)}`);
  return notes.length === 0 ? undefined : notes.join(", ");
}
