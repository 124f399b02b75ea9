/**
 * One candidate: what changed, what it scored, on which examples it won and lost, and the call that proposed it.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { CandidateView, ViewerAction } from "../../api.ts";
import { candidatePath } from "../../requests.ts";
import { useAnswer } from "../answer.ts";
import { onOneLine } from "../control-characters.ts";
import { dateTime } from "../format.ts";
import { candidateHref, runHref } from "../links.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { InlineText, ModelText } from "../parts/model-text.tsx";
import { Absent, Answered } from "../parts/notice.tsx";
import { Section } from "../parts/section.tsx";
import { CandidateState } from "../parts/status.tsx";
import { ApplyButton } from "./apply.tsx";
import { Changes } from "./changes.tsx";
import { Comparison } from "./comparison.tsx";
import { MarkButton } from "./mark.tsx";
import { ModelCall } from "./model-call.tsx";
import { Results } from "./results.tsx";

interface CandidateProps {
  readonly run: string;
  readonly id: string;
  readonly actions: readonly ViewerAction[];
}

export function Candidate({ run, id, actions }: CandidateProps): ComponentChildren {
  const answer = useAnswer<CandidateView>(candidatePath(run, id));
  return <Answered answer={answer}>{(candidate) => <Shown run={run} candidate={candidate} actions={actions} />}</Answered>;
}

interface ShownProps extends Omit<CandidateProps, "id"> {
  readonly candidate: CandidateView;
}

function Shown({ run, candidate, actions }: ShownProps): ComponentChildren {
  const { reasoning, againstParent, proposal, mark } = candidate;
  return (
    <>
      <Title run={run} candidate={candidate} actions={actions} />
      {mark === null ? null : (
        <p class="mark-note">
          ⚑ <InlineText text={mark.note === "" ? "marked" : mark.note} /> <span class="quiet">{dateTime(mark.at)}</span>
        </p>
      )}
      <Changes candidate={candidate} />
      <Section
        title="Scores"
        tools={<a href={`${runHref(run, "rollouts")}?candidate=${encodeURIComponent(candidate.id)}`}>Rollouts</a>}
      >
        <Results results={candidate.results} />
      </Section>
      {againstParent.map((comparison) => (
        <Comparison key={comparison.dataset} run={run} candidate={candidate.id} comparison={comparison} />
      ))}
      {reasoning === null ? null : (
        <Section title="Why it was proposed">
          <ModelText text={reasoning} label="Reasoning" />
        </Section>
      )}
      <Section title="The optimizer's prompt and reply" note={<code>{onOneLine(proposal.position)}</code>}>
        {proposal.missing === null ? null : <Absent>{proposal.missing}</Absent>}
        {proposal.calls.map((call) => (
          <ModelCall key={`${call.position} ${call.at}`} call={call} isOpen={proposal.calls.length === 1} />
        ))}
      </Section>
      <Rejections candidate={candidate} />
      <History candidate={candidate} />
    </>
  );
}

function Title({ run, candidate, actions }: ShownProps): ComponentChildren {
  const { id, isBest } = candidate;
  return (
    <div class="title">
      <div>
        <h1>
          Candidate <InlineText text={onOneLine(id)} />
        </h1>
        <p class="facts-line">
          <CandidateState status={candidate.status} isBest={isBest} />
          <span>iteration {candidate.iteration}</span>
          <span>
            by <InlineText text={candidate.origin} />
          </span>
          <Relatives run={run} label="from" ids={candidate.parents} />
          <Relatives run={run} label="children" ids={candidate.children} />
        </p>
      </div>
      <div class="tools">
        <CopyButton text={() => JSON.stringify(candidate.values, null, 2)}>Copy values</CopyButton>
        {actions.includes("mark") ? <MarkButton run={run} candidate={candidate} /> : null}
        {actions.length === 0 ? null : (
          <ApplyButton run={run} candidate={id} isBest={isBest} isPossible={actions.includes("apply")} />
        )}
      </div>
    </div>
  );
}

function Rejections({ candidate: { proposal } }: Pick<ShownProps, "candidate">): ComponentChildren {
  if (proposal.rejections.length === 0) return null;
  return (
    <Section title="Rejected replies" note="asked again for each">
      <ul class="lines">
        {proposal.rejections.map(({ name, reason, attempt }, place) => (
          <li key={place}>
            <span class="quiet">{attempt === null ? "" : `attempt ${attempt} `}</span>
            {name === null ? null : <code>{onOneLine(name)}</code>} <InlineText text={reason} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function History({ candidate: { history } }: Pick<ShownProps, "candidate">): ComponentChildren {
  if (history.length === 0) return null;
  return (
    <Section title="What happened to it">
      <ul class="lines">
        {history.map(({ iteration, at, text }, place) => (
          <li key={place}>
            <InlineText text={text} />
            <span class="quiet">
              {iteration === null ? "" : `iteration ${iteration}, `}
              {dateTime(at)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const mostRelatives = 6;

interface RelativesProps {
  readonly run: string;
  readonly label: string;
  readonly ids: readonly string[];
}

function Relatives({ run, label, ids }: RelativesProps): ComponentChildren {
  if (ids.length === 0) return null;
  const more = ids.length - mostRelatives;
  return (
    <span>
      {label}{" "}
      {ids.slice(0, mostRelatives).map((id, place) => (
        <span key={id}>
          {place > 0 ? ", " : ""}
          <a href={candidateHref(run, id)}>{onOneLine(id, 60)}</a>
        </span>
      ))}
      {more > 0 ? ` and ${more} more` : ""}
    </span>
  );
}
