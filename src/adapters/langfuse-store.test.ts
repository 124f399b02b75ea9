import { describe, expect, it } from "vitest";
import { startLangfuseServer } from "../../test/support/langfuse-server.ts";
import { model } from "../graph/module.ts";
import { langfuseStore } from "./langfuse-store.ts";
import { promptFrom } from "./prompt-store.ts";
import { writeBack } from "./write-back.ts";

describe("langfuseStore", () => {
  it("reads the labelled version, and adds one without labels that keeps config and tags", async () => {
    await using server = await startLangfuseServer({ "team/support": "Answer {{topic}}." });
    const agent = model({ system: await promptFrom(langfuseStore(server.client), "team/support") }, () => "");
    expect(agent.system.value).toBe("Answer {{topic}}.");
    expect(agent.system.origin?.record).toEqual({ kind: "store", store: "Langfuse", name: "team/support", version: 1 });
    agent.apply({ system: "Brief {{topic}}." });
    expect((await writeBack(agent, { check: true })).map(({ label }) => label)).toEqual(["team/support in Langfuse"]);
    expect(server.versions).toHaveLength(1);
    await writeBack(agent);
    // The label is where it was, so that version is still the one to be based on.
    agent.apply({ system: "Brief {{topic}}!" });
    await writeBack(agent);
    expect(server.versions.splice(2)).toMatchObject([{ version: 3, prompt: "Brief {{topic}}!", config: { model: "m" } }]);
    expect(server.versions[0]?.labels).toEqual(["production"]);
    expect(server.versions[1]).toEqual({
      name: "team/support",
      version: 2,
      type: "text",
      prompt: "Brief {{topic}}.",
      labels: [],
      tags: ["support"],
      config: { model: "m" },
      commitMessage: "Trained with opto",
    });
  });

  it("adds no second version of the same text while the first is not yet labelled", async () => {
    await using server = await startLangfuseServer({ support: "Answer." });
    const store = langfuseStore(server.client);
    const options = { basedOn: 1, message: "why" };
    expect(await store.write("support", "Brief.", options)).toBe(2);
    expect(await store.write("support", "Brief.", options)).toBe(2);
    expect(await store.write("support", "Briefer.", options)).toBe(3);
    expect(server.versions).toHaveLength(3);
  });

  it("has nothing to write once the text is there, also while the label is on another version", async () => {
    await using server = await startLangfuseServer({ support: "Answer." });
    const system = await promptFrom(langfuseStore(server.client), "support");
    const check = async (): Promise<unknown> => (await writeBack([system], { check: true })).map(({ isSame }) => isSame);
    system.set("Brief.");
    expect(await check()).toEqual([false]);
    await writeBack([system]);
    expect(await check()).toEqual([true]);
    expect(server.versions).toHaveLength(2);
  });

  it("labels a text that is there without the label", async () => {
    await using server = await startLangfuseServer({ support: "Answer." });
    const options = { basedOn: 1, message: "why" };
    await langfuseStore(server.client).write("support", "Brief.", options);
    const staging = langfuseStore(server.client, { newLabels: ["staging"] });
    expect(await staging.find?.("support", "Brief.")).toBeUndefined();
    expect(await staging.write("support", "Brief.", options)).toBe(3);
    expect(await staging.write("support", "Brief.", options)).toBe(3);
    expect(server.versions.map(({ labels }) => labels)).toEqual([["production"], [], ["staging", "latest"]]);
  });

  it("refuses when another version has the label since, also directly before writing", async () => {
    await using server = await startLangfuseServer({ support: "Answer." });
    const store = langfuseStore(server.client);
    const system = await promptFrom(store, "support");
    system.set("Brief.");
    await server.client.prompt.create({
      name: "support",
      type: "text",
      prompt: "Edited.",
      labels: ["production"],
      tags: [],
      config: {},
      commitMessage: "by hand",
    });
    await expect(writeBack([system])).rejects.toThrow(
      "support in Langfuse has changed since parameter was read from it: version 1 then, 2 now. Train again from the current prompt",
    );
    await expect(store.write("support", "Brief.", { basedOn: 1, message: "why" })).rejects.toThrow(
      '"support" in Langfuse has changed: version 1 was expected, 2 is labelled production',
    );
    expect(server.versions).toHaveLength(2);
  });

  it("reads and writes other labels when it is given some", async () => {
    await using server = await startLangfuseServer({ support: "Answer." });
    await langfuseStore(server.client, { newLabels: ["staging"] }).write("support", "Brief.", { basedOn: 1, message: "" });
    expect(server.versions[1]?.labels).toEqual(["staging", "latest"]);
    const staging = langfuseStore(server.client, { label: "staging" });
    expect(await staging.read("support")).toEqual({ text: "Brief.", version: 2 });
  });

  it("refuses chat prompts, unknown names and unknown options", async () => {
    await using server = await startLangfuseServer({ chat: [{ role: "system", content: "Answer." }] });
    const store = langfuseStore(server.client);
    await expect(promptFrom(store, "chat")).rejects.toThrow(
      '"chat" in Langfuse is a chat prompt; only text prompts can be parameters',
    );
    await expect(promptFrom(store, "none")).rejects.toThrow("404: ");
    expect(() => langfuseStore(server.client, { labels: [] } as never)).toThrow("Unknown option `labels` of langfuseStore");
    expect(() => langfuseStore(server.client, { newLabels: "staging" as never })).toThrow("to be a list of labels");
  });
});
