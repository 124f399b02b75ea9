/**
 * Candidates × examples: which score what, sorted by difficulty, with failures alone where that is asked for.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { DatasetName, HeatWindow, RunView } from "../../api.ts";
import { heatPath } from "../../requests.ts";
import { useAnswer } from "../answer.ts";
import { onOneLine } from "../control-characters.ts";
import { plural, score, signed } from "../format.ts";
import { drawHeat, type HeatColours, type HeatMeasures, type HeatPlace, heatMeasures } from "../heat-drawing.ts";
import { exampleHref } from "../links.ts";
import { Absent, Problem } from "../parts/notice.tsx";
import { useViewport, type Viewport } from "../parts/use-viewport.ts";
import { goTo, route } from "../route.ts";
import { theme } from "../theme.ts";
import { HeatTools, heatChoices } from "./heat-tools.tsx";
import { datasetText } from "./scores.tsx";

/** Windows begin at multiples of these, so that a short way needs no other window. */
const block = { rows: 50, columns: 100 } as const;

export function HeatMap({ run }: { readonly run: RunView }): ComponentChildren {
  const choices = heatChoices(run, route.value.query);
  const { dataset, metric, rows, sort, filter, q, colours } = choices;
  const box = useRef<HTMLDivElement>(null);
  const view = useViewport(box, `heat ${run.id} ${dataset} ${metric} ${rows} ${sort} ${filter} ${q}`);
  const [columns, setColumns] = useState(0);
  const measures = heatMeasures(view.width, columns);
  const asked = { dataset, metric, ...windowOf(view, measures), rows, sort, filter, ...(q === "" ? {} : { q }) };
  const answer = useAnswer<HeatWindow>(heatPath(run.id, asked), { stays: true });
  const window = answer.data;
  useLayoutEffect(() => {
    if (window !== undefined) setColumns(window.totalColumns);
  }, [window]);
  return (
    <>
      <HeatTools run={run} choices={choices} />
      {answer.error === undefined ? null : <Problem text={answer.error} />}
      <div ref={box} class="heat-box">
        {window === undefined ? null : (
          <Cells run={run.id} window={window} view={view} measures={measures} colours={colours} box={box} />
        )}
      </div>
      {window !== undefined && (window.totalRows === 0 || window.totalColumns === 0) ? (
        <Absent>Nothing passes this filter.</Absent>
      ) : null}
      {window === undefined ? null : <Key window={window} colours={colours} />}
      <p class="quiet hint">
        {window === undefined
          ? ""
          : `${plural(window.totalRows, "candidate")} × ${plural(window.totalColumns, `${datasetText(dataset)} example`)}. `}
        Bars at the top: the mean over all candidates. Arrows move, Enter opens the rollout.
      </p>
    </>
  );
}

/** The window that has what is in view. */
function windowOf({ top, left, height, width }: Viewport, { row, column }: HeatMeasures) {
  return {
    from: Math.max(0, Math.floor(top / row / block.rows) * block.rows),
    columns: Math.max(0, Math.floor(left / column / block.columns) * block.columns),
    count: block.rows * (1 + Math.ceil(height / row / block.rows)),
    width: block.columns * (1 + Math.ceil(width / column / block.columns)),
  };
}

/** What the colours and the signs mean. */
function Key({ window: { range }, colours }: { readonly window: HeatWindow; readonly colours: HeatColours }): ComponentChildren {
  const [low, high] = range ?? [0, 1];
  const ends = colours === "score" ? [score(low), score(high)] : [signed(low - high), signed(high - low)];
  return (
    <p class="key heat-key">
      <span>
        {ends[0]} <i class={`ramp ${colours}`} aria-hidden="true" /> {ends[1]}
      </span>
      <span>✕ failed</span>
      <span>– unscored</span>
      <span>· {colours === "score" ? "not measured" : "nothing to compare"}</span>
    </p>
  );
}

interface CellsProps {
  readonly run: string;
  readonly window: HeatWindow;
  readonly view: Viewport;
  readonly measures: HeatMeasures;
  readonly colours: HeatColours;
  readonly box: { readonly current: HTMLElement | null };
}

