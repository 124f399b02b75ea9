/**
 * `CallTexts`: other texts in the place of a program's own, in what one call sends to a model.
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";

/** Where in a call a text is looked for. */
export type TextPlace =
  /** Every occurrence in system messages; in those of the user where no system message has the text. */
  | { readonly kind: "anywhere" }
  /** Its first occurrence in system messages. */
  | { readonly kind: "instructions" }
  /** The first message of the user or the model that is this text. */
  | { readonly kind: "example" }
  /** The description of a tool, or of one of its arguments. */
  | { readonly kind: "tool"; readonly tool: string; readonly property?: string };

/** What is replaced, and by what. */
export interface SwappedText {
  /** For messages. */
  readonly name: string;
  readonly place: TextPlace;
  /** The texts that the program may have: asked for at every call, so that a program may read its text again. */
  readonly originals: () => readonly string[];
  readonly value: string;
  /** Called when a call has one of the originals. */
  readonly onFound?: (() => void) | undefined;
}

/** A text that is not in a call, and what is where it should be. */
export interface MissingText {
  readonly text: SwappedText;
  readonly sent: string;
}

/** The texts of one call, as they are replaced. System messages come before all others. */
export class CallTexts {
  readonly #forms: readonly Form[];
  readonly #found = new Set<SwappedText>();
  readonly #inSystem = new Set<SwappedText>();
  /** What was sent, by the kind of place, or the name of the tool. */
  readonly #sent = new Map<string, string[]>();

  constructor(texts: readonly SwappedText[]) {
    this.#forms = formsOf(texts);
  }

  /** The texts that were found so far. */
  get found(): ReadonlySet<SwappedText> {
    return this.#found;
  }

  /** The text of a message. */
  message(role: string, text: string): string {
    if (role === "system") {
      this.#note("instructions", text);
      return this.#replaced(text, ({ kind }) => kind === "anywhere" || kind === "instructions", this.#inSystem);
    }
    if (role !== "user" && role !== "assistant") return text;
    const example = this.#forms.find((form) => form.text.place.kind === "example" && form.written === text && this.#isOpen(form));
    if (example !== undefined) {
      this.#found.add(example.text);
      return example.text.value;
    }
    if (role === "assistant") return text;
    return this.#replaced(text, ({ kind }, one) => kind === "anywhere" && !this.#inSystem.has(one));
  }

  /** Tools in the form of any provider: those with a name and a description, in whatever they are wrapped. */
  tools<T>(tools: T): T {
    if (!this.#forms.some(({ text }) => text.place.kind === "tool")) return tools;
    if (Array.isArray(tools)) return tools.map((tool) => this.tools(tool)) as T;
    if (!isPlainObject(tools)) return tools;
    if (typeof tools.name === "string") return this.#tool(tools, tools.name) as T;
    const inner = wrappers.flatMap((name) => (tools[name] === undefined ? [] : [[name, this.tools(tools[name])]]));
    return { ...tools, ...Object.fromEntries(inner) } as T;
  }

  /** The first text that is not in the call. A tool that is not offered in it does not count. */
  missing(): MissingText | undefined {
    const found = this.#forms.find(({ text }) => {
      if (this.#found.has(text)) return false;
      return text.place.kind !== "tool" || this.#sent.has(text.place.tool);
    });
    if (found === undefined) return undefined;
    const { text } = found;
    const sent = this.#sent.get(text.place.kind === "tool" ? text.place.tool : text.place.kind) ?? [];
    return { text, sent: sent.join("\n\n") };
  }

  #tool(tool: Readonly<Record<string, unknown>>, name: string): object {
    if (!this.#forms.some(({ text: { place } }) => place.kind === "tool" && place.tool === name)) return tool;
    if (!this.#sent.has(name)) this.#sent.set(name, []);
    const described = <T extends Readonly<Record<string, unknown>>>(one: T, property?: string): T => {
      if (typeof one.description !== "string") return one;
      if (property === undefined) this.#note(name, one.description);
      const isMeant = (place: TextPlace): boolean => place.kind === "tool" && place.tool === name && place.property === property;
      return { ...one, description: this.#replaced(one.description, isMeant) };
    };
    const swapped: Record<string, unknown> = { ...described(tool) };
    for (const key of schemaKeys) {
      const properties = Object.entries(propertiesOf(tool[key])).map(([one, about]) => [one, described(about, one)]);
      if (properties.length === 0) continue;
      const schema = tool[key] as { readonly properties: object };
      swapped[key] = { ...schema, properties: { ...schema.properties, ...Object.fromEntries(properties) } };
    }
    return swapped;
  }

  /** The text with values in it. What takes the place of a text is not searched again. */
  #replaced(text: string, isMeant: (place: TextPlace, text: SwappedText) => boolean, found = new Set<SwappedText>()): string {
    const forms = this.#forms.filter((form) => isMeant(form.text.place, form.text));
    const replace = (piece: string): string => {
      for (const form of forms) {
        const at = this.#isOpen(form) ? piece.indexOf(form.written) : -1;
        if (at < 0) continue;
        this.#found.add(form.text);
        found.add(form.text);
        return replace(piece.slice(0, at)) + form.text.value + replace(piece.slice(at + form.written.length));
      }
      return piece;
    };
    return replace(text);
  }

  /** Only a text that may be anywhere is replaced more than once. */
  #isOpen({ text }: Form): boolean {
    return text.place.kind === "anywhere" || !this.#found.has(text);
  }

  #note(place: string, text: string): void {
    this.#sent.set(place, [...(this.#sent.get(place) ?? []), text]);
  }
}

/** One way in which a text may be written. */
interface Form {
  readonly text: SwappedText;
  readonly written: string;
}

/** The longest first: one text may be a part of another. */
function formsOf(texts: readonly SwappedText[]): Form[] {
  return texts
    .flatMap((text) => {
      // A file may have other line ends than the value that was read from it.
      const written = text.originals().flatMap((original) => [original, original.replaceAll("\n", "\r\n")]);
      return [...new Set(written)].map((one) => ({ text, written: one }));
    })
    .sort((a, b) => b.written.length - a.written.length);
}

/** The properties of a JSON Schema of an object, by name. */
export function propertiesOf(schema: unknown): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const properties = isPlainObject(schema) ? schema.properties : undefined;
  if (!isPlainObject(properties)) return {};
  const known = Object.entries(properties).filter(([, property]) => isPlainObject(property));
  return Object.fromEntries(known) as Record<string, Record<string, unknown>>;
}

/** In what providers wrap tools: OpenAI, Google, Bedrock. */
const wrappers = ["function", "functionDeclarations", "toolSpec"] as const;
/** What the schema of a tool's arguments is called: the AI SDK, OpenAI and Google, Anthropic. */
const schemaKeys = ["inputSchema", "parameters", "input_schema"] as const;
