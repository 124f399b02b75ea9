/**
 * Thoughts taken out of replies, and nothing else.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { jsonAnswers } from "./json-candidates.ts";
import { withoutThoughts } from "./thoughts.ts";

const draft = 'Maybe {"a": "draft"}? No.';
const answer = '{"a": "final"}';
const said = (reply: string): string => withoutThoughts(reply, jsonAnswers).trim();

describe("withoutThoughts", () => {
  it.each([
    ["opened and closed", `<think>${draft}</think>${answer}`],
    ["closed only", `${draft}\n</think>\n\n${answer}`],
    ["in capitals", `<THINK>${draft}</Think>${answer}`],
    ["as thinking", `<thinking>${draft}</thinking>${answer}`],
    ["as a thought", `<thought>${draft}</thought>${answer}`],
    ["as reasoning", `<reasoning>${draft}</reasoning>${answer}`],
    ["as a reflection, closed only", `${draft}</reflection>${answer}`],
    ["as an analysis", `<analysis>${draft}</analysis>${answer}`],
    ["on a scratchpad", `<scratchpad>${draft}</scratchpad>${answer}`],
    ["as a thought process", `<thought_process>${draft}</thought_process>${answer}`],
    ["as a thinking process, closed only", `${draft}</Thinking-Process>${answer}`],
    ["as reasoning content", `<reasoning_content>${draft}</reasoning_content>${answer}`],
    ["as an inner monologue", `<inner_monologue>${draft}</inner_monologue>${answer}`],
    ["with blanks in the tags", `< think >${draft}</ think >${answer}`],
    ["with attributes", `<think type="deep" n='1'>${draft}</think>${answer}`],
    ["with a namespace", `<seed:think>${draft}</seed:think>${answer}`],
    ["as a chain of thought", `<chain_of_thought>\n${draft}\n</chain_of_thought>\n${answer}`],
    ["as a chain of thought, in short", `<cot>${draft}</cot>${answer}`],
    ["as Claude names it", `<antThinking>${draft}</antThinking>${answer}`],
    ["as reasoning in square brackets", `[REASONING]${draft}[/REASONING]${answer}`],
    ["between tokens of Cohere's", `<|START_THINKING|>${draft}<|END_THINKING|>${answer}`],
    ["between tokens of Cohere's, closed only", `${draft}<|END_THINKING|>${answer}`],
    ["between tokens of full width", `<｜begin▁of▁thought｜>${draft}<｜end▁of▁thought｜>${answer}`],
    ["between tokens of Gemma's", `<|channel>thought\n${draft}\n<channel|>${answer}`],
    ["between tokens of Gemma's, closed only", `${draft}\n<channel|>${answer}`],
    [
      "between tokens of Gemma's, before a channel with the answer",
      `<|channel>thought\n${draft}<channel|><|channel>final\n${answer}<channel|>`,
    ],
    ["between tokens of MedGemma's", `<unused94>thought\n${draft}<unused95>${answer}`],
    ["between lines of Ollama's", `Thinking...\n${draft}\nThinking...\n...done thinking.\n\n${answer}`],
    ["in square brackets", `[THINK]${draft}[/THINK]${answer}`],
    ["in triangles", `◁think▷${draft}◁/think▷${answer}`],
    ["closed only, in triangles", `${draft}◁/think▷${answer}`],
    ["between words of tokens", `<|begin_of_thought|>${draft}<|end_of_thought|>${answer}`],
    ["between tokens of other words", `<start_of_thought>${draft}<end_of_thought>${answer}`],
    [
      "in channels, of which the last is constrained",
      `<|channel|>analysis<|message|>${draft}<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>${answer}`,
    ],
    [
      "in channels",
      `<|channel|>analysis<|message|>${draft}<|end|><|start|>assistant<|channel|>final<|message|>${answer}<|return|>`,
    ],
    ["in channels without an end", `<|channel|>analysis<|message|>${draft}<|channel|>final<|message|>${answer}`],
    ["in channels without their marks, with the draft first", `analysis{"a": "draft"}assistantfinal${answer}`],
    ["in channels without their marks", `analysisWe say ${draft}assistantfinal${answer}`],
    ["with other tags inside", `<think>I <thinking>${draft}</think>${answer}`],
    ["with the same tag inside", `<think>I <think>${draft}</think> so</think>${answer}`],
    ["twice", `<think>${draft}</think><think>${draft}</think>${answer}`],
    ["behind the answer, left open", `${answer}\n<think>${draft}`],
    ["as a draft", `<draft>${draft}</draft>${answer}`],
    ["as a numbered draft with a prefix", `<first_draft n="1">${draft}</first_draft>\n${answer}`],
    ["as a plan", `<plan>\n${draft}\n</plan>\n\n${answer}`],
    ["as a reason, behind the answer", `${answer}\n<reason>${draft}</reason>`],
    ["as a rationale", `<rationale>${draft}</rationale>${answer}`],
    ["as critique", `<critique>${draft}</critique>${answer}`],
    ["folded away", `<details><summary>Thinking</summary>\n${draft}\n</details>\n${answer}`],
    ["folded away, open", `<details open>\n${draft}\n</details>\n${answer}`],
    ["in a comment", `<!-- ${draft} -->\n${answer}`],
    ["with a prefix", `<longcat_think>${draft}</longcat_think>${answer}`],
    ["of the inside", `<internal-reasoning>${draft}</internal-reasoning>${answer}`],
    ["in brackets, over several lines", `[THINK]\n${draft}\n[/THINK]\n\n${answer}`],
    ["in channels without messages", `<|channel|>analysis\n${draft}\n<|channel|>final\n${answer}`],
    [
      "in channels of which the first is opened by the prompt",
      `analysis<|message|>${draft}<|end|><|start|>assistant<|channel|>final<|message|>${answer}`,
    ],
    ["in channels of full width", `<｜channel｜>analysis<｜message｜>${draft}<｜channel｜>final<｜message｜>${answer}`],
    ["in channels with a commentary", `<|channel|>commentary<|message|>${draft}<|channel|>final<|message|>${answer}`],
    ["under a bold heading", `**Thinking:** ${draft}\n\n**Final answer:** ${answer}`],
    ["under a bold heading, colon outside", `**Draft**: ${draft}\n\n**Answer**: ${answer}`],
    ["under a heading", `## Thinking\n\n${draft}\n\n## Final Answer\n\n${answer}`],
    ["under a bold heading of its own", `### **Analysis**\r\n${draft}\r\n### **Output**\r\n${answer}`],
    ["behind a plain word", `Draft: ${draft}\nFinal version: ${answer}`],
    ["of a draft that cannot be read", `<think>Maybe {"a": "dr…</think>${answer}`],
    ["of a draft that cannot be read, closed only", `Maybe {"a": "dr…\n</think>\n${answer}`],
  ])("%s: only the answer is left", (_title, reply) => {
    expect(said(reply)).toBe(answer);
  });

  it("after a first sentence: the sentence stays", () => {
    expect(said(`Let me see. <think>${draft}</think>${answer}`)).toBe(`Let me see. ${answer}`);
  });

  it("left open from the start on: nothing is left", () => {
    expect(said(`<think>${draft} ${answer}`)).toBe("");
  });

  it.each([
    '{"a": "Write <think>, think, and </think> at last."}',
    '{"a": "End your thoughts with </think>."}',
    '{"a": "<think>"}',
    '{"a": "<|channel|>analysis<|message|>x<|channel|>final<|message|>y"}',
    '{"a": "<|START_THINKING|>x<|END_THINKING|> <|channel>thought y<channel|> <unused95> [REASONING] <cot>"}',
    '{"a": "Thinking...\\nx\\n...done thinking."}',
    "Thinking... it over, I keep it.",
    '{"a": "[THINK] ◁think▷ ◁/think▷ <reasoning>x</reasoning>"}',
    'I taught it to write <think> first.\n{"a": "<think>so</think> done"}',
    '{"a": "say "<think>" and "</think>" here"}',
    "<think/> is no thought, a < b and thinking > nothing",
    "plain",
  ])("leaves %s alone", (reply) => {
    expect(said(reply)).toBe(reply);
  });

  it.each([
    `<draft>${answer}</draft>`,
    `<details><summary>Answer</summary>\n${answer}\n</details>`,
    `Here it is. <analysis>It is right. ${answer}</analysis>`,
    `<reflection>${answer}</reflection>`,
    `**Thinking:** it is right.\n**Final answer:** as below\n<plan>${answer}</plan>`,
    `**Analysis:** it is right.\n\n${answer}`,
    `<!-- ${answer} -->`,
    `${answer}\n\n**Plan:** I keep {"b": 1}.`,
  ])("keeps the answer that nothing else holds: %s", (reply) => {
    expect(said(reply)).toContain(answer);
  });

  it.each([`<plan>${draft}</plan>`, `<think>x</think><draft>${draft}</draft>Now`, `<details>${draft}</details> {`])(
    "takes no draft of a reply that was cut off for the answer: %s",
    (reply) => {
      expect(withoutThoughts(reply, jsonAnswers, false)).not.toContain("draft");
    },
  );

  it.each([
    '{"a": "<details><summary>Plan</summary>x</details> <draft>y</draft> <reason>z</reason> <!-- note -->"}',
    '{"a": "**Thinking:** step by step\\n**Final answer:** one word"}',
    '{"a": "Write <plan>steps</plan>, then <analysis>why</analysis>."',
    "<details><summary>More</summary>\n\nA page with <plan>its plan</plan>.\n\n</details>",
    "## Analysis\n\nIt is dear.\n\n## Answer\n\nBuy later.",
    "a <!-- comment --> in a page, and <plan> of no consequence",
  ])("leaves what is content alone: %s", (reply) => {
    expect(said(reply)).toBe(reply);
  });

  it("takes thoughts before a value that has their tags", () => {
    const value = '{"a": "Write <think>steps</think> first."}';
    expect(said(`<think>Use <think> tags: ${draft}</think>\n${value}`)).toBe(value);
    expect(said(`${draft}\n</think>\n${value}`)).toBe(value);
  });

  it.each([
    "<think>",
    "</think>",
    "<think> {",
    '{"a":"<think>',
    "◁think▷",
    "<|channel|>final<|message|>",
    "[think]",
    " \n<think>",
    "Thinking...\n",
    "<|channel>thought",
    "<channel|>",
    "<|start_thinking|>",
    "<unused94>",
    "<plan>",
    "<!--",
    "<draft>{",
    "**Thinking:** ",
    "# Answer\n",
    "a_",
    "<|channel|>a",
  ])("ends soon for %s repeated", (piece) => {
    const before = process.cpuUsage();
    said(piece.repeat(20_000));
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(5_000);
  });
});
