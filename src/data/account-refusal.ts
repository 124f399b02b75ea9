/**
 * The words in which providers refuse: for the account or the model, for the content, for a request above the rate limit. The status alone does not tell.
 *
 * @module
 */
import type { ErrorShape } from "./error-shape.ts";

/** The key is missing, wrong, or expired. */
export function refusesKey({ codes, words }: ErrorShape): boolean {
  return codes.some((code) => keyCode.test(code)) || words.some((text) => keyWords.test(text));
}

/** There is no such model, or no more. @param shape words count only with the status of a bad request or of what is not there */
export function refusesModel({ status, codes, words }: ErrorShape): boolean {
  if (codes.some((code) => modelCode.test(code))) return true;
  if (status === 404) return words.some((text) => missingWords.test(text) || modelWords.test(text));
  return status === 400 && words.some((text) => modelWords.test(text));
}

/** What the account may spend is spent, or nothing may be spent at all. */
export function refusesSpending({ codes, words }: ErrorShape): boolean {
  return codes.some((code) => spendingCode.test(code)) || words.some((text) => spendingWords.test(text));
}

const keyCode = /^(?:invalid_api_key|invalid_authentication|API_KEY_(?:INVALID|EXPIRED))$/;
const keyWords = /api[ _-]?key (?:is )?(?:not valid|invalid|expired)|(?:invalid|incorrect|no) (?:x-)?api[ _-]?(?:key|token)\b/i;

const modelCode =
  /^(?:model_not_(?:found|supported|available)|model_decommissioned|invalid_model|(?:Deployment|Model)NotFound|AI_NoSuch(?:Model|Provider)Error)$/;
const modelWords = new RegExp(
  [
    String.raw`\binvalid model(?:(?: name| id| identifier)\b|\s*[:'"\x60])`,
    String.raw`\bnot a valid model\b|\bmodel identifier is invalid\b|\binference profile\b|\bno models? (?:is |are )?loaded\b`,
    String.raw`\bmodel\b.{0,120}\b(?:does not exist|not exist|has been (?:decommissioned|retired|removed|shut down)|is not supported by any)\b`,
    String.raw`\bmodel not found\b`,
  ].join("|"),
  "i",
);
/** With status 404 there is nothing else that they may mean. */
const missingWords =
  /\bmodel\b[^.]{0,120}(?:not found|unknown|not available)|(?:unknown|no such|access) model|models\/\S+ is not found|\bdeployment\b[^.]{0,80}\b(?:does not exist|not found)\b|\bno (?:\w+ )?(?:endpoints?|providers?) (?:found|available)\b/i;

const spendingCode =
  /^(?:insufficient_(?:quota|balance|credits?|funds)|billing_.*|quota_?exceeded|budget_?exceeded|daily_?limit_?exceeded|Arrearage)$/i;
const spendingWords = new RegExp(
  [
    "credit balance is too low|insufficient (?:account )?(?:balance|credits?|funds)|(?:out of|no remaining|not have any|n.t have any) credits",
    "\\bbudget has been exceeded|\\bkey limit exceeded|\\busage limits?\\b[^.]*\\.[^.]*\\bregain access\\b|\\bspend(?:ing)? limit\\b",
    "\\baccount is in good standing\\b",
  ].join("|"),
  "i",
);

/**
 * True when a refusal whose status usually is about access (403), law (451) or addresses (404) is about the content of the request: a
 * moderation or a filter, or a router that has no model for such an input. The next request may well be answered.
 */
export function refusesContent({ status, codes, texts }: ErrorShape): boolean {
  // A web page is from a firewall or a proxy, and uses the same words for the caller.
  const said = texts.filter((text) => !text.trimStart().startsWith("<"));
  const says = (words: RegExp): boolean => said.some((text) => words.test(text));
  if (status === 404) return says(unroutableInput);
  if (status !== 403 && status !== 451) return false;
  if (codes.some((code) => contentCode.test(code))) return true;
  if (says(aboutTheCaller)) return false;
  return status === 451 || says(contentWords);
}

