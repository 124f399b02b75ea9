/**
 * What code as a parameter costs: a call of a small function that runs in the sandbox, and the first call of a new version.
 *
 * @module
 */
import { bundle, loadSandbox } from "opto/graph";
import { type Benchmark, busyMs } from "./benchmark.ts";

const calls = 1_000;
const versions = 100;
let made = 0;

const increment = bundle((x: number) => x + 1, { name: "increment", trainable: true });
const lookUp = (x: number): number => x;
const withTool = bundle((x: number) => lookUp(x), { name: "withTool", trainable: true, tools: { lookUp } });
const later = bundle(async (x: number) => x + 1, { name: "later", trainable: true });

export const sandboxCost: readonly Benchmark[] = [
  { name: "sandboxed call", unit: "us", limit: 200, sample: sandboxedCall },
  { name: "sandboxed call of a tool", unit: "us", limit: 200, sample: callOfTool },
  { name: "sandboxed call, async", unit: "us", limit: 200, sample: asyncCall },
  { name: "first call of a new version", unit: "us", limit: 5_000, sample: newVersion },
];

async function sandboxedCall(): Promise<number> {
  await loadSandbox();
  increment.parameter.set("const increment = (x: number): number => x + 2;");
  increment(0);
  const ms = busyMs(() => {
    for (let index = 0; index < calls; index++) increment(index);
  });
  return (ms * 1_000) / calls;
}

async function callOfTool(): Promise<number> {
  await loadSandbox();
  withTool.parameter.set("const withTool = (x: number): number => lookUp(x) + 1;");
  withTool(0);
  const ms = busyMs(() => {
    for (let index = 0; index < calls; index++) withTool(index);
  });
  return (ms * 1_000) / calls;
}

async function asyncCall(): Promise<number> {
  await loadSandbox();
  later.parameter.set("const later = async (x: number): Promise<number> => (await x) + 2;");
  await later(0);
  const ms = await busyMs(async () => {
    for (let index = 0; index < calls; index++) await later(index);
  });
  return (ms * 1_000) / calls;
}

/** Checked, loaded, called. */
async function newVersion(): Promise<number> {
  await loadSandbox();
  const ms = busyMs(() => {
    for (let index = 0; index < versions; index++) {
      increment.parameter.set(`const increment = (x: number): number => x + ${++made};`);
      increment(index);
    }
  });
  return (ms * 1_000) / versions;
}
