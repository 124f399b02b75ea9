/**
 * `guideCode`: fingerprints of a guide, so that it is noticed when scores mean something else.
 *
 * @module
 */
import { type CodeFingerprint, methodsOf, shortFingerprint } from "../code/code-fingerprint.ts";
import { isPlainObject } from "../data/json.ts";
import { isModule } from "../graph/module.ts";
import { type CodeFingerprints, moduleCode } from "../graph/module-code.ts";
import { isParameter } from "../graph/parameter.ts";
import { modelObjectName } from "../llm/language-model.ts";
import { CombinedGuide } from "./combined-guides.ts";
import { FunctionGuide, Guide } from "./guide.ts";
import { LLMJudge } from "./llm-judge.ts";

/**
 * Fingerprints of the code of a guide and of each of its settings.
 *
 * @param name the path of the guide itself
 */
export function guideCode(guide: Guide<never, never, never>, name: string, codeFingerprint: CodeFingerprint): CodeFingerprints {
  const { scoreRange } = guide;
  const settings: Record<string, unknown> = { ...guide.identity(), scoreRange };
  const code: Record<string, string> = { [name]: `${guide.constructor.name} ${codeOf(guide, codeFingerprint)}` };
  for (const [key, value] of Object.entries(settings)) {
    if (value !== undefined) code[`${name}.${key}`] = shortFingerprint(contentOf(value, codeFingerprint));
  }
  return code;
}

/** The methods that the program wrote itself; those of opto change with its releases only. */
function codeOf(guide: Guide<never, never, never>, codeFingerprint: CodeFingerprint): string {
  const own = methodsOf(guide, (prototype) => ownPrototypes.has(prototype));
  return shortFingerprint(own.map(([name, method]) => [name, codeFingerprint(method)]));
}

const ownPrototypes: ReadonlySet<object> = new Set([
  Guide.prototype,
  FunctionGuide.prototype,
  CombinedGuide.prototype,
  LLMJudge.prototype,
]);

/** What stays the same from process to process: data by its content, functions by their code, models by their names, the rest by class. */
function contentOf(value: unknown, codeFingerprint: CodeFingerprint, above: ReadonlySet<unknown> = new Set()): unknown {
  if (typeof value === "function") return codeFingerprint(value as (...args: never[]) => unknown);
  if (typeof value !== "object" || value === null) return value;
  if (above.has(value)) return "circular";
  const inside = new Set(above).add(value);
  const of = (inner: unknown): unknown => contentOf(inner, codeFingerprint, inside);
  if (isParameter(value)) return of(value.peek());
  if (isModule(value)) return moduleCode(value, "", codeFingerprint);
  // A part of another guide.
  if (value instanceof Guide) return guideCode(value, value.constructor.name, codeFingerprint);
  if (Array.isArray(value)) return value.map(of);
  if (value instanceof Map) return [...value].map(([key, inner]) => [of(key), of(inner)]);
  if (value instanceof Set) return [...value].map(of);
  if (isPlainObject(value) && !isModel(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, of(inner)]));
  if (isModel(value)) return modelObjectName(value);
  if (value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value)) return value;
  return String(value.constructor?.name);
}

function isModel(value: object): value is Parameters<typeof modelObjectName>[0] {
  const { provider, modelId } = value as { readonly provider?: unknown; readonly modelId?: unknown };
  return typeof provider === "string" && typeof modelId === "string";
}
