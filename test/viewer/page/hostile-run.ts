/**
 * A run in which everything that someone else wrote tries to be more than text.
 *
 * @module
 */
import type { CandidateView, RolloutView } from "../../../src/viewer/api.ts";
import { candidatePath, lineagePath, rolloutPath, runPath } from "../../../src/viewer/requests.ts";
import { allAnswers, candidate, lineage, modelCall, nodes, rollout, rollouts, run } from "./fixture-run.ts";

export const markup = `<script>document.title="taken"</script><img src="http://203.0.113.9/x.png" onerror="alert(1)"><a href="javascript:alert(2)">here</a>`;
export const reversed = "abc\u202eexe.txt\u2066 hidden \u2069\u200b end";
export const controls = "bell\u0007 escape\u001b[31mred null\u0000 end";
export const link = "See https://203.0.113.9/steal?q=1 and [this](http://203.0.113.9/).";
/** Five million characters; the last ones are not seen before they are asked for. */
export const long = `${"All work and no play makes a long value. ".repeat(125_000)}THE LAST WORDS`;

const hostileText = [
  markup,
  reversed,
  controls,
  link,
  "</script></textarea></pre>",
  "{{constructor.constructor('alert(3)')()}}",
].join("\n");

/** Answers under a run of a name that tries the same. */
export const hostileId = "..%2f<img src=x onerror=alert(4)>";

export function hostileAnswers(): Record<string, unknown> {
  const best = nodes[21] ?? expectNode();
  const brief = rollouts.find(({ candidate: id }) => id === best.id) ?? rollouts[0];
  const texts: Partial<CandidateView> = {
    origin: markup,
    values: { [markup]: hostileText, prompt: hostileText, long },
    parentValues: [{ id: "start", values: { [markup]: "before", prompt: link, long: "short" } }],
    startValues: { prompt: controls, long: "short" },
    reasoning: hostileText,
    proposal: {
      position: markup,
      calls: [modelCall(markup, hostileText, hostileText)],
      rejections: [{ name: markup, reason: hostileText, attempt: 1 }],
      missing: null,
    },
    history: [{ iteration: 1, at: "<b>now</b>", text: hostileText }],
  };
  const shownRollout: Partial<RolloutView> = {
    inputValue: { customer: hostileText },
    output: long,
    expected: hostileText,
    feedback: hostileText,
    error: hostileText,
    graph: {
      nodes: [
        {
          name: markup,
          kind: `x" onload="alert(5)`,
          operation: markup,
          description: hostileText,
          path: markup,
          text: hostileText,
        },
      ],
      edges: [],
      target: 0,
      omitted: 0,
    },
    calls: [
      { ...modelCall("p", hostileText, hostileText), model: markup, role: markup, error: hostileText, finishReason: markup },
    ],
    missing: [hostileText],
  };
  return {
    ...allAnswers(["brave-otter"]),
    [runPath(hostileId)]: {
      ...run(hostileId),
      name: markup,
      warnings: [{ message: hostileText, at: "x", count: 1 }],
      error: hostileText,
    },
    [lineagePath(hostileId)]: { ...lineage, nodes: nodes.map((node) => ({ ...node, origin: markup })) },
    [candidatePath(hostileId, best.id)]: { ...candidate(best), ...texts },
    ...(brief === undefined ? {} : { [rolloutPath(hostileId, brief.position)]: { ...rollout(brief), ...shownRollout } }),
  };
}

export const hostileCandidate: string = nodes[21]?.id ?? "";
export const hostileRollout: string = rollouts.find(({ candidate: id }) => id === hostileCandidate)?.position ?? "";

function expectNode(): never {
  throw new Error("Expected a run with 25 candidates");
}
