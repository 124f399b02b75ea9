/**
 * `promptFrom`: a prompt in a store, such as Langfuse, as a parameter that `opto apply` writes back as a new version.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { CheckpointError, errorText, InvalidArgumentError } from "../errors.ts";
import { type OriginRecord, Parameter, type ParameterOptions, type ParameterOrigin } from "../graph/parameter.ts";
import type { ReturningValue, WritableTarget } from "./write-back-target.ts";

/** What a store calls one state of a prompt. */
export type PromptVersion = string | number;

/** A prompt as a store has it. */
export interface StoredPrompt {
  readonly text: string;
  readonly version: PromptVersion;
}

/** How a version is written. */
export interface WritePromptOptions {
  /** The version that the text was learned from. */
  readonly basedOn: PromptVersion;
  /** Why there is a new version, for people. */
  readonly message: string;
}

/** A place that keeps prompts under names, every change as a version. Implement it for any other than those that opto has. */
export interface PromptStore {
  /** For messages: `"Langfuse"`. @default "the prompt store" */
  readonly label?: string;
  /** The prompt as it is now, not as a cache has it. */
  read(name: string): Promise<StoredPrompt>;
  /**
   * Adds a version. It should not be the one that programs use before someone has looked at it.
   *
   * @throws when `basedOn` is no longer the version that `read` gives
   */
  write(name: string, text: string, options: WritePromptOptions): Promise<PromptVersion>;
  /**
   * The version with this text that `write` would return without adding one, because it is there already, for instance until someone labels it.
   * Without this method a text counts as written once `read` returns it.
   */
  find?(name: string, text: string): Promise<PromptVersion | undefined>;
  /**
   * Removes a version that `write` has just added, because another prompt of the same write-back could not be written. Without it the version
   * stays, and the error says so.
   */
  remove?(name: string, version: PromptVersion): Promise<void>;
}

/** A prompt in a store as an origin. */
export interface StoreOrigin extends ParameterOrigin {
  readonly record: OriginRecord & { readonly kind: "store"; readonly name: string; readonly version: PromptVersion };
  readonly store: PromptStore;
}

/**
 * A prompt in a store, as a parameter with an origin: after a run, `opto apply` adds the best value to the store as a new version,
 * unless the prompt has changed since.
 *
 * @throws what reading from the store throws, and InvalidArgumentError when it has no text under that name
 * @example
 * const system = await promptFrom(langfuseStore(new LangfuseClient()), "support");
 */
export async function promptFrom(
  store: PromptStore,
  name: string,
  options: Omit<ParameterOptions<string>, "origin"> = {},
): Promise<Parameter<string>> {
  const { text, version } = await store.read(name);
  if (typeof text !== "string") {
    throw new InvalidArgumentError(`Expected "${name}" in ${labelOf(store)} to be a text, got ${describeValue(text)}`);
  }
  const origin: StoreOrigin = { record: { kind: "store", store: labelOf(store), name, version }, store };
  return new Parameter(text, { ...options, origin });
}

/** Whether an origin is a prompt in a store. */
export function isStoreOrigin(origin: ParameterOrigin): origin is StoreOrigin {
  return origin.record.kind === "store";
}

/**
 * A prompt of a store as the target of a value.
 *
 * @throws CheckpointError when it has another version than the value was learned from, or the store fails
 */
export async function storeTarget({ path, origin, value, since, start }: ReturningValue<StoreOrigin>): Promise<WritableTarget> {
  const { store, record } = origin;
  const label = `${record.name} in ${labelOf(store)}`;
  const { text, version } = await orFailed(() => store.read(record.name), `Could not read ${label}`);
  const find = async (): Promise<unknown> => store.find?.(record.name, value);
  const isSame = text === value || (await orFailed(find, `Could not read ${label}`)) !== undefined;
  const isKnown = since.length > 0 ? since.some((state) => state.version === version) : text === start;
  if (!isSame && !isKnown) {
    const before = since.map((state) => String(state.version)).join(" or ") || "another text";
    throw new CheckpointError(
      `${label} has changed since ${path} was read from it: version ${before} then, ${version} now. Train again from the current prompt`,
    );
  }
  return {
    label,
    changes: [{ path, from: text, to: value }],
    isSame,
    // The plan may be older than the answer of a person who was asked, and the store out of reach by now.
    async stage() {
      const { version: now } = await orFailed(() => store.read(record.name), `Could not read ${label}`);
      if (now !== version) throw new CheckpointError(`${label} has changed: version ${version} was expected, and it is ${now}`);
    },
    async commit(message) {
      const write = () => store.write(record.name, value, { basedOn: version, message });
      const written = await orFailed(write, `Could not write ${label}`);
      return { [path]: { ...record, version: written } };
    },
    ...(store.remove && {
      undo: async (states: Readonly<Record<string, OriginRecord>>) =>
        store.remove?.(record.name, states[path]?.version as PromptVersion),
    }),
  };
}

/** A store is code of others: what it throws is told by the name of the prompt. */
async function orFailed<T>(work: () => Promise<T>, what: string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new CheckpointError(`${what}: ${errorText(cause)}`, { cause });
  }
}

function labelOf({ label = "the prompt store" }: PromptStore): string {
  return label;
}
