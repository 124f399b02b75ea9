import { describe, expect, it } from "vitest";
import { systemClock } from "./clock.ts";

describe("systemClock", () => {
  it("tells milliseconds since 1970", () => {
    const now = systemClock.now();
    expect(now).toBeGreaterThan(Date.UTC(2025));
    expect(Math.abs(now - Date.now())).toBeLessThan(1000);
  });

  it("measures spans that never go back", async () => {
    const start = systemClock.monotonic();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const elapsed = systemClock.monotonic() - start;
    expect(elapsed).toBeGreaterThan(15);
    expect(elapsed).toBeLessThan(5000);
  });
});
