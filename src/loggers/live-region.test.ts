import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FakeTerminal } from "./__fixtures__/fake-terminal.ts";
import { LiveRegion } from "./progress-frame.ts";

describe("LiveRegion", () => {
  it("redraws in place, lets lines pass above, and leaves nothing behind", () => {
    const terminal = new FakeTerminal();
    const region = new LiveRegion(terminal);
    region.print("first");
    region.draw(["a 1", "b 1"]);
    expect(terminal.screen).toEqual(["first", "a 1", "b 1"]);
    region.draw(["a 2"]);
    expect(terminal.screen).toEqual(["first", "a 2"]);
    region.print("second\nthird");
    expect(terminal.screen).toEqual(["first", "second", "third", "a 2"]);
    region.draw(["a 3", "b 3", "c 3"]);
    region.clear();
    expect(terminal.screen).toEqual(["first", "second", "third"]);
    region.clear();
    region.print("fourth");
    expect(terminal.screen).toEqual(["first", "second", "third", "fourth"]);
  });

  it("writes everything of one change at once", () => {
    const terminal = new FakeTerminal();
    const region = new LiveRegion(terminal);
    region.draw(["a 1", "b 1"]);
    region.draw(["a 2", "b 2"]);
    region.print("line");
    expect(terminal.writes).toBe(3);
  });

  it("takes all rows away after the terminal became narrower, and after it became wider", () => {
    const terminal = new FakeTerminal({ columns: 60 });
    const region = new LiveRegion(terminal);
    region.print("x".repeat(50));
    region.draw([`a ${"=".repeat(50)}`, "b short"]);
    terminal.columns = 20;
    region.draw(["a 2", "b 2"]);
    expect(terminal.screen).toEqual(["x".repeat(50), "a 2", "b 2"]);
    terminal.columns = 100;
    region.clear();
    expect(terminal.screen).toEqual(["x".repeat(50)]);
  });

  it("counts no colour as width", () => {
    const terminal = new FakeTerminal({ columns: 10 });
    const region = new LiveRegion(terminal);
    region.print("above");
    region.draw([`\x1b[31m${"r".repeat(9)}\x1b[39m`]);
    region.clear();
    expect(terminal.screen).toEqual(["above"]);
  });

  it("never erases what somebody else has written", () => {
    const terminal = new FakeTerminal();
    const region = new LiveRegion(terminal);
    region.draw(["a 1"]);
    terminal.write("debug print\n");
    region.draw(["a 2"]);
    expect(terminal.screen).toEqual(["a 1", "debug print", "a 2"]);
    region.draw(["a 3"]);
    expect(terminal.screen).toEqual(["a 1", "debug print", "a 3"]);
    region.clear();
    expect(terminal.screen).toEqual(["a 1", "debug print"]);
  });

  it("survives a reader that goes away, and stays silent from then on", async () => {
    let writes = 0;
    const broken = new Writable({
      write: (_chunk, _encoding, done) => {
        writes++;
        done(new Error("EPIPE"));
      },
    });
    const unhandled: unknown[] = [];
    const note = (error: unknown): unknown => unhandled.push(error);
    process.on("uncaughtExceptionMonitor", note);
    const region = new LiveRegion(broken);
    region.print("one");
    await sleep(5);
    region.print("two");
    region.draw(["a"]);
    await sleep(5);
    process.off("uncaughtExceptionMonitor", note);
    expect({ writes, unhandled }).toEqual({ writes: 1, unhandled: [] });
  });
});
