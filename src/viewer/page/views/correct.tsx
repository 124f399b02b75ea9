/**
 * Corrects what an example expects, into the file of corrections of the run.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { JsonValue } from "../../../data/json.ts";
import type { CorrectRequest, RolloutView } from "../../api.ts";
import { actionPath } from "../../requests.ts";
import { act } from "../act.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";
import { valueText } from "../parts/value.tsx";

export function CorrectButton({ run, rollout }: { readonly run: string; readonly rollout: RolloutView }): ComponentChildren {
  const known = rollout.correction?.expected ?? rollout.expected;
  const isText = typeof known === "string" || known === null;
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState(valueText(known === null ? "" : known));
  const [note, setNote] = useState(rollout.correction?.note ?? "");
  const [error, setError] = useState<string>();
  const save = async (): Promise<void> => {
    const { dataset, example } = rollout;
    if (dataset === null || example === null) return;
    try {
      const request: CorrectRequest = { dataset, example, expected: isText ? text : parsed(text), note };
      await act(actionPath(run, "correct"), request);
      setOpen(false);
    } catch (refused) {
      setError(refused instanceof Error ? refused.message : String(refused));
    }
  };
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Correct the expected answer…
      </button>
      {isOpen ? (
        <Dialog title="Correct the expected answer" onClose={() => setOpen(false)}>
          {error === undefined ? null : <Problem text={error} />}
          <label class="field">
            Expected{isText ? "" : " (JSON)"}
            <textarea rows={8} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <label class="field">
            Note
            <input type="text" value={note} maxLength={500} onInput={(event) => setNote(event.currentTarget.value)} />
          </label>
          <p class="quiet">It is written to a file of corrections in the run's folder. The dataset itself stays as it is.</p>
          <div class="buttons">
            <button type="button" onClick={() => setOpen(false)}>
              Cancel
            </button>
            <button type="button" class="main" onClick={() => void save()}>
              Save
            </button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new Error("Expected JSON, as the answer was before: an object in braces, a list in brackets, a text in quotes.");
  }
}
