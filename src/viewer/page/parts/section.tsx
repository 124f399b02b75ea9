/**
 * A part of a view: a heading, what can be chosen beside it, and its content.
 *
 * @module
 */
import type { ComponentChildren } from "preact";

interface SectionProps {
  readonly title: string;
  /** Beside the title: a sentence, or a number. */
  readonly note?: ComponentChildren;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ title, note, tools, children }: SectionProps): ComponentChildren {
  return (
    <section class="section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {note === undefined ? null : <span class="quiet">{note}</span>}
        {tools === undefined ? null : <div class="tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}

/** Names and what they are, in two columns. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
}): ComponentChildren {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
