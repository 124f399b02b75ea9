/**
 * A choice among few: all are seen, one is pressed; arrows move between them.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { onOneLine } from "../control-characters.ts";

interface SwitchProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, label: string])[];
  readonly onChange: (value: T) => void;
}

export function Switch<T extends string>({ label, value, options, onChange }: SwitchProps<T>): ComponentChildren {
  return (
    <fieldset class="switch">
      <legend class="hidden">{label}</legend>
      {options.map(([option, text]) => (
        <label key={option} class={option === value ? "chosen" : ""}>
          <input type="radio" name={label} value={option} checked={option === value} onChange={() => onChange(option)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

/** A choice among many. */
export function Choice<T extends string>({ label, value, options, onChange }: SwitchProps<T>): ComponentChildren {
  return (
    <label class="choice">
      <span aria-hidden="true">{label}</span>
      <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {onOneLine(text, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}
