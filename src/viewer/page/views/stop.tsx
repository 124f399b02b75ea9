/**
 * Stops a run that is under way, so that it can be continued later.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { StopAnswer } from "../../api.ts";
import { actionPath } from "../../requests.ts";
import { act } from "../act.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";

export function StopButton({ run }: { readonly run: string }): ComponentChildren {
  const [isOpen, setOpen] = useState(false);
  const [message, setMessage] = useState<string>();
  const [error, setError] = useState<string>();
  const stop = async (): Promise<void> => {
    try {
      setMessage((await act<StopAnswer>(actionPath(run, "stop"), {})).message);
    } catch (refused) {
      setError(refused instanceof Error ? refused.message : String(refused));
    }
  };
  return (
    <>
      <button type="button" class="small" onClick={() => setOpen(true)}>
        Stop…
      </button>
      {isOpen ? (
        <Dialog title="Stop this run?" onClose={() => setOpen(false)}>
          {error === undefined ? null : <Problem text={error} />}
          <p role="status">{message ?? "What is under way ends, and its state is saved. `opto resume` continues it."}</p>
          <div class="buttons">
            <button type="button" onClick={() => setOpen(false)}>
              {message === undefined ? "Cancel" : "Close"}
            </button>
            {message === undefined ? (
              <button type="button" class="main" onClick={() => void stop()}>
                Stop the run
              </button>
            ) : null}
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
