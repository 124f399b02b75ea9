/**
 * JSON and schemas.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import { type ValidJsonOptions, validJson } from "./valid-json.ts";

const city = z.object({ city: z.string(), population: z.int().positive() });
const jsonSchema = {
  type: "object",
  properties: { city: { type: "string" }, population: { type: "integer", exclusiveMinimum: 0 } },
  required: ["city", "population"],
};

describe("validJson", () => {
  it.each<{ options?: ValidJsonOptions; answer: unknown; score: number; json?: number }>([
    { answer: '{"a": [1, null]}', score: 1 },
    { answer: "7", score: 1 },
    { answer: "{'a': 1}", score: 0 },
    { answer: '```json\n{"a": 1}\n```', score: 0 },
    { options: { lenient: true }, answer: '```json\n{"a": 1}\n```', score: 1 },
    { options: { lenient: true }, answer: "Here you are: nothing.", score: 0 },
    { answer: { a: 1 }, score: 1 },
    { answer: { a: Number.NaN }, score: 0 },
    { answer: undefined, score: 0 },
    ...[city, jsonSchema].flatMap((schema) => [
      { options: { schema }, answer: '{"city":"Lima","population":10}', score: 1, json: 1 },
      { options: { schema }, answer: { city: "Lima", population: 10 }, score: 1, json: 1 },
      { options: { schema }, answer: '{"city":"Lima","population":-1}', score: 0, json: 1 },
      { options: { schema }, answer: "Lima", score: 0, json: 0 },
    ]),
  ])("scores $answer as $score", async ({ options, answer, score, json }) => {
    const verdict = await validJson(options).getFeedback("?", answer, null);
    expect(verdict.score).toBe(score);
    expect(verdict.scores).toEqual(json === undefined ? undefined : { json });
  });

  it("says what does not fit, and where", async () => {
    const { feedback } = await validJson({ schema: city }).getFeedback("?", '{"city":7,"population":1.5}', null);
    expect(feedback).toMatch(/^The answer is valid JSON that does not fit the schema:\n- city: .*string.*\n- population: .*int/);
    expect(feedback).toContain('Got "{\\"city\\":7');
    const broken = await validJson().getFeedback("?", "{a: 1}", null);
    expect(broken.feedback).toMatch(/^Expected valid JSON, got "\{a: 1\}": Expected property name .* at position 1/);
  });

  it("refuses invalid schemas", async () => {
    expect(() => validJson({ schema: "object" as never })).toThrow(InvalidArgumentError);
    const conditional = validJson({ schema: { if: { type: "string" }, else: { minimum: 1 } } });
    await expect(conditional.getFeedback("?", "1", null)).rejects.toThrow(ConfigurationError);
  });
});
