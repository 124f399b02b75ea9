/**
 * A table: sorted by a click on a column, walked by arrows, only the rows in view drawn when it is long.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";

/** A column of rows of a type. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** What it is sorted by; without it the column is not. */
  readonly by?: (row: T) => number | string | null | undefined;
  /** Numbers are aligned at their end. */
  readonly isNumber?: boolean;
  /** Left out in narrow windows. */
  readonly isMinor?: boolean;
}

interface TableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** Where a click on a row, or Enter, leads. */
  readonly onOpen?: (row: T) => void;
}

const rowHeight = 33;
const mostDrawn = 60;
const viewHeight = 20 * rowHeight;

export function DataTable<T>({ label, columns, rows, keyOf, onOpen }: TableProps<T>): ComponentChildren {
  const [order, setOrder] = useState<{ readonly column: number; readonly isDown: boolean }>();
  const [top, setTop] = useState(0);
  const [active, setActive] = useState(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const sorted = useMemo(() => sortedRows(rows, columns, order), [rows, columns, order]);
  const { isLong, from, drawn } = inView(sorted, top);
  const stop = onOpen === undefined ? undefined : Math.min(active, sorted.length - 1);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = nextRow(event.key, active, sorted.length);
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
    focusRow(body.current, next);
  };
  return (
    <Frame isLong={isLong} onScroll={setTop}>
      <table aria-label={label} aria-rowcount={sorted.length + 1}>
        <Heads columns={columns} order={order} onOrder={setOrder} />
        <tbody ref={body} onKeyDown={onKeyDown}>
          <Space rows={from} columns={columns.length} />
          {drawn.map((row, offset) => (
            <Row
              key={keyOf(row)}
              row={row}
              place={from + offset}
              columns={columns}
              isStop={from + offset === stop}
              onFocus={setActive}
              onOpen={onOpen}
            />
          ))}
          <Space rows={sorted.length - from - drawn.length} columns={columns.length} />
        </tbody>
      </table>
    </Frame>
  );
}

/** The rows to draw. @param top how far the table is scrolled, in pixels */
function inView<T>(sorted: readonly T[], top: number) {
  const isLong = sorted.length > mostDrawn;
  const from = isLong ? Math.max(0, Math.floor(top / rowHeight) - 10) : 0;
  return { isLong, from, drawn: isLong ? sorted.slice(from, from + viewHeight / rowHeight + 20) : sorted };
}

interface FrameProps {
  readonly isLong: boolean;
  readonly onScroll: (top: number) => void;
  readonly children: ComponentChildren;
}

function Frame({ isLong, onScroll, children }: FrameProps): ComponentChildren {
  if (!isLong) return <div class="table">{children}</div>;
  return (
    <div
      class="table long"
      style={{ maxHeight: `${viewHeight}px` }}
      onScroll={(event) => onScroll(event.currentTarget.scrollTop)}
    >
      {children}
    </div>
  );
}

interface RowProps<T> extends Pick<TableProps<T>, "columns"> {
  readonly row: T;
  readonly place: number;
  /** Whether Tab leads here: to one row of a table. */
  readonly isStop: boolean;
  readonly onFocus: (place: number) => void;
  readonly onOpen: ((row: T) => void) | undefined;
}

function Row<T>({ row, place, columns, isStop, onFocus, onOpen }: RowProps<T>): ComponentChildren {
  return (
    <tr
      data-place={place}
      aria-rowindex={place + 2}
      tabIndex={isStop ? 0 : -1}
      class={onOpen === undefined ? "" : "opens"}
      onFocus={() => onFocus(place)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) onOpen?.(row);
      }}
      onClick={(event) => {
        if (!isOwnControl(event)) onOpen?.(row);
      }}
    >
      {columns.map((column) => (
        <td key={column.title} class={classOf(column)}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

type HeadsProps<T> = Pick<TableProps<T>, "columns"> & Pick<HeadProps<T>, "order" | "onOrder">;

function Heads<T>({ columns, order, onOrder }: HeadsProps<T>): ComponentChildren {
  return (
    <thead>
      <tr>
        {columns.map((column, place) => (
          <Head key={column.title} column={column} place={place} order={order} onOrder={onOrder} />
        ))}
      </tr>
    </thead>
  );
}

interface HeadProps<T> {
  readonly column: Column<T>;
  readonly place: number;
  readonly order: { readonly column: number; readonly isDown: boolean } | undefined;
  readonly onOrder: (order: { readonly column: number; readonly isDown: boolean }) => void;
}

function Head<T>({ column, place, order, onOrder }: HeadProps<T>): ComponentChildren {
  const isOrdered = order?.column === place;
  const direction = order?.isDown ? "descending" : "ascending";
  // On the side where it moves no title.
  const arrow = (
    <span class="arrow" aria-hidden="true">
      {isOrdered ? arrowOf(order.isDown) : ""}
    </span>
  );
  return (
    <th class={classOf(column)} scope="col" aria-sort={isOrdered ? direction : undefined}>
      {column.by === undefined ? (
        column.title
      ) : (
        // Numbers are mostly looked at from the highest.
        <button
          type="button"
          class="plain"
          onClick={() => onOrder({ column: place, isDown: isOrdered ? !order.isDown : column.isNumber === true })}
        >
          {column.isNumber === true ? arrow : null}
          {column.title}
          {column.isNumber === true ? null : arrow}
        </button>
      )}
    </th>
  );
}

function arrowOf(isDown: boolean): string {
  return isDown ? "↓" : "↑";
}

/** The rows that are not drawn. */
function Space({ rows, columns }: { readonly rows: number; readonly columns: number }): ComponentChildren {
  if (rows <= 0) return null;
  return (
    <tr style={{ height: `${rows * rowHeight}px` }}>
      <td colSpan={columns} />
    </tr>
  );
}

function sortedRows<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  order: { readonly column: number; readonly isDown: boolean } | undefined,
): readonly T[] {
  const by = order === undefined ? undefined : columns[order.column]?.by;
  if (by === undefined) return rows;
  const sign = order?.isDown ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [by(a), by(b)];
    // What is not known comes last, whichever the order.
    if (left === null || left === undefined) return right === null || right === undefined ? 0 : 1;
    if (right === null || right === undefined) return -1;
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    return sign * String(left).localeCompare(String(right), "en", { numeric: true });
  });
}

/** A row that is not drawn is scrolled to first. */
function focusRow(body: HTMLElement | null, place: number): void {
  const find = (): HTMLElement | null | undefined => body?.querySelector<HTMLElement>(`[data-place="${place}"]`);
  const row = find();
  if (row) {
    row.focus();
    return;
  }
  body?.closest(".table")?.scrollTo(0, place * rowHeight);
  setTimeout(() => find()?.focus(), 50);
}

function nextRow(key: string, active: number, rows: number): number | undefined {
  const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 };
  if (key === "Home") return 0;
  if (key === "End") return rows - 1;
  const step = steps[key];
  return step === undefined ? undefined : Math.max(0, Math.min(rows - 1, active + step));
}

/** A link or a button in a row does what it says, not what the row does; and text can be selected. */
function isOwnControl(event: MouseEvent): boolean {
  const target = event.target as Element;
  return target.closest("a, button, input, label") !== null || getSelection()?.toString() !== "";
}

function classOf<T>({ isNumber, isMinor }: Column<T>): string {
  return [isNumber ? "number" : "", isMinor ? "minor" : ""].join(" ").trim();
}
