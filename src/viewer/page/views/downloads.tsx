/**
 * The data of a run as files.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { DownloadName } from "../../api.ts";
import { downloadPath } from "../../requests.ts";
import { isExport } from "../load.ts";

const names = ["candidates", "scores", "trials", "spend", "rollouts", "corrections", "warnings"] satisfies DownloadName[];

export function Downloads({ run }: { readonly run: string }): ComponentChildren {
  // There is no server to ask.
  if (isExport) return null;
  return (
    <details class="menu">
      <summary>Download</summary>
      <div class="menu-items">
        {names.map((name) => (
          <span key={name} class="menu-item">
            {name}
            <a download href={downloadPath(run, name, "csv")} aria-label={`${name} as CSV`}>
              CSV
            </a>
            <a download href={downloadPath(run, name, "json")} aria-label={`${name} as JSON`}>
              JSON
            </a>
          </span>
        ))}
      </div>
    </details>
  );
}
