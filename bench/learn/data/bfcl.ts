/**
 * Cases of the Berkeley Function Calling Leaderboard: a request, functions, and the calls that are right.
 *
 * @module
 */
import { packageFile } from "./package-files.ts";

export const bfcl = {
  name: "Berkeley Function Calling Leaderboard v4, PyPI package bfcl-eval 2026.3.23",
  license: "Apache-2.0",
} as const;

/** A function that may be called. Its name has letters, digits, `_` and `-` only. */
export interface BfclFunction {
  readonly name: string;
  readonly description: string;
  /** A JSON schema. */
  readonly parameters: object;
}

/** A right call: for each argument the values that are right; `""` among them says that it may be left out. */
export interface RightCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, readonly unknown[]>>;
}

/** One case. */
export interface BfclCase {
  readonly id: string;
  readonly request: string;
  readonly functions: readonly BfclFunction[];
  readonly right: RightCall;
}

const files = [
  [
    "BFCL_v4_simple_python.json",
    "82dd63ba502eb2520c6b5d1d9a5c4b590e03ff261565175561f6228a367d1991",
    "90cd5bc653690ee8e459b5b3f3fc9458606f7f3fcbf795bb51b7dc581f8c86dc",
  ],
  [
    "BFCL_v4_multiple.json",
    "aef168155ebd74b7ac2401198b201343bc7d16d7a3d7e0d4e6d8ee82c6969b2a",
    "244e00ce9395df948bcafc7bee64e8f9c87ef70887587d83cae45b13699f3047",
  ],
] as const;

/** The cases with one call, of one function or several to choose from. */
export async function bfclCases(cache: string): Promise<BfclCase[]> {
  const cases: BfclCase[] = [];
  for (const [name, questionHash, answerHash] of files) {
    const questions = await lines<Question>(name, questionHash, cache);
    const answers = await lines<Answer>(`possible_answer/${name}`, answerHash, cache);
    const rightOf = new Map(answers.map(({ id, ground_truth }) => [id, ground_truth]));
    for (const { id, question, function: functions } of questions) {
      const [[called, right] = []] = (rightOf.get(id) ?? []).map((call) => Object.entries(call)[0] ?? []);
      if (called === undefined || right === undefined) continue;
      const request = question
        .flat()
        .map(({ content }) => content)
        .join("\n\n");
      cases.push({ id, request, functions: functions.map(toFunction), right: { name: toolName(called), arguments: right } });
    }
  }
  return cases;
}

interface Question {
  readonly id: string;
  readonly question: readonly (readonly { readonly content: string }[])[];
  readonly function: readonly { readonly name: string; readonly description: string; readonly parameters: object }[];
}

interface Answer {
  readonly id: string;
  readonly ground_truth: readonly Readonly<Record<string, RightCall["arguments"]>>[];
}

async function lines<Line>(name: string, sha256: string, cache: string): Promise<Line[]> {
  const text = await packageFile({ requirement: "bfcl-eval==2026.3.23", member: `bfcl_eval/data/${name}`, sha256 }, cache);
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Line);
}

function toFunction({ name, description, parameters }: Question["function"][number]): BfclFunction {
  return { name: toolName(name), description, parameters: jsonSchemaOf(parameters) as object };
}

/** Servers refuse names with a dot. */
function toolName(name: string): string {
  return name.replaceAll(/[^\w-]/g, "_");
}

/** The data name types as Python does. */
function jsonSchemaOf(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(jsonSchemaOf);
  if (typeof given !== "object" || given === null) return given;
  const entries = Object.entries(given).map(([key, value]): [string, unknown] => {
    return [key, key === "type" && typeof value === "string" ? (typeNames[value] ?? value) : jsonSchemaOf(value)];
  });
  return Object.fromEntries(entries.filter(([key, value]) => key !== "type" || value !== "any"));
}

const typeNames: Readonly<Record<string, string>> = { dict: "object", float: "number", tuple: "array", list: "array" };
