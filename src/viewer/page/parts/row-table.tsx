/**
 * A table as it is, with a name in front of each row: for what is neither long nor sorted.
 *
 * @module
 */
import type { ComponentChildren } from "preact";

interface RowTableProps {
  readonly label: string;
  /** Of the columns after the names. */
  readonly titles: readonly string[];
  readonly rows: readonly { readonly key: string; readonly name: string; readonly cells: readonly ComponentChildren[] }[];
  /** Whether the cells are numbers, which are aligned at their end. @default false */
  readonly isNumbers?: boolean;
}

export function RowTable({ label, titles, rows, isNumbers = false }: RowTableProps): ComponentChildren {
  const kind = isNumbers ? "number" : "";
  return (
    // biome-ignore lint/a11y: what scrolls must be reachable by keyboard
    <div class={isNumbers ? "table" : "table compare"} role="group" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <td />
            {titles.map((title) => (
              <th key={title} scope="col" class={kind}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, cells }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {cells.map((cell, place) => (
                <td key={place} class={kind}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
