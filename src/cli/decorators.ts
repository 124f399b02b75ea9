/**
 * Decorators, which are no JavaScript yet: left to a loader that compiles them, or refused with their place.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { environmentVariable } from "../data/environment.ts";

/**
 * Whether a file whose types are gone has decorators that another loader in this process compiles.
 *
 * @throws SyntaxError that names the place of the first decorator, and the way out, when there is no other loader
 */
export function leavesToOthers(code: string, filePath: string): boolean {
  const place = code.includes("@") ? placeOfDecorator(code) : undefined;
  if (place === undefined) return false;
  if (hasOtherLoader()) return true;
  const program = relative(process.cwd(), fileURLToPath(new URL("main.js", import.meta.url)));
  throw new SyntaxError(
    `${filePath}:${place.line}:${place.column + 1}: \`opto\` loads TypeScript without compiling decorators. ` +
      `Start it with tsx, which compiles them: npx tsx ${program} train; or import the file as JavaScript, compiled before`,
  );
}

/** Everything up to the first `@` that stands where JavaScript has none is parsed without complaint. */
function placeOfDecorator(code: string): { readonly line: number; readonly column: number } | undefined {
  try {
    parse(code, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
    return undefined;
  } catch (error) {
    const { pos, loc } = error as { readonly pos?: number; readonly loc?: { readonly line: number; readonly column: number } };
    return pos !== undefined && code[pos] === "@" ? loc : undefined;
  }
}

function hasOtherLoader(): boolean {
  return [...process.execArgv, environmentVariable("NODE_OPTIONS") ?? ""].some((option) =>
    /[/\\](?:tsx|ts-node|@swc-node)[/\\]/.test(option),
  );
}
