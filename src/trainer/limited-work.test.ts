import { describe, expect, it } from "vitest";
import { StopError } from "../errors.ts";
import { atPosition, currentRun, emitEvent } from "../graph/scope.ts";
import { LimitedWork, waitedFor } from "./limited-work.ts";
import { RunControl } from "./run-control.ts";

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const never = (): Promise<never> => new Promise(() => {});
const overdue = (limitMs: number): Error => new Error(`more than ${limitMs} ms`);

/** Runs `body` as work with a limit, as code in it sees it. */
function runAs<T>(work: LimitedWork, body: () => Promise<T>): Promise<T> {
  return atPosition("work", () => work.run(body, overdue), { work });
}

describe("LimitedWork", () => {
  it("gives what the work gives, or throws what it throws", async () => {
    expect(await new LimitedWork(100).run(async () => 7, overdue)).toBe(7);
    const error = new Error("no");
    await expect(new LimitedWork(100).run(() => Promise.reject(error), overdue)).rejects.toBe(error);
  });

  it("throws when the time is up, and not before", async () => {
    const started = performance.now();
    await expect(new LimitedWork(200).run(never, overdue)).rejects.toThrow("more than 200 ms");
    expect(performance.now() - started).toBeGreaterThanOrEqual(200);
    await new LimitedWork().run(() => later(120), overdue);
  });

  it("limits each part by itself, and what is in no part", async () => {
    const work = new LimitedWork(400);
    const parts = async (): Promise<string> => {
      for (let part = 0; part < 3; part++) await currentRun()?.work?.limited(() => later(250), overdue);
      return "done";
    };
    expect(await runAs(work, parts)).toBe("done");
    const part = runAs(new LimitedWork(100), async () => currentRun()?.work?.limited(never, () => new Error("a part")));
    await expect(part).rejects.toThrow("a part");
    await expect(runAs(new LimitedWork(100), never)).rejects.toThrow("more than 100 ms");
  });

  it("does not count while a model call is in progress, nor does the work around it", async () => {
    const calling = async (): Promise<string> => {
      const end = currentRun()?.work?.beginCall();
      await later(400);
      end?.();
      return "answered";
    };
    expect(await runAs(new LimitedWork(150), calling)).toBe("answered");
    expect(await runAs(new LimitedWork(150), () => runAs(new LimitedWork(150), calling))).toBe("answered");
    const hanging = runAs(new LimitedWork(150), async () => {
      await calling();
      await never();
    });
    await expect(hanging).rejects.toThrow("more than 150 ms");
  });

  it("refuses model calls of what was abandoned, ends those in progress, and ignores what it still emits", async () => {
    const heard: string[] = [];
    const late: { error?: unknown; reason?: unknown } = {};
    const work = new LimitedWork(60);
    let goOn = (): void => {};
    const abandoned = async (): Promise<void> => {
      const { work } = currentRun() ?? {};
      work?.signal.addEventListener("abort", () => {
        late.reason = work.signal.reason;
      });
      emitEvent({ type: "before" });
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      emitEvent({ type: "after" });
      try {
        work?.beginCall();
      } catch (error) {
        late.error = error;
      }
      throw new Error("nobody hears this");
    };
    const error = await atPosition("", () => runAs(work, abandoned).catch((error: unknown) => error), {
      emit: ({ type }) => heard.push(type),
    });
    work.close();
    goOn();
    await later(1);
    expect(heard).toEqual(["before"]);
    expect(late).toEqual({ error, reason: error });
  });

  it("is waited for a moment after the stop of its run, then not any more", async () => {
    const control = new RunControl();
    const reason = new StopError("interrupted", "enough");
    const inRun = <T>(body: () => Promise<T>): Promise<T> => atPosition("", body, { services: { control } });
    const ending = inRun(() => waitedFor(() => later(200).then(() => "in time")));
    const hanging = inRun(() => waitedFor(never));
    setTimeout(() => control.stop(reason), 20);
    await expect(ending).resolves.toBe("in time");
    await expect(hanging).rejects.toBe(reason);
  });

  it("is waited for a moment after an abort, whose reason is thrown unchanged", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(atPosition("", () => waitedFor(never), { signal })).rejects.toBe(reason);
  });
});
