import { describe, expect, it } from "vitest";
import { fileContent } from "./media.ts";

describe("an address that holds the contents itself", () => {
  it.each<[address: string, contents: string, mediaType: string]>([
    ["data:image/png;base64,iVBORw0=", "iVBORw0=", "image/png"],
    ["data:text/plain;charset=utf-8;BASE64,aGk=", "aGk=", "text/plain"],
  ])("in base64 is handed on as it is: %s", (address, data, mediaType) => {
    expect(fileContent(address)).toEqual({ data, mediaType });
    expect(fileContent(new URL(address))).toEqual({ data, mediaType });
  });

  it.each<[address: string, contents: string, mediaType: string]>([
    ["data:image/svg+xml,<svg/>", "<svg/>", "image/svg+xml"],
    ["data:image/svg+xml;utf8,%3Csvg%2F%3E", "<svg/>", "image/svg+xml"],
    ["data:text/plain;charset=utf-8,Zürich 100%25", "Zürich 100%", "text/plain"],
    ["data:text/plain,100%", "100%", "text/plain"],
  ])("in text is read: %s", (address, text, mediaType) => {
    const content = fileContent(address);
    expect(content?.mediaType).toBe(mediaType);
    expect(new TextDecoder("utf-8", { fatal: true }).decode(content?.data as Uint8Array)).toBe(text);
  });

  it("of a kind that it does not say is left to others", () => {
    expect(fileContent("data:,hello")).toBeUndefined();
  });
});
