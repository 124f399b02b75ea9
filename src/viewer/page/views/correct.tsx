/**
 * Corrects what an example expects, into the file of corrections of the run.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { JsonValue } from "../../../data/json.ts";
import type { CorrectRequest, DatasetName, RolloutView } from "../../api.ts";
import { actionPath } from "../../requests.ts";
import { act } from "../act.ts";
import { Dialog, MainButton, NoteField, useAttempt } from "../parts/dialog.tsx";
import { valueText } from "../parts/model-text.tsx";

interface CorrectProps {
  readonly run: string;
  readonly rollout: RolloutView;
  readonly dataset: DatasetName;
  readonly example: number;
}

export function CorrectButton({ run, rollout, dataset, example }: CorrectProps): ComponentChildren {
  const { correction, expected } = rollout;
  const known = correction?.expected ?? expected;
  const isText = typeof known === "string" || known === null;
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [note, setNote] = useState("");
  const { refusal, attempt } = useAttempt();
  const open = (): void => {
    setText(valueText(known ?? ""));
    setNote(correction?.note ?? "");
    setOpen(true);
  };
  const save = async (): Promise<void> => {
    const request: CorrectRequest = { dataset, example, expected: isText ? text : parsed(text), note };
    await act(actionPath(run, "correct"), request);
    setOpen(false);
  };
  return (
    <>
      <button type="button" onClick={open}>
        Correct the expected answer…
      </button>
      {isOpen ? (
        <Dialog
          title="Correct the expected answer"
          refusal={refusal}
          onClose={() => setOpen(false)}
          action={<MainButton text="Save" onClick={() => attempt(save)} />}
        >
          <label class="field">
            Expected{isText ? "" : " (JSON)"}
            <textarea rows={8} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <NoteField value={note} onInput={setNote} />
          <p class="quiet">It is written to a file of corrections in the run's folder. The dataset itself stays as it is.</p>
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
