/**
 * `Answering`: what the server answers with, and does. It is loaded at the first request: a run that is not looked at pays for none of it.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../data/clock.ts";
import { inTurn } from "../data/shared-work.ts";
import type { PriceList } from "../llm/spend/prices.ts";
import type { ViewerAction, ViewerInfo } from "./api.ts";
import { RequestError } from "./api-error.ts";
import { download } from "./download.ts";
import { LiveUpdates } from "./live-updates.ts";
import { readBody, sendJson } from "./request-guard.ts";
import { type ApiPath, answer, apiPath, datasetIn } from "./routes.ts";
import { type ActionParts, type PlanValues, runActions } from "./run-actions.ts";
import { RunLibrary } from "./run-library.ts";

/** What is answered from. */
export interface AnsweringOptions {
  readonly info: ViewerInfo;
  readonly prices: PriceList;
  /** Applies values. */
  readonly apply: PlanValues | undefined;
  readonly clock: Clock;
}

/** Answers requests that were let in. */
export class Answering {
  readonly library: RunLibrary;
  readonly #info: ViewerInfo;
  readonly #updates: LiveUpdates;
  readonly #parts: ActionParts;

  constructor({ info, prices, apply, clock }: AnsweringOptions) {
    const monotonic = (): number => clock.monotonic();
    this.#info = info;
    this.library = new RunLibrary(info.folder, prices, monotonic);
    this.#updates = new LiveUpdates(this.library, monotonic);
    this.#parts = { apply, inTurn: inTurn(), now: () => new Date(clock.now()).toISOString() };
  }

  /** What changes nothing. @throws RequestError when there is nothing at the path */
  async read(response: ServerResponse, url: string, isHead: boolean): Promise<void> {
    const path = apiPath(url);
    const [what, run, part, file, ...rest] = path.parts;
    if (what === "events" && run === undefined) return this.#updates.listen(response, undefined, isHead);
    if (what === "runs" && run !== undefined && part === "events" && file === undefined) {
      await this.library.open(run);
      return this.#updates.listen(response, run, isHead);
    }
    if (what === "runs" && run !== undefined && part === "download" && file !== undefined && rest.length === 0) {
      return this.#sendFile(response, { run, file, path, isHead });
    }
    sendJson(response, 200, await answer(this.library, this.#info, path), isHead);
  }

  /** What changes something. @throws RequestError when it is refused */
  async act(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    const [what, id, action, ...rest] = apiPath(url).parts;
    if (what !== "runs" || id === undefined || action === undefined || rest.length > 0 || !Object.hasOwn(runActions, action)) {
      throw new RequestError("not-found", "There is no such action");
    }
    const body = await readBody(request);
    sendJson(response, 200, await runActions[action as ViewerAction](await this.library.open(id), body, this.#parts));
  }

  /** Ends all streams. */
  close(): Promise<void> {
    return this.#updates.close();
  }

  async #sendFile(response: ServerResponse, { run: id, file, path, isHead }: FileRequest): Promise<void> {
    const [, what, format] = /^([a-z]+)\.(csv|json)$/.exec(file) ?? [];
    if (what === undefined) throw new RequestError("not-found", "Expected a name that ends in .csv or .json");
    const run = await this.library.open(id);
    const pieces = download(run, { what, format: format as "csv" | "json", dataset: datasetIn(path.query) });
    const type = format === "csv" ? "text/csv; charset=utf-8" : "application/json; charset=utf-8";
    response.writeHead(200, { "content-type": type, "content-disposition": `attachment; filename="${id}-${file}"` });
    if (isHead) {
      response.end();
      return;
    }
    // A page that was closed does not want the rest.
    await pipeline(Readable.from(inLargePieces(pieces)), response).catch(() => {});
  }
}

interface FileRequest {
  readonly run: string;
  readonly file: string;
  readonly path: ApiPath;
  readonly isHead: boolean;
}

/** How many rows are made before others get a turn: a run may be trained in this process. */
const rowsInTurn = 500;

/** A write for each row would take most of the time. */
async function* inLargePieces(pieces: Iterable<string>): AsyncGenerator<string> {
  let [text, count] = ["", 0];
  for (const piece of pieces) {
    text += piece;
    count++;
    if (count % rowsInTurn === 0) await nextTurn();
    if (text.length < 65_536) continue;
    yield text;
    text = "";
  }
  yield text;
}
