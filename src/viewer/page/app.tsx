/**
 * The frame of the page: the bar at the top, the view that the address names, keys that work everywhere.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { ViewerInfo } from "../api.ts";
import { eventsPath, viewerPath } from "../requests.ts";
import { canWrite } from "./act.ts";
import { useAnswer } from "./answer.ts";
import { onOneLine } from "./control-characters.ts";
import { followKeys } from "./keys.ts";
import { runHref } from "./links.ts";
import { follow } from "./live.ts";
import { Absent, Problem } from "./parts/notice.tsx";
import { replaceWith, route } from "./route.ts";
import { TopBar } from "./top-bar.tsx";
import { Compare } from "./views/compare.tsx";
import { RunList } from "./views/run-list.tsx";
import { RunPage } from "./views/run-page.tsx";

export function App(): ComponentChildren {
  const { path } = route.value;
  const [view, run] = path;
  const shownRun = view === "run" ? run : undefined;
  const { data: info, error } = useAnswer<ViewerInfo>(viewerPath);
  useEffect(() => followKeys(), []);
  useEffect(() => follow(eventsPath(shownRun)), [shownRun]);
  const opened = info?.run ?? undefined;
  useEffect(() => {
    if (path.length === 0 && opened !== undefined) replaceWith(runHref(opened));
    // Only where the page opens: the list can be asked for later.
  }, [opened]);
  // A view begins at its top; Back restores what the browser remembers.
  const key = path.join("/");
  useEffect(() => {
    document.title = run === undefined ? "opto" : `${onOneLine(run, 80)} · opto`;
  }, [run]);
  const actions = canWrite() ? (info?.actions ?? []) : [];
  return (
    <>
      <TopBar run={shownRun} />
      <main id="content" tabIndex={-1}>
        {error === undefined ? null : <Problem text={error} />}
        <div key={key}>
          {shownRun === undefined ? <OtherView path={path} /> : <RunPage run={shownRun} rest={path.slice(2)} actions={actions} />}
        </div>
      </main>
    </>
  );
}

function OtherView({ path: [view, a, b] }: { readonly path: readonly string[] }): ComponentChildren {
  if (view === undefined) return <RunList />;
  if (view === "compare" && a !== undefined && b !== undefined) return <Compare a={a} b={b} />;
  return <Absent>There is no such view.</Absent>;
}
