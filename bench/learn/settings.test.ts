import { describe, expect, it } from "vitest";
import { readSettings } from "./settings.ts";

describe("readSettings", () => {
  it.each([
    [["--budget-unit", "dollars"], "Expected --task-price INPUT,OUTPUT above 0"],
    [
      ["--budget-unit", "dollars", "--task-price", "1,2", "--optimizer-price", "0,0"],
      "Expected --optimizer-price INPUT,OUTPUT above 0",
    ],
    [["--budget-unit", "tokens", "--optimizer-dir", "x"], "with --optimizer-dir or --optimizer-record, got tokens"],
    [["--budget-unit", "dollars", "--task-price", "1,2", "--optimizer-record", "x"], "got dollars"],
    [["--optimizer-context", "400", "--optimizer-max-tokens", "400"], "Expected --optimizer-max-tokens to be below"],
  ])("refuses a budget that would not count every call: %j", (args, message) => {
    expect(() => readSettings(args)).toThrow(message);
  });

  it.each([
    [["--seeds", "0,0,1"], "Expected each of --seeds once, got 0 more than once"],
    [["--seeds", "1,01"], "got 1 more than once"],
    [["--tasks", "dates, dates"], "Expected each of --tasks once"],
    [["--algorithms", "gepa,copro,gepa"], "Expected each of --algorithms once"],
    [["--optimizers", "OPRO,OPRO"], "Expected each of --optimizers once"],
    [["--reply-format", "xml"], "Expected --reply-format to be one of auto, tags, json, got xml"],
    [["--optimizers", "tpe"], "Expected each of --optimizers to be one of OptoPrime, OPRO, TextGrad, TPE, got tpe"],
  ])("refuses repeated and unknown names: %j", (args, message) => {
    expect(() => readSettings(args)).toThrow(message);
  });

  it("keeps the options that decide about results, for the record of a table", () => {
    const { options } = readSettings([
      "--out",
      "x",
      "--budget",
      "20",
      "--grammar",
      "--base-url=http://a/v1",
      "--seeds=2",
      "--replay",
    ]);
    expect(options).toEqual(["--budget", "20", "--grammar", "--seeds", "2"]);
  });

  it("takes budgets that do", () => {
    expect(readSettings(["--budget-unit", "dollars", "--task-price", "0,2"]).prices.optimizer).toEqual({ input: 0, output: 2 });
    expect(readSettings(["--budget-unit", "tokens"]).unit).toBe("tokens");
  });
});
