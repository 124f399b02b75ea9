/**
 * `callFailure`: what a failed attempt to call a model means for the next one.
 *
 * @module
 */
import { aboveRateLimit, type ContextOverflow, refusesKey, refusesModel, refusesSpending } from "../../data/account-refusal.ts";
import { type ErrorShape, errorChain, firstOf } from "../../data/error-shape.ts";
import { isInfrastructureError, OptoError } from "../../errors.ts";
import { lengthRefusal } from "./length-refusal.ts";
import { askedToWaitMs } from "./rate-limit-headers.ts";

/**
 * What is to be done about a failure:
 * - `rate-limit`: the provider asks to come again later
 * - `transient`: a server error, a network failure, a broken reply, no answer in time: worth another attempt
 * - `quota`: what the account may use is used up, and waiting minutes does not help
 * - `fatal`: no attempt can succeed before the set-up is changed (key, model name, address, package), or the run must stop
 * - `setting`: the model does not support a setting of the request; the same request without it may succeed
 * - `refused`: the program's own fault, such as a request that the provider calls invalid or too long
 */
export type CallFailureKind = "rate-limit" | "transient" | "quota" | "fatal" | "setting" | "refused";

/** What of the set-up a failure points at. */
export type SetUpProblem = "key" | "access" | "model" | "address" | "setting";

/** A failure, judged. */
export interface CallFailure {
  readonly kind: CallFailureKind;
  /** For how many milliseconds the provider asks to wait; absent when it does not say. */
  readonly retryAfterMs?: number;
  /** In a few words, for messages and events. May hold what the provider wrote. */
  readonly reason: string;
  /**
   * What of the set-up may be wrong. With `fatal` and `setting` it is; with `transient` (a closed port, a web page in place of JSON) only
   * while nothing has ever answered.
   */
  readonly problem?: SetUpProblem;
  /** The setting that was refused, with `setting`. */
  readonly setting?: string;
}

/**
 * Judges what an attempt threw. Knows the errors of the AI SDK, of `fetch`, of opto, and of other clients by their shape; looks into
 * causes, and into the last error of the AI SDK's own retries.
 *
 * @param now milliseconds since 1970, against which dates in headers are measured
 */
