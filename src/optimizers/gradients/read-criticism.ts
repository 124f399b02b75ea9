/**
 * From a reply to the criticism of each input of an operation. Takes whatever a model may write.
 *
 * @module
 */
import type { Fence } from "../reply/fence.ts";
import { parseTaggedReply } from "../reply/parse-tagged-reply.ts";

/**
 * What is said of each name. Prose without any block is about all of them, because criticism has no form that it could
 * break; a reply that says nothing gives `undefined`.
 */
export function readCriticism(reply: string, fence: Fence, names: readonly string[]): ReadonlyMap<string, string> | undefined {
  const { text: said, blocks, unchanged } = parseTaggedReply(reply, fence, (name) => names.includes(name));
  const known = blocks.filter(({ name, text }) => names.includes(name) && text.trim() !== "");
  if (known.length > 0) return new Map(known.map(({ name, text }) => [name, text.trim()]));
  if (unchanged) return new Map();
  const prose = said.trim();
  return prose === "" ? undefined : new Map(names.map((name) => [name, prose]));
}
