/**
 * The prompts of a promptfoo config, each with where it is written, and as an agent, of which it is the parameter.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { describeValue, isPlainObject, shorten } from "../../data/json.ts";
import { ConfigurationError, InvalidArgumentError } from "../../errors.ts";
import { bundle } from "../../graph/bundle.ts";
import { Module } from "../../graph/module.ts";
import { standsFor } from "../../graph/module-code.ts";
import type { Node } from "../../graph/node.ts";
import { type Parameter, parameter } from "../../graph/parameter.ts";
import { generate } from "../../llm/generate.ts";
import type { Message } from "../../llm/model-request.ts";
import { promptFile } from "../prompt-file.ts";
import { type ConfigFolder, endingOf, fileOf, filesOf, isScript, readReferenced, readYaml, shownPath } from "./config-file.ts";
import type { ProviderModel } from "./provider-model.ts";
import { codeIn, fillInside, fillTemplate, slotsIn, type Vars, variablesIn } from "./template.ts";

/** Fills in the variables of a prompt and asks a model. */
export class PromptAgent extends Module<Vars, string> {
  static {
    standsFor(PromptAgent.prototype.forward);
  }

  readonly prompt: Parameter<string>;
  readonly model: string | undefined;
  readonly settings: ProviderModel["settings"];

  /** @param asked the model @default the environment variable `OPTO_MODEL` */
  constructor(prompt: Parameter<string>, asked: ProviderModel | undefined) {
    super();
    this.prompt = prompt;
    this.model = asked?.model;
    this.settings = asked?.settings ?? {};
  }

  override async forward(vars: Vars): Promise<Node<string>> {
    const asked = { model: this.model, ...this.settings };
    if (messagesIn(this.prompt.peek()) === undefined)
      return generate({ ...asked, prompt: fill(this.prompt, vars) as Node<string> });
    return generate({ ...asked, messages: fillMessages(this.prompt, vars) as unknown as Node<Message[]> });
  }
}

const fill = bundle((template: string, vars: Vars): string => fillTemplate(template, vars), {
  name: "fillTemplate",
  description: "Replaces each {{name}} in the template by the variable of that name.",
});

const fillMessages = bundle((template: string, vars: Vars): unknown => fillInside(messagesIn(template), vars), {
  name: "fillMessages",
  description: "Reads the template as JSON, a list of messages, and replaces each {{name}} in them by the variable of that name.",
});

/**
 * The parameter of a prompt: the one place where it is made. A prompt that is a file, or a string in the config, is written back there by `opto apply`.
 *
 * @throws ConfigurationError for a template with code, which only promptfoo can run
 */
export function promptParameter({ text, name, file, at }: PromptfooPrompt): Parameter<string> {
  const found = codeIn(text);
  if (found !== undefined) {
    throw new ConfigurationError(
      `The prompt "${name}" has an expression in braces (${JSON.stringify(found)}) that only promptfoo can evaluate. Use plain variables, {{name}}, or set \`agent\` in opto.config.ts`,
    );
  }
  const rules = promptRules(text);
  if (file === undefined) return parameter(text, rules);
  // promptfoo takes a file as it is, front matter included.
  return promptFile(file, { ...rules, ...(at === undefined ? { format: "text" } : { at }) });
}

/** What every value of the parameter keeps: its variables, no code, and the form of a conversation if it has one. */
function promptRules(text: string) {
  const variables = new Set(variablesIn(text));
  const isConversation = messagesIn(text) !== undefined;
  const validate = (value: string): string[] => {
    const problems: string[] = [];
    const found = codeIn(value);
    if (found !== undefined) problems.push(`expected only variables in double braces, got ${JSON.stringify(found)}`);
    const unknown = variablesIn(value).filter((variable) => !variables.has(variable));
    if (unknown.length > 0) problems.push(`there is no variable ${unknown.map((variable) => `{{${variable}}}`).join(", ")}`);
    if (isConversation && messagesIn(value) === undefined)
      problems.push('expected JSON, a list of messages { "role", "content" }');
    return problems;
  };
  const form = isConversation ? "a list of messages as JSON" : "a template";
  const description = `the prompt, ${form}; each {{name}} is replaced by a variable of the example`;
  return { name: "prompt", description, placeholders: slotsIn(text), validate };
}

