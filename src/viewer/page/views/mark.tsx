/**
 * Marks a candidate by hand, with a note.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { CandidateView, MarkRequest } from "../../api.ts";
import { actionPath } from "../../requests.ts";
import { act } from "../act.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";

export function MarkButton({ run, candidate }: { readonly run: string; readonly candidate: CandidateView }): ComponentChildren {
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState(candidate.mark?.note ?? "");
  const [error, setError] = useState<string>();
  const mark = async (text: string | null): Promise<void> => {
    const request: MarkRequest = { candidate: candidate.id, note: text };
    try {
      await act(actionPath(run, "mark"), request);
      setOpen(false);
    } catch (refused) {
      setError(refused instanceof Error ? refused.message : String(refused));
    }
  };
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {candidate.mark === null ? "Mark…" : "Marked…"}
      </button>
      {isOpen ? (
        <Dialog title="Mark this candidate" onClose={() => setOpen(false)}>
          {error === undefined ? null : <Problem text={error} />}
          <label class="field">
            Note
            <input type="text" value={note} maxLength={500} onInput={(event) => setNote(event.currentTarget.value)} />
          </label>
          <div class="buttons">
            <button type="button" onClick={() => setOpen(false)}>
              Cancel
            </button>
            {candidate.mark === null ? null : (
              <button type="button" onClick={() => void mark(null)}>
                Remove the mark
              </button>
            )}
            <button type="button" class="main" onClick={() => void mark(note)}>
              Mark
            </button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
