/**
 * Code as a parameter: a function that ranks players is learned from test cases that fail. What is proposed runs in a sandbox.
 *
 * The model is a scripted one that reads OptoPrime's prompt and answers by rules; with a real model leave `model` out and set
 * OPTO_MODEL.
 *
 * @module
 */
import { bundle, type Example, model, OptoPrime, train } from "opto";
import { type ScriptedCall, scriptedModel } from "opto/testing";

interface Player {
  readonly name: string;
  readonly points: number;
}

/** By points, the most first; players with as many points by name. */
const cases: readonly Example<readonly Player[], readonly string[]>[] = [
  { input: players("Ada 3, Bob 5"), info: ["Bob", "Ada"] },
  { input: players("Ada 9, Bob 10, Cid 1"), info: ["Bob", "Ada", "Cid"] },
  { input: players("Cid 2, Ada 2, Bob 2"), info: ["Ada", "Bob", "Cid"] },
  { input: [], info: [] },
];

const rank = bundle(
  function rank(players: readonly Player[]): readonly string[] {
    return players.map(({ name }) => name);
  },
  { trainable: true, description: "Names of the players, in the order of the ranking." },
);
const agent = model({ rank }, async ({ rank }, players: readonly Player[]) => rank(players));

await train({
  agent,
  guide,
  trainDataset: cases,
  optimizer: new OptoPrime(agent, { model: scriptedModel(programmer) }),
  run: null,
  batchSize: cases.length,
  numEpochs: 4,
  evalFrequency: 0,
});

console.log(agent.exportCode());
const learned = await agent.call(players("Eva 1, Dan 10, Ann 10"));
console.log(learned.value.join(", "));
if (learned.value.join() !== "Ann,Dan,Eva") throw new Error("Expected the ranking to be learned");

function guide(given: readonly Player[], answer: readonly string[], expected: readonly string[]): [number, string] {
  if (answer.join() === expected.join()) return [1, "Right."];
  return [0, `rank(${JSON.stringify(given)}) gave ${answer.join(", ")}; it should give ${expected.join(", ")}.`];
}

function players(text: string): Player[] {
  return text.split(", ").map((player) => {
    const [name = "", points] = player.split(" ");
    return { name, points: Number(points) };
  });
}

/** Plays a language model: reads the code and the feedback, answers in OptoPrime's format, and makes mistakes. */
function programmer({ prompt }: ScriptedCall): string {
  const code = improved(prompt);
  return `<reasoning>\nThe cases that fail ask for it.\n</reasoning>\n<variable name="rank">\n${code}\n</variable>`;
}

function improved(prompt: string): string {
  const write = (order: string): string => `function rank(players: readonly Player[]): readonly string[] {
  const ranked = players.toSorted((a, b) => ${order});
  return ranked.map(({ name }) => name);
}`;
  // It forgets that numbers are no texts, is told so by the line that is marked, and sees the draw last.
  if (prompt.includes("<-- (TypeError)")) return write("b.points - a.points");
  if (prompt.includes("return players.map")) return write("b.points.localeCompare(a.points)");
  return write("b.points - a.points || a.name.localeCompare(b.name)");
}
