/**
 * A question before something is changed, and what is said when that is refused.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./notice.tsx";

interface DialogProps {
  readonly title: string;
  /** Why what was asked for last was not done. */
  readonly refusal?: string | undefined;
  readonly children: ComponentChildren;
  /** What can be done, besides closing it. */
  readonly action?: ComponentChildren;
  /** @default "Cancel" */
  readonly closing?: string;
  readonly onClose: () => void;
}

/** Keeps the keyboard inside; Escape closes it, and what had the keyboard before has it again. */
export function Dialog({ title, refusal, children, action, closing = "Cancel", onClose }: DialogProps): ComponentChildren {
  const box = useRef<HTMLDialogElement>(null);
  // While it is still in the page: only then is the keyboard given back.
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={box} aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      {refusal === undefined ? null : <Problem text={refusal} />}
      {children}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {closing}
        </button>
        {action}
      </div>
    </dialog>
  );
}

/** Does what may be refused, and keeps the reason. */
export function useAttempt(): { readonly refusal: string | undefined; attempt(work: () => Promise<void>): Promise<void> } {
  const [refusal, setRefusal] = useState<string>();
  return {
    refusal,
    async attempt(work) {
      setRefusal(undefined);
      try {
        await work();
      } catch (refused) {
        setRefusal(refused instanceof Error ? refused.message : String(refused));
      }
    },
  };
}

/** The button that does what a dialog is for. */
export function MainButton({
  text,
  onClick,
}: {
  readonly text: string;
  readonly onClick: () => Promise<void>;
}): ComponentChildren {
  return (
    <button type="button" class="main" onClick={() => void onClick()}>
      {text}
    </button>
  );
}

interface NoteFieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** A note on one line. */
export function NoteField({ value, onInput }: NoteFieldProps): ComponentChildren {
  return (
    <label class="field">
      Note
      <input type="text" value={value} maxLength={500} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}
