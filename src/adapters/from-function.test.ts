/**
 * `fromFunction`: a function with its prompt in a constant, called with the prompts of candidates.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateText, streamText } from "ai";
import { afterAll, describe, expect, it, vi } from "vitest";
import { backward } from "../graph/backward.ts";
import { moduleCode, readingCode } from "../graph/module-code.ts";
import { type Parameter, parameter } from "../graph/parameter.ts";
import { withValues } from "../graph/with-values.ts";
import { DryRunRecorder, withDryRun } from "../llm/dry-run.ts";
import { tracked } from "../llm/tracked.ts";
import { withoutRequests } from "../llm/without-requests.ts";
import { OptoPrime } from "../optimizers/opto-prime.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { train } from "../train.ts";
import { fromFunction } from "./from-function.ts";
import { promptFile } from "./prompt-file.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-from-function-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Answers with its instructions. */
const echo = (): ReturnType<typeof scriptedModel> => scriptedModel(({ system }) => system);

/** A program that has its prompt in a constant. */
function program(
  system: string,
  model: ReturnType<typeof scriptedModel> = tracked(echo()),
): (question: string) => Promise<string> {
  return async (prompt) => (await generateText({ model, system, prompt })).text;
}

describe("fromFunction", () => {
  it("has the code of the function, from whatever file it is", () => {
    const written = (text: string): ((input: string) => string) => new Function(`return (${text});`)() as never;
    const codeOf = (text: string): object => {
      const agent = fromFunction(written(text), { prompt: parameter("Be brief.") });
      return readingCode((codeFingerprint) => moduleCode(agent as never, "agent", codeFingerprint));
    };
    expect(codeOf('(q) => "A " + q')).toEqual(codeOf('(q) =>  "A " + q'));
    expect(codeOf('(q) => "A " + q')).not.toEqual(codeOf('(q) => "B " + q'));
  });

  it.each([
    {
      name: "a part of the instructions",
      system: "You help. Be brief. Thanks.",
      prompt: "Be brief.",
      sent: "You help. X. Thanks.",
    },
    { name: "all places", system: "A A", prompt: "A", sent: "X. X." },
    { name: "other line ends", system: "one\r\ntwo\r\n", prompt: "one\ntwo", sent: "X.\r\n" },
  ])("sends the value in the place of the prompt: $name", async ({ system, prompt, sent }) => {
    const agent = fromFunction(program(system), { prompt: parameter(prompt) });
    expect((await withValues(agent, { prompt: "X." }, () => agent.call("q"))).value).toBe(sent);
  });

  it("replaces a prompt of the user message and of a stream, and looks at no replacement again", async () => {
    const model = tracked(scriptedModel(({ prompt }) => prompt));
    const ask = (question: string): Promise<string> => Promise.resolve(streamText({ model, prompt: `Old: ${question}` }).text);
    const agent = fromFunction(ask, { prompt: parameter("Old") });
    expect((await withValues(agent, { prompt: "Old New" }, () => agent.call("q"))).value).toBe("Old New: q");
  });

  it("replaces the longer prompt first, and a user's own words only where no system message has the text", async () => {
    const model = tracked(scriptedModel(({ system, prompt }) => `${system} | ${prompt}`));
    const ask = async (prompt: string): Promise<string> =>
      (await generateText({ model, system: "Be brief. Be kind.", prompt })).text;
    const agent = fromFunction(ask, { short: parameter("Be brief."), long: parameter("Be brief. Be kind.") });
    const values = { short: "S", long: "L" };
    expect((await withValues(agent, values, () => agent.call("q"))).value).toBe("L | q");
    const one = fromFunction(ask, { prompt: parameter("Be brief.") });
    expect((await withValues(one, { prompt: "X." }, () => one.call("Be brief."))).value).toBe("X. Be kind. | Be brief.");
  });

  it("sends the value in the place of what the file of the prompt has now, or had first", async () => {
    const path = join(folder, "now.md");
    writeFileSync(path, "Old.\n");
    const first = readFileSync(path, "utf8");
    const model = tracked(echo());
    const ask = async (how: string): Promise<string> => {
      const system = how === "anew" ? readFileSync(path, "utf8") : first;
      return (await generateText({ model, system, prompt: "q" })).text;
    };
    const agent = fromFunction(ask, { prompt: promptFile(path) });
    const send = (how: string): Promise<string> => withValues(agent, { prompt: "X." }, async () => (await agent.call(how)).value);
    expect(await send("anew")).toBe("X.\n");
    writeFileSync(path, "New.\n");
    expect([await send("anew"), await send("first")]).toEqual(["X.\n", "X.\n"]);
    writeFileSync(path, "\n");
    await expect(send("anew")).rejects.toThrow(
      "now.md changed during the run, and the prompt `prompt` is no longer in it: it is empty",
    );
  });

  it("gives feedback only to prompts that were sent, and warns of one that never is", async () => {
    const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const agent = fromFunction(program("Old."), { prompt: parameter("Old."), data: parameter("Only data.") });
    for (let run = 0; run < 12; run++) expect([...backward(await agent.call("q"), "no").keys()]).toEqual([agent.prompt]);
    expect(emitWarning.mock.calls).toEqual([[expect.stringContaining("The prompt `data` was not in what"), "OptoWarning"]]);
    emitWarning.mockRestore();
  });

  it("keeps 200 interleaved runs of two candidates apart", async () => {
    const agent = fromFunction(program("Old."), { prompt: parameter("Old.") });
    const run = (index: number): Promise<string> =>
      withValues(agent, { prompt: `New ${index % 2}` }, async () => (await agent.call("q")).value);
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => run(index)));
    expect(answers).toEqual(answers.map((_, index) => `New ${index % 2}`));
  });

  it("is trained: the prompt receives the feedback, and the function calls with the best value", async () => {
    const reply = '<variable name="prompt">Say yes.</variable>';
    const optimizer = scriptedModel(() => reply);
    const agent = fromFunction(program("Say no."), { prompt: parameter("Say no.") });
    expect([...backward(await agent.call("q"), "no").keys()]).toEqual([agent.prompt]);
    const result = await train({
      agent,
      trainDataset: [{ input: "q", info: "Say yes." }],
      guide: "exactMatch",
      optimizer: new OptoPrime(agent, { model: optimizer }),
      logger: [],
      run: null,
    });
    expect(result.best).toMatchObject({ score: 1 });
    expect(agent.prompt.value).toBe("Say yes.");
  });

  it.each<{ name: string; make: () => Promise<unknown>; message: string }>([
    {
      name: "a prompt that no model is sent",
      make: () => fromFunction(program("Other."), { prompt: parameter("Old.") }).call("q"),
      message: 'The prompt "Old." is not in what the models of the agent are sent',
    },
    {
      name: "a model that is not tracked",
      make: () => fromFunction(program("Old.", echo()), { prompt: parameter("Old.") }).call("q"),
      message: "Wrap its model: `tracked(model)`",
    },
    {
      name: "a request of its own in a dry run",
      make: () => {
        const agent = fromFunction(async () => (await fetch("http://127.0.0.1:1/")).text(), { prompt: parameter("Old.") });
        return withDryRun(new DryRunRecorder(), () => withoutRequests(new Set(), () => agent.call(undefined)));
      },
      message: "Wrap its model: `tracked(model)`",
    },
    {
      name: "an error of the function in a dry run",
      make: () => {
        const agent = fromFunction(() => Promise.reject(new ReferenceError("__dirname is not defined")), {
          prompt: parameter("a"),
        });
        return withDryRun(new DryRunRecorder(), () => withoutRequests(new Set(), () => agent.call(undefined)));
      },
      message: "__dirname is not defined",
    },
    {
      name: "what is not a function",
      make: async () => fromFunction({} as never, { prompt: parameter("a") }),
      message: "to be given a function",
    },
    { name: "no prompts", make: async () => fromFunction(program("a"), {}), message: "to be given prompts by name" },
    {
      name: "an empty prompt",
      make: async () => fromFunction(program("a"), { prompt: parameter(" ") }),
      message: "Expected the prompt `prompt` of fromFunction to be a parameter with a text",
    },
    {
      name: "a text that is not a parameter",
      make: async () => fromFunction(program("a"), { prompt: "a" as unknown as Parameter<string> }),
      message: "to be a parameter with a text",
    },
  ])("refuses $name", async ({ make, message }) => {
    await expect((async () => make())()).rejects.toThrow(message);
  });

  it("lets a function do without a model for some inputs, once its prompt has been seen", async () => {
    const ask = program("Old.");
    const agent = fromFunction(async (question: string) => (question === "hi" ? "hello" : ask(question)), {
      prompt: parameter("Old."),
    });
    expect((await agent.call("q")).value).toBe("Old.");
    expect((await agent.call("hi")).value).toBe("hello");
  });
});
