import { expect, it } from "vitest";
import { StopError } from "../errors.ts";
import { atPosition } from "../graph/scope.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { RunControl } from "../trainer/run-control.ts";
import { callModel } from "./call-model.ts";
import { CallScheduler } from "./pace/call-scheduler.ts";

it("ends at a stop when its attempt was given up, although the provider hangs on", async () => {
  const model = scriptedModel(() => new Promise<never>(() => {}));
  const control = new RunControl();
  const slow = { initialDelayMs: 60_000, maxDelayMs: 60_000 };
  const scheduler = new CallScheduler({ timeoutMs: 20, retry: slow, seed: 1 });
  const reason = new StopError("interrupted", "Ctrl-C");
  const emit = ({ type }: { readonly type: string }): void => {
    // The call sleeps now, for half a minute or so.
    if (type === "model-retry") setTimeout(() => control.stop(reason), 10);
  };
  const call = (): Promise<unknown> => callModel({ model, prompt: "?" });
  await expect(atPosition("run", call, { emit, services: { control, scheduler } })).rejects.toBe(reason);
});
