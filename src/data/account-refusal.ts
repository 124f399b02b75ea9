/**
 * What a refusal says of the account or the model, whatever its status: some providers answer 400 to a wrong key, an empty account,
 * or a model that they do not have.
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
