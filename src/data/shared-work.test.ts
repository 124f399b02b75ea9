import { describe, expect, it } from "vitest";
import { SharedWork } from "./shared-work.ts";

/** Work that ends when it is told to, and heeds its signal. */
function manual() {
  const begun: { signal: AbortSignal; resolve: (value: string) => void; reject: (error: unknown) => void }[] = [];
  const work = new SharedWork<string>(
    (signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        begun.push({ signal, resolve, reject });
      }),
  );
  return { work, begun };
}

describe("SharedWork", () => {
  it("is done once for all, and its result is kept", async () => {
    const { work, begun } = manual();
    const waiting = [work.result(), work.result(new AbortController().signal)];
    begun[0]?.resolve("done");
    expect(await Promise.all(waiting)).toEqual(["done", "done"]);
    expect(await work.result()).toBe("done");
    expect(begun).toHaveLength(1);
    expect(begun[0]?.signal.aborted).toBe(false);
  });

  it("goes on for the others when one leaves", async () => {
    const { work, begun } = manual();
    const controller = new AbortController();
    const left = work.result(controller.signal);
    const stays = work.result();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(left).rejects.toBe(reason);
    expect(begun[0]?.signal.aborted).toBe(false);
    begun[0]?.resolve("done");
    expect(await stays).toBe("done");
  });

  it("is given up when nobody waits, and begun anew by the next", async () => {
    const { work, begun } = manual();
    const controllers = [new AbortController(), new AbortController()];
    const waiting = controllers.map(({ signal }) => work.result(signal));
    const reasons = [new Error("first"), new Error("last")];
    controllers.forEach((controller, index) => {
      controller.abort(reasons[index]);
    });
    expect((await Promise.allSettled(waiting)).map((result) => (result as PromiseRejectedResult).reason)).toEqual(reasons);
    expect(begun[0]?.signal.reason).toBe(reasons[1]);
    const again = work.result();
    begun[1]?.resolve("second");
    expect(await again).toBe("second");
  });

  it("that failed has failed for all who wait; the next begins anew", async () => {
    const { work, begun } = manual();
    const waiting = [work.result(), work.result()];
    const error = new Error("no");
    begun[0]?.reject(error);
    expect((await Promise.allSettled(waiting)).map((result) => (result as PromiseRejectedResult).reason)).toEqual([error, error]);
    const again = work.result();
    begun[1]?.resolve("done");
    expect(await again).toBe("done");
  });

  it("is not begun by one whose signal is aborted", async () => {
    const { work, begun } = manual();
    await expect(work.result(AbortSignal.abort("gone"))).rejects.toBe("gone");
    expect(begun).toHaveLength(0);
  });
});
