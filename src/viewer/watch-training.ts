/**
 * `watchedRun`: serves the viewer's page over a run while it is trained, in the same process.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { errorText } from "../errors.ts";
import type { RunOpener } from "../trainer/run-keeper.ts";
import type { PlanValues } from "./run-actions.ts";
import { serveRuns, type ViewerServer } from "./serve-runs.ts";

/** A run that is looked at. */
export interface WatchedRun {
  /** Opens the run, and then the page. */
  readonly opener: RunOpener;
  /** Sends pages the last state, and closes the server. */
  close(): Promise<void>;
}

/** What is served. */
export interface WatchOptions {
  /** The folder of all runs. */
  readonly folder: string;
  /** The user's prices of models. */
  readonly prices?: unknown;
  /** Receives the line with the address. */
  readonly print: (line: string) => void;
}

const applying = new AsyncLocalStorage<PlanValues>();

/** Pages of runs that `work` trains can apply values: what starts the training knows the project that they belong to. */
export function withApplying<R>(planValues: PlanValues, work: () => R): R {
  return applying.run(planValues, work);
}

/** A page that cannot be served is a warning: the run continues without it. Nothing is read while no page is open. */
export function watchedRun(opener: RunOpener, { folder, prices, print }: WatchOptions): WatchedRun {
  let server: ViewerServer | undefined;
  const apply = applying.getStore();
  return {
    opener: {
      async open(...given) {
        const keeper = await opener.open(...given);
        try {
          server = await serveRuns({ folder, run: keeper.id, prices, apply });
          server.unref();
          print(`Watch ${keeper.id} at ${server.address}`);
        } catch (error) {
          process.emitWarning(`The run is trained without its page: ${errorText(error)}`, "OptoWarning");
        }
        return keeper;
      },
    },
    async close() {
      await server?.close();
    },
  };
}
