/**
 * `spokenStatus`: the HTTP status of an outage that an error has only in its words, as what a program makes of a response that is not
 * `ok` (`HTTP error! status: 503`), and what is left of any error that has passed a worker thread.
 *
 * @module
 */
import { nodeHttp } from "./load-on-demand.ts";

/**
 * The status that a message speaks of, where it is one for which the request is not to blame: 401, 402, 403, 407, 408, 421, 424, 425, 429,
 * 499, 500 and above. All others say nothing of an outage, and a program may speak of any number.
 */
export function spokenStatus(message: string): number | undefined {
  // The status comes at the beginning, before what the server wrote.
  const text = message.slice(0, longest);
  if (ofProgram.test(text)) return undefined;
  const [number] = withName(text) ?? forms.flatMap((form) => form.exec(text)?.groups?.status ?? []);
  return number === undefined ? undefined : Number(number);
}

const longest = 500;
/** What a program asserts of a number, or says of one that it was given. */
const ofProgram = /\b(?:expect(?:ed|s)?|should|must|instead|invalid|unknown|unsupported|unrecognized|not)\b/i;
const status = String.raw`\(?(?<status>40[12378]|42[1459]|499|5\d\d)\b(?!\s*(?:%|ms\b|\w+s\b))`;
const forms = [
  // axios, got and ky; `HTTP error! status: 503`, `HTTP 503`, `HTTP/1.1 503`, `HTTP status 503`
  `\\brequest failed with (?:an? )?(?:http )?(?:status|error)?(?: code)?:? ${status}`,
  String.raw`\bHTTP(?:\/[\d.]{1,3})?(?:[ _-](?:error|request|response|status|code|failed|failure|returned))*[!:=,]*\s+(?:with )?(?:status(?:[ _]code)?[:=]?\s*)?${status}`,
  // `Response status: 503`, `Response code 503`, `status code 503`
  String.raw`\b(?:response[ _](?:status|code)|status[ _]code)(?:[ _]code)?(?: is| was)?[:=]?\s*${status}`,
  String.raw`\bAPI error[:,]?\s*${status}(?=\)?(?:$|[\s:.,;]))`,
].map((form) => new RegExp(form, "i"));

/** `503 Service Unavailable`, by the words of the standard. */
function withName(text: string): [string] | undefined {
  for (const { groups: { status: number = "", rest = "" } = {} } of text.matchAll(numbered)) {
    const name = nodeHttp().STATUS_CODES[number]?.toLowerCase();
    if (name !== undefined && rest.toLowerCase().startsWith(name) && /^(?:$|[.,:;)\]\n"])/.test(rest.slice(name.length)))
      return [number];
  }
  return undefined;
}

const numbered = /(?:^|[:([] ?|\bstatus:? )(?<status>40[12378]|42[1459]|499|5\d\d)[:,]? -? ?(?<rest>[A-Za-z][\s\S]{0,60})/g;