export function callFailure(error: unknown, now: number): CallFailure {
  const chain = errorChain(error);
  const retryAfterMs = firstOf(chain, (link) => toldToWait(link, now));
  const verdict = verdictOn(error, chain, retryAfterMs);
  return { ...verdict, reason: reasonOf(chain), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** A limit that lifts after longer than this is no rate limit: a run should not sit and wait for it. */
const longestRateLimitMs = 3_600_000;

const rateLimitCode =
  /^(rate_limit_exceeded|rate_limit_error|RESOURCE_EXHAUSTED|(Throttling|TooManyRequests|Throttled)(Exception|Error)?)$/;
const keyCode = /^(AI_LoadAPIKeyError|GatewayAuthenticationError|UNAUTHENTICATED)$/;
/** Thrown before anything is sent: by `Headers`, for a key with a line break or with letters that no header may have. */
const keyNotSendable = /is an invalid header value|cannot convert argument to a bytestring|invalid character in header/i;
const missingCode = /^(NOT_FOUND|not_found_error)$/;
const certificateCode =
  /^(CERT_.*|UNABLE_TO_.*|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT_.*|HOSTNAME_MISMATCH)$/;
const setUpCode = /^(configuration|missing-package|stopped|AI_LoadSettingError|AI_UnsupportedModelVersionError)$/;
const notAnAddress = /^(failed to parse url|invalid url)|\burl that includes credentials\b/i;
const unreachableCode =
  /^(E(CONNREFUSED|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH)|UND_ERR_CONNECT_TIMEOUT|ERR_SSL_.*|ConnectionRefused|FailedToOpenSocket)$/;
const unreachableWords = /\b(bad port|unknown scheme|ECONNREFUSED|ENOTFOUND)\b/;
const webPage = /^\s*<(!doctype|html|head|body)\b/i;
/** A limit of a day or more, one of nothing at all, and one that lifts on a date. */
const dailyLimit = new RegExp(
  [
    String.raw`\b(?:daily|weekly|monthly|tomorrow|midnight)\b|\b(?:per|a|each|every)[ _-](?:day|week|month)\b|\/ ?(?:day|week|month)\b|\b[RT]PD\b`,
    String.raw`Per(?:Day|Week|Month)|\b24[ -]?h(?:ours?)?\b|\b86,?400 ?s(?:ec(?:ond)?s?)?\b|\bfor (?:today|the day)\b`,
    String.raw`\b(?:requests|tokens|quota|limit)\b[^.?!]{0,40}\btoday\b|\b(?:[2-9]|\d\d)-hour (?:usage )?limit\b|\blimit: 0(?![.,]?\d)`,
    String.raw`\bresets? (?:on|at) (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d)`,
    "[今当每本][日天周月]|Tageslimit",
  ].join("|"),
  "i",
);
const retriedStatus: ReadonlySet<number> = new Set([408, 409, 425]);
/** Errors of the AI SDK about what it was called with. */
const settingName = /^AI_(UnsupportedFunctionality|InvalidArgument)Error$/;

type Verdict = Pick<CallFailure, "kind" | "problem" | "setting">;

function verdictOn(error: unknown, chain: readonly ErrorShape[], retryAfterMs: number | undefined): Verdict {
  // What opto threw on purpose means what it says, whatever caused it.
  const own = chain.find((link) => OptoError.isInstance(link.error));
  if (own?.codes.includes("stopped")) return { kind: "fatal" };
  if (own?.codes.includes("unusable-answer")) return { kind: "refused" };

  const status = firstOf(chain, (link) => link.status);
  const grpc = firstOf(chain, (link) => link.grpcCode);
  const codes = chain.flatMap((link) => [...link.codes, ...link.names]);
  const texts = chain.flatMap((link) => link.texts);
  const has = (known: RegExp): boolean => codes.some((code) => known.test(code));
  const says = (words: RegExp): boolean => texts.some((text) => words.test(text));

  const limited = status === 429 || grpc === 8 || has(rateLimitCode);
  if (status === 402 || chain.some(refusesSpending)) return { kind: "quota" };
  // No waiting helps a request that is above the limit all by itself.
  if (limited && aboveRateLimit([...texts, ...codes]) !== undefined) return { kind: "refused" };
  if (limited && (says(dailyLimit) || (retryAfterMs ?? 0) > longestRateLimitMs)) return { kind: "quota" };

  if (says(keyNotSendable)) return { kind: "fatal", problem: "key" };
  if (says(notAnAddress) || has(/^ERR_INVALID_URL$/)) return { kind: "fatal", problem: "address" };
  if (status === 405) return { kind: "fatal", problem: "address" };
  if (!isInfrastructureError(error) && !limited) return refusal(chain, codes);

  if (status === 401 || grpc === 16 || has(keyCode) || chain.some(refusesKey)) return { kind: "fatal", problem: "key" };
  if (has(setUpCode)) return { kind: "fatal" };
  if (has(certificateCode)) return { kind: "fatal", problem: "address" };
  if (limited) return { kind: "rate-limit" };
  const mayBeModel = status === undefined || status === 404 || status === 400;
  const isMissing = chain.some(refusesModel) || (has(missingCode) && status !== 400);
  if (mayBeModel && isMissing) return { kind: "fatal", problem: "model" };
  if (status !== undefined && status >= 400 && status < 500 && !retriedStatus.has(status)) {
    return { kind: "fatal", problem: status === 404 ? "address" : "access" };
  }
  const isElsewhere = has(unreachableCode) || says(unreachableWords) || chain.some(isNoReply);
  return isElsewhere ? { kind: "transient", problem: "address" } : { kind: "transient" };
}

/** A good status with something other than a reply: a web page, or words of a server that serves something else. */
function isNoReply({ status = 200, names, texts, words }: ErrorShape): boolean {
  if (status >= 400) return false;
  return texts.some((text) => webPage.test(text)) || (names.includes("AI_APICallError") && words.length > 1);
}

function refusal(chain: readonly ErrorShape[], codes: readonly string[]): Verdict {
  const isRequest = chain.some(({ status }) => status !== undefined) || codes.some((code) => settingName.test(code));
  if (!isRequest) return { kind: "refused" };
  const overflow = lengthRefusal(chain);
  // No prompt is short enough for a reply that is above the limit by itself.
  const isReplyTooLong = overflow?.reply !== undefined && overflow.limit !== undefined && overflow.reply >= overflow.limit;
  if (isReplyTooLong) return { kind: "setting", problem: "setting", setting: "maxOutputTokens" };
  if (overflow !== undefined) return { kind: "refused" };
  const setting = refusedSetting(chain);
  return setting === undefined ? { kind: "refused" } : { kind: "setting", problem: "setting", setting };
}

function toldToWait({ headers, texts }: ErrorShape, now: number): number | undefined {
  const inHeaders = askedToWaitMs(headers, now);
  if (inHeaders !== undefined) return inHeaders;
  // Google says it in the body only.
  const exact = texts
    .map((text) => /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(text)?.[1])
    .find((seconds) => seconds !== undefined);
  if (exact !== undefined) return Number(exact) * 1000;
  return texts.map((text) => waitInWords(text) ?? waitUntil(text, now)).find((ms) => ms !== undefined);
}

const resetDate =
  /\breset(?:s|ting)?(?: (?:at|on))?:? (?<day>\d{4}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?: ?(?<zone>[+-]\d\d:?\d\d))?)?/i;

/** Milliseconds until a limit is lifted, by the date that a text names; without a zone it is in UTC. */
function waitUntil(text: string, now: number): number | undefined {
  const { day, time = "00:00", zone = "Z" } = resetDate.exec(text)?.groups ?? {};
  const date = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const isBare = /^(?:Invalid JSON response|Failed to process (?:successful|error) response)$/;
const longestCause = 300;

/** The last error of retries says more than the one around it. */
function reasonOf(chain: readonly ErrorShape[]): string {
  const link = chain.find((candidate) => candidate.status !== undefined) ?? chain[0];
  const { status, message = "", names = [] } = link ?? {};
  const own = message.trim() || (names[0] ?? "no message");
  // The AI SDK says only that; a web page is told of elsewhere.
  const inner = isBare.test(own) && link?.texts.every((said) => !webPage.test(said)) ? chain.at(-1)?.message.trim() : undefined;
  const text = inner === undefined || inner === "" || inner === own ? own : `${own}: ${inner.slice(0, longestCause)}`;
  return status === undefined || status < 400 ? text : `status ${status}: ${text}`;
}

const unitsMs: readonly (readonly [unit: RegExp, ms: number])[] = [
  [/^(?:ms|millis(?:econds?)?|milliseconds?)$/i, 1],
  [/^(?:s|secs?|seconds?)$/i, 1000],
  [/^(?:m|mins?|minutes?)$/i, 60_000],
  [/^(?:h|hrs?|hours?)$/i, 3_600_000],
  [/^(?:d|days?)$/i, 86_400_000],
];

const numberWords: ReadonlyMap<string, number> = new Map(
  "a one two three four five six seven eight nine ten".split(" ").map((word, index) => [word, Math.max(1, index)]),
);
const amount = `(?:\\d{1,15}(?:\\.\\d{1,15})?|(?:\\b(?:an|${[...numberWords.keys()].join("|")}))(?=[\\s-]))`;
const unit = "(?:milliseconds?|millis|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)";
const part = `${amount}[\\s-]{0,5}${unit}(?![a-z])`;
const time = `${part}(?:[\\s,]{0,5}(?:and\\s{1,5})?${part}){0,5}`;
const ask = "(?:try(?:ing)?(?: again)?|retry(?:ing)?|wait|again|resets?|available|back)";
// The words that ask to wait, then the time, with no other number and no full stop between.
const sentence = new RegExp(`\\b${ask}\\b[^.\\d]{0,40}?\\b(?<time>${time})`, "i");
/** "In 7m12s try again" */
const before = new RegExp(`\\b(?:in|after) (?<time>${time}),? (?:please )?(?:try|retry)`, "i");
/** "Retry after 20", "Retry-After: 20": seconds, as in the header. */
const bare = /\bretry[-_ ]after["']?[ :=]{1,4}["']?(?<seconds>\d{1,7})(?![\d:/-]|\.\d|[\s-]?[a-z])/i;
/** "Resets in 00:05:10" */
const clock = new RegExp(`\\b${ask}\\b[^.\\d]{0,40}?\\b(?:in|after|for) (?<h>\\d{1,2}):(?<m>[0-5]\\d):(?<s>[0-5]\\d)\\b`, "i");

/** Milliseconds, or `undefined` when the text asks for no time. */
export function waitInWords(text: string): number | undefined {
  const told = (sentence.exec(text) ?? before.exec(text))?.groups?.time;
  if (told !== undefined) {
    const parts = told.matchAll(new RegExp(`(?<number>${amount})[\\s-]*(?<unit>${unit})(?![a-z])`, "gi"));
    return [...parts].reduce((sum, { groups = {} }) => sum + amountOf(groups.number) * msOf(groups.unit), 0);
  }
  const { h, m, s } = clock.exec(text)?.groups ?? {};
  if (s !== undefined) return ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000;
  const seconds = bare.exec(text)?.groups?.seconds;
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function amountOf(number = "a"): number {
  return numberWords.get(number.toLowerCase()) ?? (/^\d/.test(number) ? Number(number) : 1);
}

function msOf(name: string | undefined): number {
  return unitsMs.find(([known]) => known.test(name ?? ""))?.[1] ?? 0;
}

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
function refusedSetting(chain: readonly ErrorShape[]): string | undefined {
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

export type { ContextOverflow };

/** What an error says of the length of the request; `undefined` when it is about something else. */
export function contextOverflow(error: unknown): ContextOverflow | undefined {
  // Only a request that was refused can be sent again, shorter: whatever else failed has been tried again already.
  return callFailure(error, 0).kind === "refused" ? lengthRefusal(errorChain(error)) : undefined;
}
