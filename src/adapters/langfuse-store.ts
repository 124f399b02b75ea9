/**
 * `langfuseStore`: prompts in Langfuse.
 *
 * @module
 */
import { someText } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { CheckpointError, InvalidArgumentError } from "../errors.ts";
import type { PromptStore } from "./prompt-store.ts";

/** What of a `LangfuseClient` (`@langfuse/client`) is used. */
export interface LangfuseClientLike {
  readonly prompt: {
    /** Reads the version with a label. */
    get(name: string, options: { readonly label: string; readonly cacheTtlSeconds: number }): Promise<LangfusePrompt>;
    /** Adds a version. */
    create(prompt: {
      name: string;
      type: "text";
      prompt: string;
      labels: string[];
      tags: string[];
      config: unknown;
      commitMessage: string;
    }): Promise<{ readonly version: number }>;
  };
}

/** A version of a prompt as the client returns it. */
export interface LangfusePrompt {
  readonly version: number;
  readonly prompt: unknown;
  readonly config?: unknown;
  readonly tags?: readonly string[];
  readonly labels?: readonly string[];
}

/** Which versions are read and written. */
export interface LangfuseStoreOptions {
  /** The label of the version that is read. @default "production" */
  readonly label?: string | undefined;
  /** Labels of new versions. @default none, so that programs go on using the version they use */
  readonly newLabels?: readonly string[] | undefined;
}

/**
 * Prompts of a Langfuse project. A new version has the config and the tags of the one that it is based on.
 *
 * @throws InvalidArgumentError for an unknown option
 * @example
 * const system = await promptFrom(langfuseStore(new LangfuseClient()), "support");
 */
export function langfuseStore({ prompt }: LangfuseClientLike, options: LangfuseStoreOptions = {}): PromptStore {
  checkTable(options, { label: someText, newLabels: labels }, "langfuseStore");
  const { label = "production", newLabels = [] } = options;
  const read = (name: string, label: string): Promise<LangfusePrompt> => prompt.get(name, { label, cacheTtlSeconds: 0 });
  // A new version without the label is not what is read, so the same text may be there already.
  const find = async (name: string, text: string): Promise<number | undefined> => {
    const { prompt: latest, version, labels = [] } = await read(name, "latest");
    return latest === text && newLabels.every((one) => labels.includes(one)) ? version : undefined;
  };
  return {
    label: "Langfuse",
    async read(name) {
      const { prompt: text, version } = await read(name, label);
      if (typeof text === "string") return { text, version };
      throw new InvalidArgumentError(`"${name}" in Langfuse is a chat prompt; only text prompts can be parameters`);
    },
    async write(name, text, { basedOn, message }) {
      const { version, config = {}, tags = [] } = await read(name, label);
      if (version !== basedOn) {
        throw new CheckpointError(
          `"${name}" in Langfuse has changed: version ${basedOn} was expected, ${version} is labelled ${label}`,
        );
      }
      const known = await find(name, text);
      if (known !== undefined) return known;
      const created = await prompt.create({
        name,
        type: "text",
        prompt: text,
        labels: [...newLabels],
        tags: [...tags],
        config,
        commitMessage: message,
      });
      return created.version;
    },
    find,
  };
}

const labels = {
  expected: "a list of labels",
  holds: (value: unknown): boolean => Array.isArray(value) && value.every(someText.holds),
};
