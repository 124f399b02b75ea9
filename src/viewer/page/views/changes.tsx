/**
 * What a candidate changed, against a parent or the start.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { JsonValue } from "../../../data/json.ts";
import type { CandidateView } from "../../api.ts";
import { onOneLine } from "../control-characters.ts";
import { DiffText } from "../parts/diff-text.tsx";
import { Value, valueText } from "../parts/model-text.tsx";
import { Absent } from "../parts/notice.tsx";
import { Section } from "../parts/section.tsx";
import { Switch } from "../parts/switch.tsx";

type ValuesByPath = { readonly [path: string]: JsonValue };

export function Changes({ candidate }: { readonly candidate: CandidateView }): ComponentChildren {
  const { values } = candidate;
  const against = comparisonsOf(candidate);
  const [key, setKey] = useState("");
  const chosen = against.find(([name]) => name === key) ?? against[0];
  if (chosen === undefined) {
    return (
      <Section title="Values">
        <Values values={values} paths={Object.keys(values)} />
      </Section>
    );
  }
  const [, label, before] = chosen;
  const { paths, changed, same } = compared(before, values);
  return (
    <Section
      title="Changes"
      note={changed.length === paths.length ? undefined : `${changed.length} of ${paths.length} parameters`}
      tools={
        <Switch
          label="Compared with"
          value={chosen[0]}
          options={against.map(([name, text]) => [name, `from the ${text}`] as const)}
          onChange={setKey}
        />
      }
    >
      {changed.length === 0 ? <Absent>The same values as the {label}.</Absent> : null}
      {changed.map((path) => (
        <Parameter key={path} path={path}>
          <DiffText label={`Changes of ${path}`} before={valueText(before[path])} after={valueText(values[path])} />
        </Parameter>
      ))}
      <Unchanged values={values} paths={same} />
    </Section>
  );
}

/** Paths of values, and which of them changed. */
function compared(before: ValuesByPath, values: ValuesByPath) {
  const paths = [...new Set([...Object.keys(values), ...Object.keys(before)])];
  const isSame = (path: string): boolean => valueText(before[path]) === valueText(values[path]);
  return { paths, changed: paths.filter((path) => !isSame(path)), same: paths.filter(isSame) };
}

function Unchanged({ values, paths }: { readonly values: ValuesByPath; readonly paths: readonly string[] }): ComponentChildren {
  if (paths.length === 0) return null;
  return (
    <details>
      <summary>
        {paths.length} unchanged: {onOneLine(paths.join(", "), 120)}
      </summary>
      <Values values={values} paths={paths} />
    </details>
  );
}

type Comparison = readonly [key: string, label: string, values: ValuesByPath];

/** What a candidate may be compared with: its parents, and the start. */
function comparisonsOf({ parents, parentValues, startValues }: CandidateView): readonly Comparison[] {
  const several = parentValues.length > 1;
  const parentsOf = parentValues.map(
    ({ id, values }, place) => [`p${place}`, several ? `parent ${onOneLine(id, 24)}` : "parent", values] as const,
  );
  return [...parentsOf, ...(parents.length === 0 ? [] : [["start", "start", startValues] as const])];
}

function Values({ values, paths }: { readonly values: ValuesByPath; readonly paths: readonly string[] }): ComponentChildren {
  return paths.map((path) => (
    <Parameter key={path} path={path}>
      <Value value={values[path] ?? null} label={path} />
    </Parameter>
  ));
}

export function Parameter({
  path,
  children,
}: {
  readonly path: string;
  readonly children: ComponentChildren;
}): ComponentChildren {
  return (
    <div class="parameter">
      <h3>
        <code>{onOneLine(path)}</code>
      </h3>
      {children}
    </div>
  );
}
