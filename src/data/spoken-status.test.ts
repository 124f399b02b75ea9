import { describe, expect, it } from "vitest";
import { spokenStatus } from "./spoken-status.ts";

describe("spokenStatus", () => {
  it.each([
    ["HTTP error! status: 503", 503],
    ["HTTP error! Status: 429", 429],
    ["HTTP 502: upstream", 502],
    ["HTTP/1.1 503 Service Unavailable", 503],
    ["HTTP request failed with status 500", 500],
    ["Response status: 504", 504],
    ["Response code 503 (Service Unavailable)", 503],
    ["Request failed with status code 529", 529],
    ["Request failed with status code 401 (Unauthorized): GET https://x/", 401],
    ["The search failed: 503 Service Unavailable", 503],
    ["[GoogleGenerativeAI Error]: Error fetching from https://x: [503 Service Unavailable] overloaded", 503],
    ["[VertexAI.ClientError]: got status: 429 Too Many Requests. {}", 429],
    ["usage error (503 Service Unavailable): x", 503],
    ["429 Too Many Requests", 429],
    ["OpenAI API error (529): overloaded", 529],
    ["Server error (HTTP status 500): x", 500],
  ])("%s", (message, status) => {
    expect(spokenStatus(message)).toBe(status);
  });

  it.each([
    "HTTP error! status: 404",
    "Request failed with status code 400",
    "Expected status code 503, got 200",
    "The status code 503 should be sent",
    "Unknown status code 599",
    "Order 503 is closed",
    "503 rows were found",
    "503 Services Unavailable",
    "The order has status 503",
    "HTTP took 503 ms",
    "HTTP 503 ms",
    `${"x".repeat(1000)} HTTP 503`,
    "",
  ])("nothing in: %s", (message) => {
    expect(spokenStatus(message)).toBeUndefined();
  });
});
