/**
 * What differs from one of OpenAI's models to another, by name: gateways serve them beside those of others.
 *
 * @module
 */

/** What a model takes. */
export interface ChatTraits {
  /** It thinks first: it takes instructions as `developer`, `max_completion_tokens`, and no settings of chance. */
  readonly isReasoning: boolean;
  /** Whether it takes settings of chance once it is told not to think. */
  readonly takesChanceWithoutReasoning: boolean;
  readonly hasFlexTier: boolean;
  readonly hasPriorityTier: boolean;
  /** Words for how much it thinks; `undefined` where all are let through. */
  readonly efforts: readonly string[] | undefined;
  /** A model that searches takes no temperature. */
  readonly isSearch: boolean;
}

/** Models of other names are taken to be ordinary ones. */
export function chatTraits(id: string): ChatTraits {
  const series = Number(/^o(\d+)(?:-|$)/.exec(id)?.[1] ?? Number.NaN);
  const [, majorText = "NaN", minorText, variant = ""] = /^gpt-(\d+)(?:\.(\d+))?(?:-(.+))?$/.exec(id) ?? [];
  const [major, minor] = [Number(majorText), Number(minorText ?? 0)];
  const isChat = minorText === undefined && variant.startsWith("chat");
  const isNew = major >= 5 && !isChat;
  return {
    isReasoning: !Number.isNaN(series) || isNew,
    takesChanceWithoutReasoning: major === 5 && minor >= 1,
    hasFlexTier: series >= 3 || isNew,
    hasPriorityTier: id.startsWith("gpt-4") || (isNew && !variant.startsWith("nano")) || series >= 3,
    efforts: major >= 6 ? [...(withoutThinking.has(id) ? ["none"] : []), "low", "medium", "high", "xhigh", "max"] : undefined,
    isSearch: /^gpt-4o(?:-mini)?-search-preview/.test(id),
  };
}

const withoutThinking: ReadonlySet<string> = new Set(["gpt-6-sol", "gpt-6-luna", "gpt-6.1-terra"]);
