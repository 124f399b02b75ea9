/**
 * What a guide says that its score means reaches every prompt of every optimizer that asks a language model, and changes nothing else.
 *
 * @module
 */
import { BasicSearchAlgorithm, type GuideFunction, MinibatchAlgorithm, model, parameter, text } from "opto";
import { type ScriptedCall, scriptedModel } from "opto/testing";
import { describe, expect, it } from "vitest";
import { partOf, subjects } from "./support/every-optimizer.ts";

type AnyGuide = GuideFunction<string, string, null>;

const sentence = "\nWhat the score means: the share of words that rhyme.";

/** The prompts of one iteration. */
async function promptsOf(make: (typeof subjects)[number]["make"], guide: AnyGuide, Algorithm: typeof MinibatchAlgorithm) {
  const calls: ScriptedCall[] = [];
  const script = scriptedModel((call) => {
    calls.push(call);
    return "<unchanged/>";
  });
  const agent = model({ prompt: parameter("Rhyme:") }, ({ prompt }, word: string) => text`${prompt} ${word}`);
  const trainer = new Algorithm(agent, make(agent, { model: script, maxRerolls: 0 }));
  const dataset = [{ input: "house", info: null }];
  // The models of some never give a usable reply here; what they were asked is all that counts.
  await trainer.train(guide, dataset, { numEpochs: 1, evalFrequency: 0 }).catch(() => undefined);
  return calls.filter((call) => partOf(call) !== "choice");
}

describe.each([MinibatchAlgorithm, BasicSearchAlgorithm as typeof MinibatchAlgorithm])("with %o", (Algorithm) => {
  it.each(subjects)("$name", async ({ make }) => {
    const plain: AnyGuide = () => [0.5, "Not quite."];
    const meant: AnyGuide = Object.assign((): [number, string] => [0.5, "Not quite."], {
      meaning: "the share of words that rhyme",
    });
    const [without, withMeaning] = [await promptsOf(make, plain, Algorithm), await promptsOf(make, meant, Algorithm)];
    expect(without.length).toBeGreaterThan(0);
    expect(withMeaning).toHaveLength(without.length);
    for (const [index, { messages }] of withMeaning.entries()) {
      const first = messages[0]?.content ?? "";
      expect(first).toContain(sentence);
      expect(first.replace(sentence, "")).toBe(without[index]?.messages[0]?.content);
    }
  });
});
