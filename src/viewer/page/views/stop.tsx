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
import { Dialog, useAttempt } from "../parts/dialog.tsx";

export function StopButton({ run }: { readonly run: string }): ComponentChildren {
  const [isOpen, setOpen] = useState(false);
  const [message, setMessage] = useState<string>();
  const { refusal, attempt } = useAttempt();
  const stop = (): Promise<void> => attempt(async () => setMessage((await act<StopAnswer>(actionPath(run, "stop"), {})).message));
  return (
    <>
      <button type="button" class="small" onClick={() => setOpen(true)}>
        Stop…
      </button>
      {isOpen ? (
        <Dialog
          title="Stop this run?"
          refusal={refusal}
          closing={message === undefined ? "Cancel" : "Close"}
          onClose={() => setOpen(false)}
          action={
            message === undefined ? (
              <button type="button" class="main" onClick={() => void stop()}>
                Stop the run
              </button>
            ) : null
          }
        >
          <p role="status">
            {message ?? (
              <>
                Work in flight finishes, and the run is saved. <code>opto resume</code> continues it.
              </>
            )}
          </p>
        </Dialog>
      ) : null}
    </>
  );
}
