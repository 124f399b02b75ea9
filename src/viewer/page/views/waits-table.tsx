/**
 * Requests that were sent again, and what calls waited for.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { Waits } from "../../api.ts";
import { count, dateTime, duration } from "../format.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { InlineText } from "../parts/model-text.tsx";
import { Absent } from "../parts/notice.tsx";

type Retry = Waits["byReason"][number];
type Wait = Waits["waits"][number];

const retries: readonly Column<Retry>[] = [
  { title: "Retried", by: ({ reason }) => reason, cell: ({ reason }) => <InlineText text={reason} /> },
  { title: "Model", by: ({ model }) => model, cell: ({ model }) => <InlineText text={model} />, isMinor: true },
  { title: "Times", by: (retry) => retry.count, cell: (retry) => count(retry.count), isNumber: true },
  { title: "Delay", by: ({ delayMs }) => delayMs, cell: ({ delayMs }) => duration(delayMs), isNumber: true },
];

const waiting: readonly Column<Wait>[] = [
  { title: "Waited for", by: ({ reason }) => reason, cell: ({ reason }) => <InlineText text={reason} /> },
  { title: "Model", by: ({ model }) => model, cell: ({ model }) => <InlineText text={model} />, isMinor: true },
  { title: "At", by: ({ at }) => at, cell: ({ at }) => dateTime(at), isMinor: true },
  { title: "For", by: ({ waitedMs }) => waitedMs, cell: ({ waitedMs }) => duration(waitedMs), isNumber: true },
];

export function WaitsTable({ waits }: { readonly waits: Waits }): ComponentChildren {
  if (waits.byReason.length === 0 && waits.waits.length === 0) return <Absent>None.</Absent>;
  return (
    <>
      {waits.byReason.length === 0 ? null : (
        <DataTable label="Retries" columns={retries} rows={waits.byReason} keyOf={({ model, reason }) => `${model} ${reason}`} />
      )}
      {waits.waits.length === 0 ? null : (
        <DataTable
          label="Waits"
          columns={waiting}
          rows={waits.waits}
          keyOf={({ model, reason, at }) => `${model} ${reason} ${at}`}
        />
      )}
    </>
  );
}
