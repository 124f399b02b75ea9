/**
 * What an HTML mail shows: its text, and how much of everything else there is.
 *
 * @module
 */
import { Parser } from "htmlparser2";

/** An HTML page, read. */
export interface HtmlPage {
  /** The visible text; block elements start a new line. */
  readonly text: string;
  readonly images: number;
  /** Font tags, coloured backgrounds and coloured text. */
  readonly colours: number;
  /** The addresses of the web pages it links to, one for each link. */
  readonly links: readonly string[];
}

/** Reads HTML however broken it is; empty HTML gives an empty page. */
export function readHtml(html: string): HtmlPage {
  const links: string[] = [];
  let text = "";
  let images = 0;
  let colours = 0;
  let hidden = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (invisible.has(name)) hidden += 1;
      if (blocks.has(name)) text += "\n";
      if (name === "img") images += 1;
      if (name === "font" || "bgcolor" in attributes || "color" in attributes) colours += 1;
      if (name === "a" && /^https?:/i.test(attributes.href ?? "")) links.push(attributes.href as string);
    },
    ontext(part) {
      if (hidden === 0) text += part;
    },
    onclosetag(name) {
      if (invisible.has(name)) hidden -= 1;
    },
  });
  parser.end(html);
  return { text, images, colours, links };
}

const invisible: ReadonlySet<string> = new Set(["script", "style"]);
const blocks: ReadonlySet<string> = new Set("blockquote br div h1 h2 h3 h4 hr li p table td title tr".split(" "));
