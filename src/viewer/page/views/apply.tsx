/**
 * Applies a candidate to the program: what would change is shown first.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApplyAnswer, ApplyRequest, ViewerInfo } from "../../api.ts";
import { actionPath, viewerPath } from "../../requests.ts";
import { act } from "../act.ts";
import { useAnswer } from "../answer.ts";
import { onOneLine } from "../control-characters.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Dialog, useAttempt } from "../parts/dialog.tsx";
import { DiffText } from "../parts/diff-text.tsx";
import { valueText } from "../parts/model-text.tsx";
import { Absent, Loading } from "../parts/notice.tsx";
import { Parameter } from "./changes.tsx";

interface ApplyProps {
  readonly run: string;
  readonly candidate: string;
  readonly isBest: boolean;
  /** Whether the server can write; else a command can. */
  readonly isPossible: boolean;
}

export function ApplyButton(props: ApplyProps): ComponentChildren {
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const Opened = props.isPossible ? Applying : Command;
  return (
    <>
      <button type="button" class="main" onClick={() => setOpen(true)}>
        Apply…
      </button>
      {isOpen ? <Opened {...props} onClose={close} /> : null}
    </>
  );
}

interface OpenProps extends ApplyProps {
  readonly onClose: () => void;
}

function Applying({ run, candidate, onClose }: OpenProps): ComponentChildren {
  const [plan, setPlan] = useState<ApplyAnswer>();
  const { refusal, attempt } = useAttempt();
  const ask = async (how: Omit<ApplyRequest, "candidate">): Promise<void> => {
    setPlan(await act<ApplyAnswer>(actionPath(run, "apply"), { candidate, ...how } satisfies ApplyRequest));
  };
  useEffect(() => void attempt(() => ask({ dry: true })), []);
  /** Only what was shown is written; what has changed since is shown instead. */
  const write = (shown: ApplyAnswer): Promise<void> =>
    attempt(async () => {
      try {
        await ask({ dry: false, plan: shown.plan });
      } catch (refused) {
        await ask({ dry: true });
        throw refused;
      }
    });
  const isOver = plan?.written === true || plan?.same === true;
  return (
    <Dialog
      title="Apply to the program"
      refusal={refusal}
      closing={isOver ? "Close" : "Cancel"}
      onClose={onClose}
      action={
        plan === undefined || isOver ? null : (
          <button type="button" class="main" onClick={() => void write(plan)}>
            Apply
          </button>
        )
      }
    >
      {plan === undefined ? null : <Plan plan={plan} />}
      {plan === undefined && refusal === undefined ? <Loading /> : null}
    </Dialog>
  );
}

function Plan({ plan: { same, written, targets } }: { readonly plan: ApplyAnswer }): ComponentChildren {
  if (written) return <p role="status">Applied to {targets.map(({ name }) => onOneLine(name)).join(", ")}.</p>;
  if (same) return <Absent>The program has these values already.</Absent>;
  return (
    <div class="plan">
      {targets.map(({ name, exists, changes }) => (
        <section key={name} aria-label={name}>
          <h3>
            <code>{onOneLine(name)}</code> {exists ? null : <span class="quiet">a new file</span>}
          </h3>
          {changes
            .filter(({ state }) => state !== "same")
            .map(({ path, from, to }) => (
              <Parameter key={path} path={path}>
                <DiffText label={path} before={from === null ? "" : valueText(from)} after={to === null ? "" : valueText(to)} />
              </Parameter>
            ))}
        </section>
      ))}
    </div>
  );
}

/** Where the server belongs to a program that trains: that knows its agent, but not where values are read. */
function Command({ run, isBest, onClose }: OpenProps): ComponentChildren {
  const { data } = useAnswer<ViewerInfo>(viewerPath);
  const place =
    data === undefined || /[/\\]\.opto[/\\]runs$/.test(data.folder) ? "" : ` --run-dir ${JSON.stringify(data.folder)}`;
  const command = isBest ? `npx opto apply ${run}${place}` : `npx opto view ${run}${place}`;
  return (
    <Dialog
      title="Apply to the program"
      closing="Close"
      onClose={onClose}
      action={<CopyButton text={() => command}>Copy the command</CopyButton>}
    >
      <p>
        This page is served by the program that trains, which does not say where its values are kept.{" "}
        {isBest
          ? "In the folder of your project, this command shows the difference and writes the best values:"
          : "In the folder of your project, this command opens a page that can apply this candidate:"}
      </p>
      <p class="command">
        <code>{command}</code>
      </p>
    </Dialog>
  );
}
