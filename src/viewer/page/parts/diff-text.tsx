/**
 * Two versions of a text as one, with what came and what went marked.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { bytes } from "../format.ts";
import { type DiffPart, diffSize, wordDiff } from "../word-diff.ts";
import { InlineText } from "./model-text.tsx";

interface DiffTextProps {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** Characters of a diff that are shown before the rest is asked for. */
const most = 20_000;

export function DiffText({ label, before, after }: DiffTextProps): ComponentChildren {
  const parts = useMemo(() => wordDiff(before, after), [before, after]);
  const [isWhole, showWhole] = useState(false);
  const size = diffSize(parts);
  const all = parts.reduce((sum, part) => sum + part.text.length, 0);
  const shown = isWhole ? parts : firstOf(parts, most);
  return (
    <div class="model-text">
      <p class="quiet diff-size">
        <span class="plus">+{size.added}</span> <span class="minus">−{size.removed}</span> words
      </p>
      {/* biome-ignore lint/a11y: what scrolls must be reachable by keyboard, and is no landmark */}
      <div class="text diff" dir="auto" role="group" aria-label={label} tabIndex={0}>
        {shown.map((part, place) => (
          <Part key={place} part={part} />
        ))}
      </div>
      {isWhole || all <= most ? null : (
        <button type="button" class="small" onClick={() => showWhole(true)}>
          Show all ({bytes(all)})
        </button>
      )}
    </div>
  );
}

function Part({ part: { text, kind } }: { readonly part: DiffPart }): ComponentChildren {
  const content = <InlineText text={text} />;
  if (kind === "added") return <ins>{content}</ins>;
  return kind === "removed" ? <del>{content}</del> : content;
}

function firstOf(parts: readonly DiffPart[], characters: number): DiffPart[] {
  const first: DiffPart[] = [];
  let left = characters;
  for (const part of parts) {
    if (left <= 0) break;
    first.push({ ...part, text: part.text.slice(0, left) });
    left -= part.text.length;
  }
  return first;
}
