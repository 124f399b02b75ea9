/**
 * Text that a model, a user, or a provider wrote: shown as it is, never as markup, and folded where it is long.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { JsonValue } from "../../../data/json.ts";
import { textPieces } from "../control-characters.ts";
import { bytes } from "../format.ts";

const folded = 6000;
const blockLength = 16_000;

interface ModelTextProps {
  readonly text: string;
  /** What it is, for screen readers. */
  readonly label?: string;
  /** Characters that are shown before the rest is asked for. */
  readonly most?: number;
}

export function ModelText({ text, label, most = folded }: ModelTextProps): ComponentChildren {
  const [isWhole, showWhole] = useState(false);
  // Folding the last lines of a text would hide less than the button takes.
  const isFolded = !isWhole && text.length > most * 1.2;
  const shown = isFolded ? text.slice(0, most) : text;
  if (text === "") return <p class="quiet">empty text</p>;
  return (
    <div class="model-text">
      {/* biome-ignore lint/a11y: what scrolls must be reachable by keyboard, and is no landmark */}
      <div class="text" dir="auto" role="group" aria-label={label ?? "Text"} tabIndex={0}>
        {blocksOf(shown).map((block, place) => (
          <div class="block" key={place}>
            <Pieces text={block} />
          </div>
        ))}
        {isFolded ? <div class="fade" aria-hidden="true" /> : null}
      </div>
      {isFolded ? (
        <button type="button" class="small" onClick={() => showWhole(true)}>
          Show all ({bytes(text.length)})
        </button>
      ) : null}
    </div>
  );
}

/** A value: a text as text, anything else as JSON. */
export function Value({ value, label }: { readonly value: JsonValue; readonly label: string }): ComponentChildren {
  return <ModelText text={valueText(value)} label={label} />;
}

/** As it is compared and copied. */
export function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
}

/** A short text within a line. */
export function InlineText({ text }: { readonly text: string }): ComponentChildren {
  return (
    <bdi class="inline-text">
      <Pieces text={text} />
    </bdi>
  );
}

function Pieces({ text }: { readonly text: string }): ComponentChildren {
  return textPieces(text).map((piece, place) =>
    piece.isControl ? (
      <span class="control" key={place} title="A character that is not visible by itself">
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
}

/** Blocks that the browser lays out one by one, when they come into view; each ends with a line where it can. */
function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let from = 0;
  while (from < text.length) {
    const end = text.length - from <= blockLength ? text.length : endOfBlock(text, from);
    blocks.push(text.slice(from, end));
    from = end;
  }
  return blocks;
}

function endOfBlock(text: string, from: number): number {
  const end = from + blockLength;
  const line = text.lastIndexOf("\n", end);
  if (line > from + blockLength / 2) return line + 1;
  // Never between the halves of a pair.
  return /[\ud800-\udbff]/.test(text[end - 1] ?? "") ? end + 1 : end;
}
