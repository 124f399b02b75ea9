/**
 * Takes a batch apart again that `batchify` joined into one output and one feedback.
 *
 * @module
 */
import type { Node } from "../../graph/node.ts";
import type { TargetFeedback } from "../../graph/trace-graph.ts";

/**
 * The examples of a batch with what was said of each; `undefined` when the target is none, or its feedback does not go
 * through all examples in order, each under its `ID [i]:`. A score of the batch is that of no single example.
 */
export function batchSections({ target, feedback }: TargetFeedback): readonly TargetFeedback[] | undefined {
  if (target.operation?.name !== "batchify" || target.inputs.length === 0) return undefined;
  if (feedback.scores !== undefined) return undefined;
  const texts = sectionsOf(feedback.feedback, target.inputs.length);
  return texts?.map((text, index) => ({
    target: target.inputs[index] as Node,
    feedback: { score: null, feedback: text },
  }));
}

function sectionsOf(text: string, count: number): readonly string[] | undefined {
  const sections: string[] = [];
  let start = 0;
  for (let index = 0; index < count; index++) {
    const head = `ID [${index}]: `;
    if (!text.startsWith(head, start)) return undefined;
    const end = index === count - 1 ? text.length : text.indexOf(`\nID [${index + 1}]: `, start);
    if (end === -1) return undefined;
    sections.push(text.slice(start + head.length, end).trimEnd());
    start = end + 1;
  }
  return sections;
}
