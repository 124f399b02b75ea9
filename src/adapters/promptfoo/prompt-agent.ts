/**
 * `PromptAgent`: a prompt of a promptfoo config as an agent. The prompt is its parameter.
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";
import { ConfigurationError } from "../../errors.ts";
import { bundle } from "../../graph/bundle.ts";
import { Module } from "../../graph/module.ts";
import type { Node } from "../../graph/node.ts";
import { type Parameter, parameter } from "../../graph/parameter.ts";
import { generate } from "../../llm/generate.ts";
import type { Message } from "../../llm/model-request.ts";
import { promptFile } from "../prompt-file.ts";
import type { ProviderModel } from "./provider-model.ts";
import type { PromptfooPrompt } from "./read-prompts.ts";
import { codeIn, fillInside, fillTemplate, slotsIn, type Vars, variablesIn } from "./template.ts";

/** Fills in the variables of a prompt and asks a model. */
export class PromptAgent extends Module<Vars, string> {
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
      `The prompt "${name}" has more than variables in braces (${JSON.stringify(found)}), which only promptfoo can evaluate. Write it with {{name}} alone, or set \`agent\` in opto.config.ts`,
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
