/**
 * What a trainable function is told of its tools: how each is called, and what it does.
 *
 * @module
 */
import type { CallSite } from "../code/call-site.ts";
import { readShape } from "../code/check-code.ts";
import { signatureOf } from "../code/function-shape.ts";
import { headingOf, writtenSource } from "../code/written-source.ts";
import { shorten, textOf } from "../data/json.ts";
import { codeOf } from "./code-parameter.ts";
import type { Operation } from "./graph-node.ts";

/** One line: `search(query: string, limit = 5): string[]: Finds documents.` */
export function describeTool(name: string, tool: unknown, site: CallSite | undefined): string {
  if (typeof tool !== "function") return `\`${name}\` = ${shorten(textOf(tool), longestData)}`;
  const operation = operationIn(tool);
  const code = codeOf(tool);
  const shape = code === undefined ? undefined : readShape(code.peek(), code.name);
  if (typeof shape === "object") return line(signatureOf({ ...shape, name }), operation?.description);
  const program = operation?.source ?? writtenSource(tool as () => unknown, name, site);
  const heading = headingOf(program, name);
  return line(heading?.signature ?? `${name}(…)`, operation?.description || heading?.documentation);
}

const longestData = 200;

function line(signature: string, description: string | undefined): string {
  return description ? `\`${signature}\`: ${description}` : `\`${signature}\``;
}

/** The operation of a bundled function. */
function operationIn(tool: object): Operation | undefined {
  const operation: unknown = Object.getOwnPropertyDescriptor(tool, "operation")?.value;
  return typeof operation === "object" && operation !== null ? (operation as Operation) : undefined;
}
