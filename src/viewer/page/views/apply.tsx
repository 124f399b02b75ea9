/**
 * Applies a candidate to the program: what would change is shown first.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ApplyAnswer, ApplyRequest } from "../../api.ts";
import { actionPath } from "../../requests.ts";
import { act } from "../act.ts";
import { onOneLine } from "../control-characters.ts";
import { Dialog } from "../parts/dialog.tsx";
import { DiffText } from "../parts/diff-text.tsx";
import { Absent, Problem } from "../parts/notice.tsx";
import { valueText } from "../parts/value.tsx";
import { Parameter } from "./changes.tsx";

interface ApplyProps {
  readonly run: string;
  readonly candidate: string;
}

export function ApplyButton(props: ApplyProps): ComponentChildren {
  const [plan, setPlan] = useState<ApplyAnswer>();
  const [error, setError] = useState<string>();
  const ask = (how: Omit<ApplyRequest, "candidate">): Promise<ApplyAnswer> => {
    const request: ApplyRequest = { candidate: props.candidate, ...how };
    return act<ApplyAnswer>(actionPath(props.run, "apply"), request);
  };
  const say = (refused: unknown): void => setError(refused instanceof Error ? refused.message : String(refused));
  const look = (): Promise<void> => ask({ dry: true }).then(setPlan, say);
  const begin = (): void => {
    setError(undefined);
    void look();
  };
  /** Only what was shown is written; what has changed since is shown anew. */
  const write = async (shown: ApplyAnswer): Promise<void> => {
    setError(undefined);
    try {
      setPlan(await ask({ dry: false, plan: shown.plan }));
    } catch (refused) {
      say(refused);
      await look();
    }
  };
  const close = (): void => {
    setPlan(undefined);
    setError(undefined);
  };
  return (
    <>
      <button type="button" class="main" onClick={begin}>
        Apply…
      </button>
      {plan === undefined && error === undefined ? null : (
        <Dialog title="Apply to the program" onClose={close}>
          {error === undefined ? null : <Problem text={error} />}
          {plan === undefined ? null : <Plan plan={plan} />}
          <div class="buttons">
            <button type="button" onClick={close}>
              {plan?.written === true || plan?.same === true ? "Close" : "Cancel"}
            </button>
            {plan === undefined || plan.written || plan.same ? null : (
              <button type="button" class="main" onClick={() => void write(plan)}>
                Apply
              </button>
            )}
          </div>
        </Dialog>
      )}
    </>
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
