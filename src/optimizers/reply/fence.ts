/**
 * The tags that keep values apart from the prompt around them, so that no value can close its own block or open another.
 *
 * Values stand between tags exactly as they are: nothing in them is escaped, so a model reads and writes plain text.
 * That is safe because the tags are chosen last: when any text of the prompt contains one of them, all tags of that
 * prompt carry a number that none of the texts uses (`<variable-2 …>`), and the reply is read by the same tags.
 * Only attributes are escaped.
 *
 * @module
 */

/** The tags of the format. All from `reasoning` on are written by the model, too. */
export type Tag = "value" | "operation" | "feedback" | "attempt" | "reasoning" | "unchanged" | "variable" | EditTag;

/** The tags of edits, which only prompts that offer edits have. */
export type EditTag = "search" | "replace";

const anyTag = /<\/?(?:value|operation|feedback|attempt|reasoning|unchanged|variable)(?:-(\d+))?(?![\w-])/gi;
const editTag = /<\/?(?:search|replace)(?:-(\d+))?(?![\w-])/gi;

/** The tags of one prompt. */
export class Fence {
  /** What follows the name in every tag: nothing, or `-2`, `-3`, … */
  readonly mark: string;

  constructor(mark = "") {
    this.mark = mark;
  }

  /**
   * The tags for a prompt that contains these texts: plain ones, unless a text contains one of them.
   *
   * @param edits whether the prompt has the tags of edits
   */
  static around(texts: Iterable<string>, edits = false): Fence {
    const used = new Set<string>();
    const patterns = edits ? [anyTag, editTag] : [anyTag];
    for (const text of texts) {
      for (const pattern of patterns) for (const [, number = ""] of text.matchAll(pattern)) used.add(number);
    }
    if (!used.has("")) return new Fence();
    let number = 2;
    while (used.has(String(number))) number++;
    return new Fence(`-${number}`);
  }

  /** `<variable name="x">` */
  open(tag: Tag, attributes: Readonly<Record<string, string | undefined>> = {}): string {
    const written = Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : ` ${name}="${escapeAttribute(value)}"`,
    );
    return `<${tag}${this.mark}${written.join("")}>`;
  }

  /** `</variable>` */
  close(tag: Tag): string {
    return `</${tag}${this.mark}>`;
  }

  /** A text on lines of its own between its tags; `unwrap` gives it back exactly. */
  block(tag: Tag, text: string, attributes?: Readonly<Record<string, string | undefined>>): string {
    return `${this.open(tag, attributes)}\n${text}\n${this.close(tag)}`;
  }

  /** A text between its tags, on one line when it is short and one line itself. For showing only. */
  inline(tag: Tag, text: string, attributes?: Readonly<Record<string, string | undefined>>): string {
    if (text.includes("\n") || text.length > longestInline) return this.block(tag, text, attributes);
    return `${this.open(tag, attributes)}${text}${this.close(tag)}`;
  }
}

const longestInline = 120;

/**
 * The text that `block` put between the tags. One line break at either end belongs to the tags; a block that begins with
 * a carriage return has them on all lines, as some servers send it. On the line of its tag a text has no blanks around it.
 */
export function unwrap(inner: string): string {
  const first = /^[ \t]*(\r?\n)/.exec(inner);
  if (first === null) return inner.trim();
  const text = first[1] === "\r\n" ? inner.replaceAll("\r\n", "\n") : inner;
  return text.replace(/^[ \t]*\n/, "").replace(/\n[ \t]*$/, "");
}

/** The value of an attribute as it was before `open` escaped it. */
export function unescapeAttribute(text: string): string {
  return text.replace(/&(lt|gt|quot|amp|#10|#13);/g, (_all, name: string) => characters[name] as string);
}

const characters: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', amp: "&", "#10": "\n", "#13": "\r" };
const entities = new Map(Object.entries(characters).map(([name, character]) => [character, `&${name};`]));

function escapeAttribute(value: string): string {
  return value.replace(/[<>"&\n\r]/g, (character) => entities.get(character) as string);
}
