/**
 * A user's program with a trainable function: prints its source, and what another version of it gives in the sandbox.
 *
 * @module
 */
import { bundle, GraphError, loadSandbox, model } from "opto";

interface Order {
  readonly total: number;
}

const rate = { standard: 2 };

const price = bundle(
  function price(orders: readonly Order[]): number {
    // The sum of all.
    return orders.reduce((sum: number, { total }) => sum + total, 0) * rate.standard;
  },
  { trainable: true, tools: { rate } },
);

const first = price([{ total: 1 }, { total: 2 }]).value;
const source = price.parameter.value;
price.parameter.set(source.replace("* rate.standard", "* rate.standard + 100"));
let tooEarly = "";
try {
  price([]);
} catch (error) {
  tooEarly = (error as { cause?: unknown }).cause instanceof GraphError ? "GraphError" : String(error);
}
const agent = model({ price }, async ({ price }, orders: readonly Order[]) => price(orders));
const throughAgent = (await agent.call([{ total: 1 }, { total: 2 }])).value;
await loadSandbox();
const second = price([{ total: 1 }, { total: 2 }]).value;
console.log(JSON.stringify({ source, first, tooEarly, throughAgent, second, exported: agent.exportCode() }));
