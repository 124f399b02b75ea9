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
import { Dialog, MainButton, NoteField, useAttempt } from "../parts/dialog.tsx";

export function MarkButton({ run, candidate }: { readonly run: string; readonly candidate: CandidateView }): ComponentChildren {
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const { refusal, attempt } = useAttempt();
  const open = (): void => {
    setNote(candidate.mark?.note ?? "");
    setOpen(true);
  };
  const mark = (text: string | null): Promise<void> =>
    attempt(async () => {
      await act(actionPath(run, "mark"), { candidate: candidate.id, note: text } satisfies MarkRequest);
      setOpen(false);
    });
  return (
    <>
      <button type="button" onClick={open}>
        {candidate.mark === null ? "Mark…" : "Marked…"}
      </button>
      {isOpen ? (
        <Dialog
          title="Mark this candidate"
          refusal={refusal}
          onClose={() => setOpen(false)}
          action={<MarkActions isMarked={candidate.mark !== null} onMark={() => mark(note)} onRemove={() => mark(null)} />}
        >
          <NoteField value={note} onInput={setNote} />
          <p class="quiet">
            It is kept in the run's folder, for all who look at the run. The search does not take it into account.
          </p>
        </Dialog>
      ) : null}
    </>
  );
}

interface MarkActionsProps {
  readonly isMarked: boolean;
  readonly onMark: () => Promise<void>;
  readonly onRemove: () => Promise<void>;
}

function MarkActions({ isMarked, onMark, onRemove }: MarkActionsProps): ComponentChildren {
  return (
    <>
      {isMarked ? (
        <button type="button" onClick={() => void onRemove()}>
          Remove the mark
        </button>
      ) : null}
      <MainButton text="Mark" onClick={onMark} />
    </>
  );
}