function Cells({ run, window, view, measures, colours, box }: CellsProps): ComponentChildren {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState<HeatPlace>();
  useLayoutEffect(() => {
    if (canvas.current !== null) drawHeat(canvas.current, { window, view, measures, colours, cursor });
  }, [window, view, measures.column, measures.label, colours, cursor, theme.value]);
  const placeAt = (event: MouseEvent): HeatPlace | undefined => {
    const bounds = canvas.current?.getBoundingClientRect();
    return bounds && placeOf(event.clientX - bounds.left, event.clientY - bounds.top, { window, view, measures });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") openCell(run, window, cursor);
    const next = movedBy(event.key, cursor, window);
    if (next === undefined) return;
    event.preventDefault();
    setCursor(next);
    reveal(box.current, next, measures);
  };
  const style = {
    width: `${measures.label + window.totalColumns * measures.column}px`,
    height: `${measures.head + window.totalRows * measures.row}px`,
  };
  return (
    <div
      class="heat"
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is used by the keyboard; a table of ten million cells cannot be made of elements
      tabIndex={0}
      aria-label={`Scores of candidates by ${datasetText(window.dataset as DatasetName)} example`}
      aria-roledescription="table"
      style={style}
      onKeyDown={onKeyDown}
      onMouseMove={(event) => setCursor(placeAt(event))}
      onMouseLeave={() => setCursor(undefined)}
      onClick={(event) => openCell(run, window, placeAt(event))}
    >
      <canvas ref={canvas} style={{ width: `${view.width}px`, height: `${view.height}px` }} />
      <CursorText window={window} view={view} cursor={cursor} />
    </div>
  );
}

function openCell(run: string, window: HeatWindow, place: HeatPlace | undefined): void {
  const row = place && window.rows[place.row - window.from];
  const column = place && window.columns[place.column - window.columnsFrom];
  if (row !== undefined && column !== undefined) goTo(exampleHref(run, row.id, window.dataset, column.example));
}

type CursorTextProps = Pick<CellsProps, "window" | "view"> & { readonly cursor: HeatPlace | undefined };

function CursorText({ window, view, cursor }: CursorTextProps): ComponentChildren {
  return (
    <p class="heat-text" aria-live="polite" style={{ maxWidth: `${view.width - 16}px` }}>
      {cursor === undefined ? "" : cellText(window, cursor)}
    </p>
  );
}

/** @param x pixels from the left of the drawing @param y from its top */
function placeOf(
  x: number,
  y: number,
  { window, view, measures }: Pick<CellsProps, "window" | "view" | "measures">,
): HeatPlace | undefined {
  const row = Math.floor((y - measures.head + view.top) / measures.row);
  const column = Math.floor((x - measures.label + view.left) / measures.column);
  const isOutside = x < measures.label || y < measures.head || row >= window.totalRows || column >= window.totalColumns;
  return isOutside ? undefined : { row, column };
}

function cellText(window: HeatWindow, { row, column }: HeatPlace): string {
  const [line, head] = [window.rows[row - window.from], window.columns[column - window.columnsFrom]];
  if (line === undefined || head === undefined) return "";
  const place = column - window.columnsFrom;
  const cell = line.cells[place] ?? null;
  const difference = line.differences[place] ?? null;
  const what = typeof cell === "number" ? score(cell) : (cell ?? "not measured");
  const against = difference === null ? "" : ` (${signed(difference)} to its parent)`;
  return `${onOneLine(line.id, 80)} on #${head.example}: ${what}${against}; all candidates ${score(head.mean)}`;
}

function movedBy(key: string, from: HeatPlace | undefined, { totalRows, totalColumns }: HeatWindow): HeatPlace | undefined {
  const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
    ArrowDown: [1, 0],
    ArrowUp: [-1, 0],
    ArrowRight: [0, 1],
    ArrowLeft: [0, -1],
    PageDown: [20, 0],
    PageUp: [-20, 0],
    Home: [0, -totalColumns],
    End: [0, totalColumns],
  };
  const step = steps[key];
  if (step === undefined || totalRows === 0 || totalColumns === 0) return undefined;
  if (from === undefined) return { row: 0, column: 0 };
  const within = (value: number, size: number): number => Math.max(0, Math.min(size - 1, value));
  return { row: within(from.row + step[0], totalRows), column: within(from.column + step[1], totalColumns) };
}

function reveal(box: HTMLElement | null, { row, column }: HeatPlace, measures: HeatMeasures): void {
  if (box === null) return;
  const [x, y] = [column * measures.column, row * measures.row];
  const [width, height] = [box.clientWidth - measures.label - measures.column, box.clientHeight - measures.head - measures.row];
  box.scrollTo(Math.max(x - width, Math.min(box.scrollLeft, x)), Math.max(y - height, Math.min(box.scrollTop, y)));
}
