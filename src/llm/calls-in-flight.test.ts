import { describe, expect, it } from "vitest";
import { atPosition } from "../graph/scope.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { RunControl } from "../trainer/run-control.ts";
import { callModel } from "./call-model.ts";
import { CallsInFlight } from "./calls-in-flight.ts";
import type { ModelReply } from "./model-request.ts";

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Answers each call with its number, after a moment. */
const counting = () =>
  scriptedModel(async ({ index }) => {
    await later(5);
    return `${index}`;
  });

describe("identical calls in flight", () => {
  it.each([true, false])("share an answer only when that is asked for: %s", async (isAsked) => {
    const model = counting();
    const services = { control: new RunControl(), ...(isAsked ? { inFlight: new CallsInFlight() } : {}) };
    const ask = (prompt: string): Promise<ModelReply> => callModel({ model, prompt });
    const replies = await atPosition("", () => Promise.all(["a", "a", "b", "a"].map(ask)), { services });
    expect(new Set(replies.map(({ text }) => text)).size).toBe(isAsked ? 2 : 4);
    // What is no longer in flight is not shared.
    await atPosition("", () => ask("a"), { services });
    expect(model.calls).toHaveLength(isAsked ? 3 : 5);
  });

  it("are made after all when the one that they joined fails", async () => {
    const inFlight = new CallsInFlight();
    const reply: ModelReply = { text: "ok", finishReason: "stop", usage: { inputTokens: 1, outputTokens: 1 }, model: "m" };
    const kept: string[] = [];
    const keep = async ({ text }: ModelReply): Promise<void> => {
      kept.push(text);
    };
    const failing = inFlight.join("m", { prompt: "a" }, () => later(2).then(() => Promise.reject(new Error("gone"))), keep);
    const joining = inFlight.join("m", { prompt: "a" }, async () => reply, keep);
    await expect(failing).rejects.toThrow("gone");
    expect(await joining).toBe(reply);
    expect(kept).toEqual([]);
  });

  it("end with the abort of their own signal alone", async () => {
    const inFlight = new CallsInFlight();
    const controller = new AbortController();
    const reply: ModelReply = { text: "ok", finishReason: "stop", usage: { inputTokens: 1, outputTokens: 1 }, model: "m" };
    const first = inFlight.join(
      "m",
      { prompt: "a" },
      () => later(5).then(() => reply),
      async () => {},
    );
    const second = inFlight.join(
      "m",
      { prompt: "a", signal: controller.signal },
      async () => reply,
      async () => {},
    );
    controller.abort("enough");
    await expect(second).rejects.toBe("enough");
    expect(await first).toBe(reply);
  });
});