const unroutableInput =
  /\bno (?:\w+ )?(?:endpoints?|providers?|models?)\b[^.]*\b(?:supports?|accepts?|handles?)\b[^.]*\b(?:inputs?|images?|audio|videos?|files?|documents?|pdfs?|modalit\w+)\b/i;

const contentCode =
  /content[_-]?(?:filter|policy|moderation|violation|safety)|moderation|responsible_?ai|data_?inspection|guardrail|^(?:SAFETY|BLOCKLIST|PROHIBITED_CONTENT)$/i;

/** That the account is blocked, or that its country is: nothing that another prompt would change. */
const aboutTheCaller =
  /\b(?:account|organi[sz]ation|project|subscription|user|api[ _-]?key|ip(?: address)?)\b[^.]{0,40}\b(?:flagged|blocked|suspended|disabled|banned|deactivated|restricted|terminated|locked)\b|\b(?:country|countries|region|territory|territories|jurisdiction)\b|\bpermissions?\b|\bnot authori[sz]ed\b/i;

// Not where they are the keys of a JSON text.
const nouns = '(?:inputs?|prompts?|messages?|content|texts?|images?|query|queries|questions?)(?!"\\s*:)';
const verdicts =
  "(?:flagged|filtered|blocked|rejected|prohibited|forbidden|disallowed|inappropriate|unsafe|harmful|sensitive|risky|violat\\w+)";
const contentWords = new RegExp(
  [
    "content[ _-]?(?:filter|polic|management|moderation|violation|safety|inspection|restriction)",
    "\\bmoderation\\b|\\bguardrail|\\bjailbreak|responsible[ _]?ai|data[ _-]?inspection|\\busage polic",
    "\\bsafety (?:system|filter|polic|setting|guideline|reason|check|classifier)",
    `\\b${nouns}\\b[^.]{0,60}\\b${verdicts}\\b`,
    `\\b${verdicts}\\b[^.]{0,40}\\b${nouns}\\b`,
  ].join("|"),
  "i",
);

/** That a request was too long. Numbers are absent where the provider does not say. */
export interface ContextOverflow {
  /** The most tokens that the model takes. */
  readonly limit?: number;
  /** The tokens of the prompt, as the provider counts. */
  readonly prompt?: number;
  /** The tokens that the reply was given, where they count for the limit, too. */
  readonly reply?: number;
}

/**
 * That a request alone is above what the account may use in a minute or a day, so that no waiting helps: what providers say with the status
 * and the words of a rate limit. `undefined` for a limit that others have used up.
 */
export function aboveRateLimit(texts: readonly string[]): ContextOverflow | undefined {
  const [limit, prompt] = firstNumbers(texts);
  if (limit !== undefined && prompt !== undefined && prompt > limit) return { limit, prompt };
  if (!texts.some((text) => aboveLimit.test(text))) return undefined;
  return limit === undefined ? {} : { limit };
}

/** "Request too large" of OpenAI and Groq, "Request body too large … Max size: 8000 tokens" of GitHub Models, and what is said alike. */
const aboveLimit =
  /\b(?:request|prompt)(?: body| payload| entity)?(?: is| was)? too (?:large|big|long)\b|tokens_limit_reached|request_too_large|reduce your message size|tokens must be reduced|single request (?:exceeds|is above)/i;

/** The limit, and what the request asks for. */
function firstNumbers(texts: readonly string[]): readonly [limit?: number | undefined, requested?: number | undefined] {
  for (const text of texts) {
    const limit = /\blimit:?\s*(?:is |of )?(\d[\d,_]*)/i.exec(text)?.[1] ?? /\bmax(?:imum)? size:? (\d[\d,_]*)/i.exec(text)?.[1];
    const requested = /\brequested:?\s*(?:about )?(\d[\d,_]*)/i.exec(text)?.[1];
    if (limit !== undefined) return [wholeNumber(limit), requested === undefined ? undefined : wholeNumber(requested)];
  }
  return [];
}

function wholeNumber(digits: string): number {
  return Number(digits.replaceAll(/[,_]/g, ""));
}
