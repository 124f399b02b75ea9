/**
 * A button that copies a text, and says that it has.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

export function CopyButton({ text, children }: { readonly text: () => string; readonly children: string }): ComponentChildren {
  const [state, setState] = useState<"ready" | "copied" | "failed">("ready");
  const copy = (): void => {
    copyText(text()).then(
      () => setState("copied"),
      () => setState("failed"),
    );
    setTimeout(() => setState("ready"), 2000);
  };
  const labels = { ready: children, copied: "Copied", failed: "Cannot copy here" };
  return (
    <button type="button" class="fixed" onClick={copy} aria-live="polite">
      {labels[state]}
    </button>
  );
}

/** Pages from disk have no clipboard of their own in every browser; a selection can be copied in all. */
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    if (!isCopied) throw new Error("The browser does not allow copying.");
  }
}
