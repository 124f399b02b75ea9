/**
 * A user's program as it is shipped in one file: its agent calls a language model, and runs code that was learned elsewhere.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { bundle, generate, Module, model, parameter } from "opto";
import { resolveModel } from "opto/llm";

const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL ?? "", apiKey: "unused" });

const total = bundle(
  function total(prices: readonly number[], { rate }: { readonly rate: number }): number {
    return prices.length * rate;
  },
  { trainable: true, name: "total", params: ["prices", "{ rate }"] },
);
const average = bundle(
  function average(numbers: readonly number[]): number {
    return numbers.length;
  },
  { trainable: true },
);

class Shop extends Module<string, string> {
  total = total;
  prompt = parameter("Answer.");
  override async forward(question: string): Promise<string> {
    const reply = await generate({ model: openai.chat("test-model"), system: this.prompt, prompt: question });
    return `${reply} ${this.total([1, 2, 3], { rate: 2 }).value}`;
  }
}

async function main(): Promise<void> {
  const shop = new Shop();
  const before = (await shop.call("How many?")).value;
  await shop.load("shop.json");
  const learned = (await shop.call("How many?")).value;
  const plain = model({ average }, async ({ average }, numbers: readonly number[]) => average(numbers));
  const unnamed = await plain.load("average.json").then(
    async () => (await plain.call([2, 4])).value,
    ({ message }: Error) => message,
  );
  const byName = await resolveModel("mistral/x").catch(({ message }: Error) => message);
  console.log(JSON.stringify({ before, learned, unnamed, byName }));
}

void main();
