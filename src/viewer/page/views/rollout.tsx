/**
 * One rollout in full: what came in and out, the graph, the model calls, and the feedback.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { RolloutView, ViewerAction } from "../../api.ts";
import { rolloutPath } from "../../requests.ts";
import { useAnswer } from "../answer.ts";
import { onOneLine } from "../control-characters.ts";
import { count, dateTime, duration, plural, score } from "../format.ts";
import { candidateHref } from "../links.ts";
import { GraphDrawing } from "../parts/graph-drawing.tsx";
import { InlineText, ModelText, Value } from "../parts/model-text.tsx";
import { Absent, Answered } from "../parts/notice.tsx";
import { Section } from "../parts/section.tsx";
import { RolloutStatus } from "../parts/status.tsx";
import { CorrectButton } from "./correct.tsx";
import { ModelCall } from "./model-call.tsx";
import { datasetText } from "./scores.tsx";

interface RolloutProps {
  readonly run: string;
  readonly position: string;
  readonly actions: readonly ViewerAction[];
}

export function Rollout({ run, position, actions }: RolloutProps): ComponentChildren {
  const answer = useAnswer<RolloutView>(rolloutPath(run, position));
  return <Answered answer={answer}>{(rollout) => <Shown run={run} rollout={rollout} actions={actions} />}</Answered>;
}

interface ShownProps extends Omit<RolloutProps, "position"> {
  readonly rollout: RolloutView;
}

function Shown({ run, rollout, actions }: ShownProps): ComponentChildren {
  const { feedback, error, graph, calls, missing } = rollout;
  return (
    <>
      <Title run={run} rollout={rollout} actions={actions} />
      {missing.map((reason) => (
        <Absent key={reason}>{reason}</Absent>
      ))}
      {error === null ? null : (
        <Section title="Error">
          <div class="error-text">
            <ModelText text={error} label="Error" />
          </div>
        </Section>
      )}
      <Data rollout={rollout} />
      {feedback === null ? null : (
        <Section title="Feedback">
          <ModelText text={feedback} label="Feedback" />
        </Section>
      )}
      {graph === null ? null : (
        <Section title="Graph" note={`${plural(graph.nodes.length, "node")}; choose one to read it`}>
          <GraphDrawing graph={graph} />
        </Section>
      )}
      <Section title="Model calls" note={calls.length === 0 ? undefined : count(calls.length)}>
        {calls.length === 0 ? <Absent>None.</Absent> : null}
        {calls.map((call) => (
          <ModelCall key={`${call.position} ${call.at}`} call={call} isOpen={calls.length === 1} />
        ))}
      </Section>
    </>
  );
}

function Title({ run, rollout, actions }: ShownProps): ComponentChildren {
  const { candidate, dataset, example, sample } = rollout;
  return (
    <div class="title">
      <div>
        <h1>
          {example === null ? "Rollout" : `Example #${example}`}{" "}
          <span class="quiet">{dataset === null ? "" : datasetText(dataset)}</span>
        </h1>
        <p class="facts-line">
          <RolloutStatus status={rollout.status} />
          <span>
            score <b>{score(rollout.score)}</b>
          </span>
          <OtherScores rollout={rollout} />
          {candidate === null ? null : (
            <span>
              by <a href={candidateHref(run, candidate)}>{onOneLine(candidate, 60)}</a>
            </span>
          )}
          {sample === 0 ? null : <span>sample {sample}</span>}
          <span>{duration(rollout.durationMs)}</span>
          <span>{dateTime(rollout.at)}</span>
        </p>
      </div>
      {actions.includes("correct") && dataset !== null && example !== null ? (
        <div class="tools">
          <CorrectButton run={run} rollout={rollout} dataset={dataset} example={example} />
        </div>
      ) : null}
    </div>
  );
}

/** What came in and out, and what was expected. */
function Data({ rollout }: Pick<ShownProps, "rollout">): ComponentChildren {
  const { correction } = rollout;
  return (
    <div class="triple">
      <Section title="Input">
        <Value value={rollout.inputValue} label="Input" />
      </Section>
      <Section title="Output">
        <Value value={rollout.output} label="Output" />
      </Section>
      <Section title="Expected" note={correction === null ? undefined : "corrected by hand"}>
        <Value value={correction === null ? rollout.expected : correction.expected} label="Expected" />
        {correction === null || correction.note === "" ? null : (
          <p class="quiet">
            <InlineText text={correction.note} />
          </p>
        )}
      </Section>
    </div>
  );
}

function OtherScores({ rollout: { scores } }: { readonly rollout: RolloutView }): ComponentChildren {
  return Object.entries(scores)
    .filter(([name]) => name !== "score")
    .map(([name, value]) => (
      <span key={name}>
        {onOneLine(name, 30)} <b>{score(value)}</b>
      </span>
    ));
}
