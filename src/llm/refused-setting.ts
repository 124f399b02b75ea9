/**
 * Tells from a provider's refusal that a setting of the request is not supported: the one that is to be changed.
 *
 * @module
 */
import { type ErrorShape, firstOf } from "../data/error-shape.ts";

/** Settings as providers call them, and what opto calls the same. */
const settings: readonly (readonly [name: string, providers: string])[] = [
  ["temperature", "temperature"],
  ["topP", "top[_ -]?p"],
  ["topK", "top[_ -]?k"],
  ["presencePenalty", "presence[_ -]?penalty"],
  ["frequencyPenalty", "frequency[_ -]?penalty"],
  ["seed", "[\"'`]seed[\"'`]"],
  ["maxOutputTokens", "max[_ -]?(?:(?:completion|output|new)[_ -]?)?tokens(?:[_ -]to[_ -]sample)?"],
  ["stopSequences", "stop[_ -]?sequences?|[\"'`]stop[\"'`]"],
  [
    "system",
    "(?:system|developer) (?:role|messages?|prompts?|instructions?)|role [\"'`]?(?:system|developer)|[\"'`](?:system|developer)[\"'`]",
  ],
  ["streaming", "(?:non-)?stream(?:ing)?(?: mode| parameter)?"],
  ["responseFormat", "response[_ -]?(?:format|mime[_ -]?type|schema)"],
  [
    "providerOptions",
    "reasoning[_ .-]?effort|reasoning|thinking(?:[_ -]?(?:budget|config))?|verbosity|logit[_ -]?bias|(?:top[_ -]?)?logprobs|[\"'`](?:n|user|store|metadata|service_tier)[\"'`]|parallel[_ -]tool[_ -]calls",
  ],
];

const will =
  "not (?:be )?(?:support(?:ed)?|allowed|permitted|enabled|available|recogni[sz]ed|accepted)|n.t (?:support|allow|accept)|unsupported|deprecated";
const range =
  "must be|has to be|should be|may only|can only|only supports?|supports? (?:only|at most)|cannot|out of range|too (?:large|high|low|small)|exceeds|greater than|less than|(?:supported|valid|allowed) range|range:|(?:above|below) (?:the )?(?:max|min)|is required|: \\d+ > \\d+";
/** A setting and a complaint within one sentence, in either order. */
const complaints = settings.map(([name, spelt]): readonly [string, RegExp] => {
  const setting = `(?<![\\w-])(?:${spelt})(?![\\w-])`;
  const gap = "[^.!?\\n]{0,80}?";
  return [
    name,
    new RegExp(`${setting}${gap}(?:${will}|${range})|(?:${will}|only supports?|unknown|unrecogni[sz]ed)${gap}${setting}`, "i"),
  ];
});

/** What chat templates say of a system message. */
const systemRefused = /only user and assistant roles are supported|roles must alternate/i;
/** An unknown parameter, whatever it is called. */
const unknownParameter =
  /(?:unsupported|unknown|unrecogni[sz]ed|unexpected|invalid) (?:request )?(?:parameters?|arguments? supplied|keyword arguments?|propert(?:y|ies)|options?|value)\b[^.\n]*?[:'"`]|extra (?:inputs|fields) (?:are )?not permitted|extra_forbidden|does not support parameters|property ['"`][\w.]+['"`] is unsupported/i;
const supplied = /(?:parameters?|arguments? supplied|arguments?|propert(?:y|ies)|options?|value):? *\[?['"`]?(?<name>[\w.]+)/i;

/**
 * The setting that was refused: by the name that a request has for it, else by the provider's own. `undefined` when the refusal is about
 * something else, such as what a message says.
 */
export function refusedSetting(chain: readonly ErrorShape[]): string | undefined {
  const param = firstOf(chain, (link) => link.param);
  // A part of a message that is not understood is what the program sent, and no setting.
  if (param !== undefined && /^(?:messages|input|contents)\b(?!.*\brole$)/.test(param)) return undefined;
  const named =
    param === undefined ? undefined : settings.find(([, spelt]) => new RegExp(`^(?:${spelt})$`, "i").test(param))?.[0];
  if (named !== undefined) return named;
  const texts = chain.flatMap((link) => link.texts);
  for (const text of texts) {
    const found = complaints.find(([, complaint]) => complaint.test(text));
    if (found !== undefined) return found[0];
    if (systemRefused.test(text)) return "system";
  }
  const unknown = texts.find((text) => unknownParameter.test(text));
  if (unknown === undefined) return undefined;
  const name = param ?? supplied.exec(unknown)?.groups?.name ?? "unknown";
  return /^(?:messages|input|contents)\b/.test(name) ? undefined : name;
}