/** A prompt that is a conversation: JSON, a list of messages. */
function messagesIn(text: string): readonly Message[] | undefined {
  if (!text.trimStart().startsWith("[")) return undefined;
  try {
    const messages: unknown = JSON.parse(text);
    return Array.isArray(messages) && messages.length > 0 && messages.every(isMessage) ? messages : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is Message {
  return (
    isPlainObject(value) && typeof value.content === "string" && ["system", "user", "assistant"].includes(String(value.role))
  );
}

/** A prompt, and the file that it is in: all of the file, or the string at a path in the config such as `prompts.0`. */
export interface PromptfooPrompt {
  readonly name: string;
  readonly text: string;
  readonly file: string | undefined;
  readonly at: string | undefined;
}

/** Between the prompts of one text file. */
const delimiter = /^---[ \t]*\r?$/m;

/** @throws InvalidArgumentError for a prompt that is a program, and for a file that cannot be read */
export async function readPrompts(given: unknown, configPath: string, place: ConfigFolder): Promise<PromptfooPrompt[]> {
  if (given === undefined) return [];
  const isList = Array.isArray(given);
  const all: PromptfooPrompt[] = [];
  for (const [index, one] of (isList ? (given as unknown[]) : [given]).entries()) {
    all.push(...(await promptsOf(one, { configPath, at: isList ? `prompts.${index}` : "prompts" }, place)));
  }
  return all;
}

interface Origin {
  readonly configPath: string;
  readonly at: string;
}

async function promptsOf(given: unknown, { configPath, at }: Origin, place: ConfigFolder): Promise<PromptfooPrompt[]> {
  const { label, raw, id = raw, config } = isPlainObject(given) ? given : ({ id: given } as Readonly<Record<string, unknown>>);
  if (typeof id !== "string")
    throw new InvalidArgumentError(
      `Expected a prompt of the promptfoo config to be a text or a file, got ${describeValue(given)}`,
    );
  if (/^(?:langfuse|portkey|helicone):\/\/|^(?:exec|package):/.test(id)) {
    throw new InvalidArgumentError(
      `The prompt ${describeValue(id)} is elsewhere, and only promptfoo fetches it. Set \`agent\` in opto.config.ts`,
    );
  }
  if (isPlainObject(config) && Object.keys(config).length > 0) {
    throw new InvalidArgumentError(
      `\`config\` of the prompt ${describeValue(label ?? id)} is not supported. Write it into the \`config\` of the provider`,
    );
  }
  const path = typeof raw === "string" ? undefined : pathOf(id, place);
  const named = typeof label === "string" ? label : undefined;
  if (path !== undefined) {
    const all: PromptfooPrompt[] = [];
    for (const one of filesOf(path, "`prompts`", place)) all.push(...(await promptsOfFile(one, named, place)));
    return all;
  }
  const key = isPlainObject(given) ? `.${typeof raw === "string" ? "raw" : "id"}` : "";
  const name = named ?? shorten(id.replace(/\s+/g, " ").trim(), 60);
  return [{ name, text: id, file: isScript(configPath) ? undefined : configPath, at: `${at}${key}` }];
}

/** One line that names a file, with `file://` or without. */
function pathOf(id: string, place: ConfigFolder): string | undefined {
  const file = fileOf(id, place);
  if (file !== undefined) return file.path;
  if (!/^[^\n{}]+\.(?:\w{1,5}|\*)$/.test(id)) return undefined;
  const path = resolve(place.folder, id);
  return existsSync(path) || (/^[^\s?]*\*[^\s?]*$/.test(id) && id.includes("/")) ? path : undefined;
}

async function promptsOfFile(path: string, label: string | undefined, place: ConfigFolder): Promise<PromptfooPrompt[]> {
  const shown = shownPath(path, place);
  const ending = endingOf(path);
  if (isScript(path) || ending === ".py") {
    throw new InvalidArgumentError(
      `The prompt ${shown} is a program, which only promptfoo runs. Set \`agent\` in opto.config.ts`,
    );
  }
  const name = label ?? shown;
  if (/^\.ya?ml$/.test(ending))
    return [{ name, text: JSON.stringify(await readYaml(path), null, 2), file: undefined, at: undefined }];
  const text = await readReferenced(path);
  const parts = ending === ".txt" ? text.split(delimiter) : [text];
  if (parts.length === 1) return [{ name, text, file: path, at: undefined }];
  return parts.map((part, index) => ({ name: `${name}#${index + 1}`, text: part.trim(), file: undefined, at: undefined }));
}
