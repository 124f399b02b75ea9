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

type Values = { readonly [path: string]: JsonValue };

export function Changes({ candidate }: { readonly candidate: CandidateView }): ComponentChildren {
  const { values, parentValues, startValues } = candidate;
  const several = parentValues.length > 1;
  const against: readonly (readonly [key: string, label: string, values: Values])[] = [
    ...parentValues.map(
      (parent, place) => [`p${place}`, several ? `parent ${onOneLine(parent.id, 24)}` : "parent", parent.values] as const,
    ),
    ...(candidate.parents.length === 0 ? [] : [["start", "start", startValues] as const]),
  ];
  const [key, setKey] = useState("");
  const chosen = against.find(([name]) => name === key) ?? against[0];
  if (chosen === undefined) {
    return (
      <Section title="Values">
        {Object.entries(values).map(([path, value]) => (
          <Parameter key={path} path={path}>
            <Value value={value} label={path} />
          </Parameter>
        ))}
      </Section>
    );
  }
  const [, label, before] = chosen;
  const paths = [...new Set([...Object.keys(values), ...Object.keys(before)])];
  const isSame = (path: string): boolean => valueText(before[path]) === valueText(values[path]);
  const changed = paths.filter((path) => !isSame(path));
  const same = paths.filter(isSame);
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
      {same.length === 0 ? null : (
        <details>
          <summary>
            {same.length} unchanged: {onOneLine(same.join(", "), 120)}
          </summary>
          {same.map((path) => (
            <Parameter key={path} path={path}>
              <Value value={values[path] ?? null} label={path} />
            </Parameter>
          ))}
        </details>
      )}
    </Section>
  );
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
