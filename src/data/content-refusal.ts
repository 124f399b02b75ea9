/**
 * `refusesContent`: whether a server refused what one request says, and not who sent it or where to.
 *
 * @module
 */
import type { ErrorShape } from "./error-shape.ts";

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
