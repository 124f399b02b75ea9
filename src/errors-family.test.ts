import { describe, expect, it } from "vitest";
import {
  CheckpointError,
  ConfigurationError,
  GraphError,
  GuideError,
  InfrastructureError,
  InvalidArgumentError,
  isInfrastructureError,
  MissingPackageError,
  OptoError,
  OutputParseError,
  StopError,
} from "./errors.ts";
import { ExecutionError } from "./graph/execution-error.ts";
import { Node } from "./graph/node.ts";

const cause = new TypeError("why");

describe("the error family", () => {
  it.each<[string, OptoError, string]>([
    ["InvalidArgumentError", new InvalidArgumentError("m", { cause }), "invalid-argument"],
    ["GraphError", new GraphError("m", { cause }), "graph"],
    ["OutputParseError", new OutputParseError("m", "what came", { cause }), "output-parse"],
    ["GuideError", new GuideError("m", { cause }), "guide"],
    ["CheckpointError", new CheckpointError("m", { cause }), "checkpoint"],
    ["ConfigurationError", new ConfigurationError("m", { cause }), "configuration"],
    ["MissingPackageError", new MissingPackageError("tool", "Searching", { cause }), "missing-package"],
    ["InfrastructureError", new InfrastructureError("m", { cause }), "infrastructure"],
    ["StopError", new StopError("budget", "m", { cause }), "stopped"],
    ["ExecutionError", new ExecutionError(new Node("m"), cause), "execution"],
  ])("%s has a name, a code, a message and a cause", (name, error, code) => {
    expect(error).toBeInstanceOf(OptoError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, code, cause });
    expect(JSON.parse(JSON.stringify(error))).toEqual({ name, code, message: error.message });
    expect(String(error)).toBe(`${name}: ${error.message}`);
    expect(OptoError.isInstance(error)).toBe(true);
  });

  it("has a cause only when one is given", () => {
    expect("cause" in new GraphError("m")).toBe(false);
    expect("cause" in new GraphError("m", { cause: undefined })).toBe(true);
  });

  it("keeps the answer that could not be used, and says what to install", () => {
    expect(new OutputParseError("m", "<answer>").text).toBe("<answer>");
    expect(new MissingPackageError("@ai-sdk/x", "The model x/y").message).toBe(
      'The model x/y needs the package "@ai-sdk/x", which is not installed. Run: npm install @ai-sdk/x',
    );
  });

  it("is recognised from another copy of the package", () => {
    class OtherCopy extends Error {
      readonly code = "stopped";
      get [Symbol.for("opto.error")](): boolean {
        return true;
      }
    }
    expect(OptoError.isInstance(new OtherCopy())).toBe(true);
    expect(isInfrastructureError(new OtherCopy())).toBe(true);
  });

  it.each<unknown>([undefined, null, "opto", 5, new Error("plain"), { code: "graph" }, () => 1])("does not hold %s", (value) => {
    expect(OptoError.isInstance(value)).toBe(false);
  });
});

describe("which of them are infrastructure", () => {
  it.each<[string, unknown, boolean]>([
    ["missing set-up", new ConfigurationError("no model"), true],
    ["a missing package", new MissingPackageError("a", "b"), true],
    ["a whole step without scores", new InfrastructureError("m"), true],
    ["the end of a budget", new StopError("budget", "m"), true],
    ["a bad argument", new InvalidArgumentError("m"), false],
    ["an unusable answer", new OutputParseError("m", ""), false],
    ["a failed program", new ExecutionError(new Node("m"), new Error("boom")), false],
    ["one whose cause is", new GuideError("m", { cause: new ConfigurationError("no model") }), true],
    ["one deep below", new Error("a", { cause: new Error("b", { cause: new DOMException("c", "TimeoutError") }) }), true],
    ["a thrown text", "rate limit", false],
    ["nothing", undefined, false],
  ])("%s", (_, error, expected) => {
    expect(isInfrastructureError(error)).toBe(expected);
  });

  it("ends when an error is its own cause", () => {
    const error = new Error("circular");
    error.cause = new Error("inner", { cause: error });
    expect(isInfrastructureError(error)).toBe(false);
  });
});
