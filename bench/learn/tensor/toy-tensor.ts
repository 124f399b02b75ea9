/**
 * A simulated tensor, where none of a real model is at hand: abilities and difficulties instead of prompts and examples.
 *
 * @module
 */
import { Random } from "opto/data";
import { type Tensor, type TensorPrompt, tensorOf } from "./tensor.ts";

/** How large it is. */
export interface ToyTensorOptions {
  readonly seed: number;
  readonly numPrompts: number;
  readonly numExamples: number;
  readonly numSamples: number;
}

/** A child is on the average as able as its parent, and about as often better as worse; some examples suit it better than its parent. */
export function toyTensor({ seed, numPrompts, numExamples, numSamples }: ToyTensorOptions): Tensor {
  const random = new Random(seed, "toy tensor");
  const ease = Array.from({ length: numExamples }, () => random.normal(0, 1.5));
  const own: { readonly ability: number; readonly suits: readonly number[] }[] = [];
  const prompts: TensorPrompt[] = [];
  for (let prompt = 0; prompt < numPrompts; prompt++) {
    const parent = prompt === 0 ? null : random.integer(Math.max(0, prompt - 40), prompt - 1);
    const before = parent === null ? undefined : own[parent];
    const ability = (before?.ability ?? -0.3) + (before === undefined ? 0 : random.normal(0, 0.5));
    own.push({ ability, suits: ease.map((_, at) => (before?.suits[at] ?? 0) * 0.8 + random.normal(0, 0.5)) });
    prompts.push({ parent });
  }
  const scores = own.map(({ ability, suits }) =>
    ease
      .flatMap((easy, example) => {
        const right = 1 / (1 + Math.exp(-(ability + easy + (suits[example] as number))));
        return Array.from({ length: numSamples }, () => (random.next() < right ? "9" : "0"));
      })
      .join(""),
  );
  const origin = { task: "toy", taskModel: "none", optimizerModel: "none", isSimulated: true };
  return tensorOf({ origin, numExamples, numSamples, prompts, scores });
}
