/**
 * Paths of another system.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { ownPath } from "./json-file.ts";

describe("ownPath", () => {
  it.each(["C:\\runs\\opto", "c:/runs/opto", "runs\\opto", "..\\runs", "\\\\server\\share"])(
    "refuses %s but on Windows",
    (path) => {
      expect(() => ownPath(path, "`runDir`", "linux")).toThrow(InvalidArgumentError);
      expect(() => ownPath(path, "`runDir`", "linux")).toThrow(
        /^Expected `runDir` to be a path of this system \(linux\), got .*, which is a Windows path\. Separate folders with \/$/,
      );
      expect(ownPath(path, "`runDir`", "win32")).toBe(path);
    },
  );

  it.each(["runs", "/tmp/a b/c:d", "./.opto/runs", "a:b/c", "Ünïcode/日本"])("takes %s", (path) => {
    expect(ownPath(path, "`runDir`", "linux")).toBe(path);
  });
});
