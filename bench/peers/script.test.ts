import { describe, expect, it } from "vitest";
import { promptOfLevel, type ScriptRequest, seedPrompt, startScript } from "./script.ts";

function ask(request: Partial<ScriptRequest>) {
  const { text, ...decided } = startScript()({ system: "", prompt: "", ...request });
  return { ...decided, text: text() };
}

describe("answers", () => {
  it("are as good as the highest level in the instructions", () => {
    expect(ask({ system: seedPrompt, prompt: "Question 3" }).text).toBe("answer-3 at level 0");
    expect(ask({ system: promptOfLevel(4), prompt: "Question 3" }).text).toBe("answer-3 at level 4");
    expect(ask({ system: `${promptOfLevel(4)} ${promptOfLevel(2)}`, prompt: "Question 3" }).text).toBe("answer-3 at level 4");
  });

  it("tell training, validation and the straggler apart by the number of the question", () => {
    expect(ask({ prompt: "Question 7" })).toMatchObject({ kind: "validate", straggles: true });
    expect(ask({ prompt: "Question 8" })).toMatchObject({ kind: "validate", straggles: false });
    expect(ask({ prompt: "Question 1007" })).toMatchObject({ kind: "train", straggles: false });
  });

  it("come in the fields that DSPy and ax read", () => {
    expect(ask({ system: "[[ ## answer ## ]]", prompt: "Question 1" }).text).toMatch(
      /^\[\[ ## answer ## ]]\nanswer-1 at level 0/,
    );
    expect(ask({ system: "Fields:\nAnswer: the answer", prompt: "Question 1" }).text).toBe("Answer: answer-1 at level 0");
  });

  it("are refused for what nobody understands", () => {
    expect(() => startScript()({ system: "", prompt: "Hello" })).toThrow("Expected a question by number");
  });
});

describe("proposals", () => {
  it("name a higher level each time", () => {
    const script = startScript();
    const request = { system: "", prompt: "You are tasked with improving a text component" };
    const replies = Array.from({ length: 3 }, () => script(request).text());
    expect(replies).toEqual([promptOfLevel(1), promptOfLevel(2), promptOfLevel(3)]);
  });

  it.each<[string, Partial<ScriptRequest>, string]>([
    [
      "opto",
      { prompt: '# Variables\n<variable name="triage.prompt">' },
      '<variable name="triage.prompt">\nAnswer the question at level 1.',
    ],
    ["trace-opt", { prompt: "#Variables\n(str) prompt0=Answer" }, '"suggestion":{"prompt0":"Answer the question at level 1."}'],
    [
      "textgrad",
      { system: "tags <IMPROVED_VARIABLE>" },
      "<IMPROVED_VARIABLE>Answer the question at level 1.</IMPROVED_VARIABLE>",
    ],
    ["DSPy", { system: "[[ ## proposed_instruction ## ]]" }, "[[ ## proposed_instruction ## ]]\nAnswer the question at level 1."],
    ["gepa", { prompt: "Provide it within ``` blocks." }, "```\nAnswer the question at level 1.\n```"],
    ["ax", { system: "New Value:", prompt: "Component Key: x" }, "New Value: Answer the question at level 1."],
  ])("speak the format of %s", (_peer, request, part) => {
    const { kind, text } = ask(request);
    expect(kind).toBe("propose");
    expect(text).toContain(part);
  });

  it("are told apart from the feedback of textgrad", () => {
    expect(ask({ system: "You are the gradient (feedback) engine." }).kind).toBe("feedback");
  });
});
