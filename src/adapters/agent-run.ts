/**
 * `AgentRun`: one run of an agent, in whose model calls the values of parameters take the places of the agent's own texts.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { isPlainObject, shorten } from "../data/json.ts";
import { ConfigurationError, isInfrastructureError } from "../errors.ts";
import { propertiesOf, readPath, type TextPath } from "./text-paths.ts";

/** A text of an agent, and what takes its place. */
export interface TextSwap {
  readonly path: string;
  readonly original: string;
  readonly value: string;
}

/** One run. Runs that overlap each have their own, by the asynchronous context. */
export class AgentRun {
  readonly #swaps: readonly PlacedSwap[];
  #calls = 0;
  #refusal: ConfigurationError | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(swaps: readonly TextSwap[]) {
    this.#swaps = swaps.map((swap) => ({ ...swap, ...readPath(swap.path) }));
  }

  /** The run that the running code is a part of. */
  static current(): AgentRun | undefined {
    return storage.getStore();
  }

  /** How many calls of the agent's model it has made. */
  get calls(): number {
    return this.#calls;
  }

  /**
   * Runs the agent.
   *
   * @throws ConfigurationError when a text is not in what its model is sent
   * @throws what its last model call threw, as it was before the framework made something else of it
   */
  async within<T>(work: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await storage.run(this, work);
    } catch (error) {
      throw this.#refusal ?? (this.#failure === undefined ? error : this.#failure.error);
    }
    if (this.#refusal !== undefined) throw this.#refusal;
    // Some frameworks return what they have when a call fails.
    if (this.#failure !== undefined && isInfrastructureError(this.#failure.error)) throw this.#failure.error;
    return result;
  }

  /**
   * Makes a call of the model.
   *
   * @param swap puts the values into the request
   * @throws ConfigurationError when it is the first call and a text is not in it; what `ask` throws
   */
  async call<Request, Reply>(swap: (texts: CallTexts) => Request, ask: (request: Request) => PromiseLike<Reply>): Promise<Reply> {
    const texts = new CallTexts(this.#swaps);
    const request = swap(texts);
    if (this.#calls++ === 0) this.#refusal = texts.refusal();
    if (this.#refusal !== undefined) throw this.#refusal;
    try {
      const reply = await ask(request);
      this.#failure = undefined;
      return reply;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}

const storage = new AsyncLocalStorage<AgentRun>();

type PlacedSwap = TextSwap & TextPath;

/** The texts of one call, as they are put in their places. */
export class CallTexts {
  readonly #swaps: readonly PlacedSwap[];
  readonly #found = new Set<PlacedSwap>();
  /** What was sent, by the kind of place, or the name of the tool. */
  readonly #sent = new Map<string, string[]>();

  constructor(swaps: readonly PlacedSwap[]) {
    this.#swaps = swaps;
  }

  /** The text of a system message. */
  instructions(text: string): string {
    this.#note("instructions", text);
    const open = this.#swaps.filter((swap) => swap.place.kind === "instructions" && !this.#found.has(swap));
    return this.#swapAll(text, open);
  }

  /** The text of another message; examples are whole messages. */
  example(text: string): string {
    const swap = this.#swaps.find((one) => one.place.kind === "example" && one.original === text && !this.#found.has(one));
    if (swap === undefined) return text;
    this.#found.add(swap);
    return swap.value;
  }

  /** Tools in the form of any provider: those with a name and a description, in whatever they are wrapped. */
  tools<T>(tools: T): T {
    if (Array.isArray(tools)) return tools.map((tool) => this.tools(tool)) as T;
    if (!isPlainObject(tools)) return tools;
    if (typeof tools.name === "string") return this.#tool(tools, tools.name) as T;
    const inner = wrappers.flatMap((name) => (tools[name] === undefined ? [] : [[name, this.tools(tools[name])]]));
    return { ...tools, ...Object.fromEntries(inner) } as T;
  }

  /** What is said when a text is not in the call. A tool that is not offered in it does not count. */
  refusal(): ConfigurationError | undefined {
    const missing = this.#swaps.find((swap) => {
      if (this.#found.has(swap)) return false;
      return swap.place.kind !== "tool" || this.#sent.has(swap.place.tool);
    });
    if (missing === undefined) return undefined;
    const { path, original, place } = missing;
    const sent = this.#sent.get(place.kind === "tool" ? place.tool : place.kind) ?? [];
    const found = sent.length === 0 ? "nothing there" : `"${shorten(sent.join("\n\n"), 300)}"`;
    return new ConfigurationError(
      `The text of "${path}" is not in what the model is sent, so it cannot be trained. Expected "${shorten(original, 300)}", got ${found}. ` +
        `If the program composes this text when it calls the model, pass its constant part as \`texts: { "${path}": "…" }\` of fromAgent; ` +
        "or leave it out with `include`",
    );
  }

  #tool(tool: Readonly<Record<string, unknown>>, name: string): object {
    const own = this.#swaps.filter(({ place }) => place.kind === "tool" && place.tool === name);
    if (own.length === 0) return tool;
    if (!this.#sent.has(name)) this.#sent.set(name, []);
    const swapped: Record<string, unknown> = { ...tool };
    if (typeof tool.description === "string") {
      this.#note(name, tool.description);
      swapped.description = this.#swapAll(
        tool.description,
        own.filter(({ place }) => !("property" in place)),
      );
    }
    for (const key of schemaKeys) {
      const ofInput = Object.entries(propertiesOf(tool[key])).map(([property, about]) => {
        if (typeof about.description !== "string") return [property, about];
        const meant = own.filter(({ place }) => "property" in place && place.property === property);
        return [property, { ...about, description: this.#swapAll(about.description, meant) }];
      });
      if (ofInput.length > 0) {
        const schema = tool[key] as { readonly properties: object };
        swapped[key] = { ...schema, properties: { ...schema.properties, ...Object.fromEntries(ofInput) } };
      }
    }
    return swapped;
  }

  /** Each text once, where it is first found. What takes its place is not looked through again. */
  #swapAll(text: string, swaps: readonly PlacedSwap[]): string {
    const found = swaps
      .map((swap) => ({ swap, start: text.indexOf(swap.original) }))
      .filter(({ start }) => start >= 0)
      .sort((a, b) => a.start - b.start);
    let result = "";
    let end = 0;
    for (const { swap, start } of found) {
      if (start < end) continue;
      this.#found.add(swap);
      result += text.slice(end, start) + swap.value;
      end = start + swap.original.length;
    }
    return result + text.slice(end);
  }

  #note(place: string, text: string): void {
    this.#sent.set(place, [...(this.#sent.get(place) ?? []), text]);
  }
}

/** In what providers wrap tools: OpenAI, Google, Bedrock. */
const wrappers = ["function", "functionDeclarations", "toolSpec"] as const;
/** What the schema of a tool's arguments is called: the AI SDK, OpenAI and Google, Anthropic. */
const schemaKeys = ["inputSchema", "parameters", "input_schema"] as const;
