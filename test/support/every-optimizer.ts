/**
 * Every optimizer, ready to be tested: how each is made, and a scripted model that plays whatever part it is asked for.
 *
 * @module
 */
import { OPRO, type Optimizer, OptoPrime, OptoPrimeMulti, type Parameter, TextGrad, TPE } from "opto";
import type { LanguageModelOptimizerOptions } from "opto/optimizers";
import { type ScriptedCall, type ScriptedModel, type ScriptedReply, scriptedModel } from "opto/testing";

type Owner = ConstructorParameters<typeof OptoPrime>[0];

/** An optimizer that asks a language model, and how it is made. */
export interface Subject {
  readonly name: string;
  readonly make: (owner: Owner, options: LanguageModelOptimizerOptions) => Optimizer;
}

const multi = (technique: NonNullable<ConstructorParameters<typeof OptoPrimeMulti>[1]>["technique"]): Subject => ({
  name: `OptoPrimeMulti, ${technique}`,
  make: (owner, options) => {
    const models = technique === "multiLLM" && options.model !== undefined ? [options.model] : undefined;
    return new OptoPrimeMulti(owner, { technique, models, ...options });
  },
});

/** Every optimizer that asks a language model, in all its manners. */
export const subjects: readonly Subject[] = [
  { name: "OptoPrime", make: (owner, options) => new OptoPrime(owner, options) },
  { name: "OptoPrime with memory", make: (owner, options) => new OptoPrime(owner, { memorySize: 3, ...options }) },
  { name: "OptoPrime with JSON", make: (owner, options) => new OptoPrime(owner, { replyFormat: "json", ...options }) },
  { name: "OPRO", make: (owner, options) => new OPRO(owner, options) },
  { name: "TextGrad", make: (owner, options) => new TextGrad(owner, options) },
  { name: "TextGrad with momentum", make: (owner, options) => new TextGrad(owner, { momentum: 2, memorySize: 2, ...options }) },
  multi("samples"),
  multi("temperatureVariation"),
  multi("selfRefinement"),
  multi("iterativeAlternatives"),
  multi("multiExperts"),
  multi("multiLLM"),
  { name: "OptoPrimeMulti, moa", make: (owner, options) => new OptoPrimeMulti(owner, { selectionTechnique: "moa", ...options }) },
  {
    name: "OptoPrimeMulti, majority",
    make: (owner, options) => new OptoPrimeMulti(owner, { selectionTechnique: "majority", ...options }),
  },
];

/** One that asks none. */
export const searches: readonly { readonly name: string; readonly make: (owner: Owner) => Optimizer }[] = [
  { name: "TPE", make: (owner) => new TPE(owner, { seed: 5 }) },
];

/** `<variable name="x">`, as a model writes it. */
export function block(name: string, value: string): string {
  return `<variable name="${name}">\n${value}\n</variable>\n`;
}

/** What a call asks for: criticism of inputs, a choice among answers, the value of one variable, or values of all. */
export function partOf({ system, messages }: ScriptedCall): "criticism" | "choice" | "one" | "all" {
  const first = messages[0]?.content ?? "";
  if (system.startsWith("You find out why")) return "criticism";
  if (first.includes("Which of these answers")) return "choice";
  return system.startsWith("You improve one variable") ? "one" : "all";
}

/** The variable that a rewriting is about. */
export function variableOf({ messages }: ScriptedCall): string {
  return /Provide a better value for (\S+)\./.exec(messages[0]?.content ?? "")?.[1] ?? "";
}

/** The inputs that criticism is asked of. */
export function criticisedIn({ prompt }: ScriptedCall): string[] {
  const asked = /# Your answer\n([\s\S]*)/.exec(prompt)?.[1] ?? "";
  return Array.from(asked.matchAll(/^- (\S+): /gm), ([, name]) => name as string);
}

/** A model that criticises everything, takes the first of several answers, and otherwise answers as it is told to. */
export function playing(answer: (call: ScriptedCall) => ScriptedReply | Promise<ScriptedReply>): ScriptedModel {
  return scriptedModel((call) => {
    const part = partOf(call);
    if (part === "criticism")
      return criticisedIn(call)
        .map((name) => block(name, `Change ${name}.`))
        .join("");
    return part === "choice" ? block("choice", "1") : answer(call);
  });
}

/** Answers with these values: all of them, or where only one variable is asked for, that one. */
export function valuesFor(call: ScriptedCall, values: Readonly<Record<string, string>>): string {
  const all = Object.entries(values);
  return written(call, partOf(call) === "one" ? all.filter(([name]) => name === variableOf(call)) : all);
}

/** An answer with these names and values, in the format that is asked for; a name may come twice. */
export function written(call: ScriptedCall, values: readonly (readonly [name: string, value: string])[]): string {
  if (call.system.includes("Reply with exactly one JSON object")) {
    const fields = values.map(([name, value]) => {
      return `${JSON.stringify(name)}: ${/^-?\d+(\.\d+)?$/.test(value) ? value : JSON.stringify(value)}`;
    });
    return `{"reasoning": "Because.", "values": {${fields.join(", ")}}}`;
  }
  if (values.length === 0) return "<unchanged/>";
  return `<reasoning>\nBecause.\n</reasoning>\n${values.map(([name, value]) => block(name, value)).join("")}`;
}

/** The value that a prompt shows of a variable. */
export function shownValue(prompt: string, name: string): string | undefined {
  return new RegExp(`<variable name="${name}">\\n([\\s\\S]*?)\\n</variable>`).exec(prompt)?.[1];
}

/** The parameters of an optimizer, as data. */
export function valuesOf(optimizer: Optimizer): Record<string, unknown> {
  return Object.fromEntries(
    Array.from(optimizer.parameters, ([name, parameter]: [string, Parameter]) => [name, parameter.peek()]),
  );
}
