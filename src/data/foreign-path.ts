/**
 * Paths of Windows on other systems, where they would make a folder of that very name.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue } from "./json.ts";

/**
 * The path itself.
 *
 * @param what what it is given as, for the message: "`runDir`"
 * @throws InvalidArgumentError when it is written as on Windows and this is another system
 */
export function ownPath(path: string, what: string, platform: string = process.platform): string {
  if (platform === "win32" || !/\\|^[a-z]:\//i.test(path)) return path;
  throw new InvalidArgumentError(
    `Expected ${what} to be a path of this system (${platform}), got ${describeValue(path)}, which is a Windows path. Separate folders with /`,
  );
}
