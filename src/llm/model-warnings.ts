/**
 * Warnings that a model gives with its reply: a setting that it leaves aside, for example.
 *
 * @module
 */
import type { LanguageModel } from "./language-model.ts";

const shown = new Set<string>();

/**
 * Shows warnings like the AI SDK, and as the program has set it there: `globalThis.AI_SDK_LOG_WARNINGS` is `false`, or a function that receives
 * them. On the console each is shown once. That a response format is left aside is dealt with by who has asked for it.
 */
export function reportWarnings(warnings: readonly object[] | undefined, { provider, modelId: model }: LanguageModel): void {
  if (warnings === undefined || warnings.length === 0) return;
  const { AI_SDK_LOG_WARNINGS: logger } = globalThis as { readonly AI_SDK_LOG_WARNINGS?: unknown };
  const reported = warnings.filter((warning) => !isAboutFormat(warning));
  if (logger === false || reported.length === 0) return;
  if (typeof logger === "function") {
    logger({ warnings: reported, provider, model });
    return;
  }
  for (const line of reported.map((warning) => `Warning of ${provider} (${model}): ${inWords(warning)}`)) {
    if (!shown.has(line)) console.warn(line);
    shown.add(line);
  }
}

/** Whether a warning says that a response format is left aside. */
export function isAboutFormat(warning: object): boolean {
  const { type, feature, setting } = warning as Warning;
  return String(type).startsWith("unsupported") && /^responseFormat\b/.test(String(feature ?? setting));
}

/** `{ type: "unsupported", feature }` since v3 of the specification, `{ type: "unsupported-setting", setting }` before. */
interface Warning {
  readonly type?: unknown;
  readonly feature?: unknown;
  readonly setting?: unknown;
  readonly details?: unknown;
  readonly message?: unknown;
}

function inWords(warning: object): string {
  const { type, feature, setting, details, message } = warning as Warning;
  if (typeof message === "string") return message;
  const what = feature ?? setting;
  if (typeof what !== "string") return JSON.stringify(warning);
  const said = type === "compatibility" ? "is used in a compatibility mode" : "is not supported";
  return `"${what}" ${said}.${typeof details === "string" ? ` ${details}` : ""}`;
}
