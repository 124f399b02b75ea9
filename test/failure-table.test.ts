/**
 * Every row of the table of failures in `docs/training.md`, carried out: its outcome, what is shown, and how the run resumes.
 *
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faults } from "./failure-table/faults.ts";
import { type FailureRow, type Fate, type Party, readFailureTable } from "./failure-table/read-table.ts";
import { type Rehearsal, rehearse } from "./failure-table/rehearse.ts";
import { courseOf } from "./runs/train-support.ts";
import type { ServerRequest } from "./support/openai-server.ts";

/** How many calls go out before one has been answered: 4 of the first evaluation, and 4 of the training beside it. */
const firstCalls = 8;
/** How often each is made where that may help. */
const attempts = 3;

const rows = readFailureTable();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-table-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("has a fault for each row, and a row for each fault", () => {
  expect(rows.map(({ id }) => id).sort()).toEqual(Object.keys(faults).sort());
});

it.each(["judge", "guide"] as const)("nothing fails without a fault, with a %s", async (party) => {
  const run = await undisturbed(party);
  expect(run.result?.stopReason, String(run.error)).toBe("completed");
  expect([...statuses(run)]).toEqual(["scored"]);
  expect(countOf(run, "proposal-rejected")).toBe(0);
});

const known = new Map<Party, Promise<Rehearsal>>();

/** The run as it is when nothing goes wrong. */
function undisturbed(party: Party): Promise<Rehearsal> {
  const kind = party === "guide" ? "guide" : "judge";
  const run = known.get(kind) ?? rehearse(kind, join(folder, `undisturbed-${kind}`));
  known.set(kind, run);
  return run;
}

/** How rollouts ended: a guide that says `null` has scored, but not the answer. */
const statuses = ({ events }: Rehearsal) =>
  new Set(
    events.flatMap((event) => {
      if (event.type !== "rollout-end") return [];
      return event.status === "scored" && event.score === null ? ["unscored"] : [event.status];
    }),
  );
/** What the party's server was asked; of the run, what all of them were. */
const requestsTo = ({ asked }: Rehearsal, party: Party): readonly ServerRequest[] =>
  party === "agent" || party === "judge" || party === "optimizer" ? asked[party] : Object.values(asked).flat();
const requestsOf = (run: Rehearsal, party: Party): number => requestsTo(run, party).length;
const countOf = ({ events }: Rehearsal, wanted: string): number => events.filter(({ type }) => type === wanted).length;
const stateIn = async (run: string): Promise<unknown> =>
  JSON.parse(await readFile(join(run, "night", "checkpoint.json"), "utf8")).status.state;

/** What each fate promises of a run. */
const promises: Readonly<Record<Fate, (run: Rehearsal, party: Party, place: string) => Promise<void>>> = {
  async retried(run, party) {
    const expected = await undisturbed(party);
    expect(courseOf(run.result ?? expect.fail(String(run.error)))).toEqual(courseOf(expected.result ?? expect.fail()));
    expect(requestsOf(run, party)).toBeGreaterThan(requestsOf(expected, party));
    expect([...statuses(run)]).toEqual(["scored"]);
  },
  async shortened(run, party) {
    expect(run.result?.stopReason, String(run.error)).toBe("completed");
    expect(requestsOf(run, party)).toBeGreaterThan(requestsOf(await undisturbed(party), party));
    expect(countOf(run, "proposal-failed")).toBe(0);
    expect([...statuses(run)]).toEqual(["scored"]);
  },
  async "refused immediately"(run, party) {
    expect(run.error).toBeInstanceOf(Error);
    // Nobody pays for a set-up that cannot work: the first few calls go out, and are repeated a few times where that may help.
    const requests = requestsTo(run, party);
    expect(new Set(requests.map(({ body }) => JSON.stringify(body))).size).toBeLessThanOrEqual(firstCalls);
    expect(requests.length).toBeLessThanOrEqual(firstCalls * attempts);
    expect(countOf(run, "iteration-end")).toBe(0);
  },
  async "scored as failed"(run) {
    expect(run.result?.stopReason, String(run.error)).toBe("completed");
    expect(statuses(run)).toEqual(new Set(["scored", "failed"]));
    expect(run.result?.testScore).toEqual(expect.any(Number));
    expect(run.result?.unscored).toBe(0);
  },
  async unscored(run, party) {
    expect(run.result?.stopReason, String(run.error)).toBe("completed");
    expect(statuses(run)).toEqual(new Set(party === "optimizer" ? ["scored"] : ["scored", "unscored"]));
    if (party === "optimizer") expect(countOf(run, "proposal-failed")).toBeGreaterThan(0);
    expect(run.result?.testScore).toEqual(expect.any(Number));
  },
  async "stops the run"(run, _party, place) {
    expect(run.result?.stopReason).not.toBe("completed");
    expect(await stateIn(place)).toBe("unfinished");
  },
};

/** What the same command does when nothing goes wrong any more. */
async function goOn({ again }: FailureRow, party: Party, place: string, run: Rehearsal): Promise<void> {
  const second = await rehearse(party, place);
  const result = second.result ?? expect.fail(String(second.error));
  expect(result.stopReason).toBe("completed");
  if (again === "nothing left to do") {
    expect(courseOf(result)).toEqual(courseOf(run.result ?? expect.fail()));
    expect(requestsOf(second, "run")).toBe(0);
    return;
  }
  const expected = await undisturbed(party);
  // What was answered before is not asked again.
  const [paid, asked] = [requestsOf(run, "run"), requestsOf(second, "run")];
  if (again === "resumes") {
    expect(asked).toBeLessThan(requestsOf(expected, "run"));
    expect(second.text).toContain("Resuming night");
  }
  expect(paid + asked).toBeGreaterThanOrEqual(requestsOf(expected, "run"));
  // A proposal that failed in an iteration that is over stays what it was.
  if (countOf(run, "proposal-failed") > 0) return;
  expect(courseOf(result)).toEqual(courseOf(expected.result ?? expect.fail()));
}

/** Any text between the pieces of a message. */
const pattern = (message: string): RegExp =>
  new RegExp(
    message
      .split(/\s*…\s*/)
      .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[\\s\\S]*"),
  );

describe.each(rows)("$id: $fate", (row) => {
  it.each(row.whose)("of the %s", async (party) => {
    const place = join(folder, `${row.id}-${party}`);
    const faultOf = faults[row.id] ?? expect.fail(`no fault is called ${row.id}`);
    const fault = faultOf(party, place);
    const run = await rehearse(party, place, fault).finally(fault.mend);
    await promises[row.fate](run, party, place);
    for (const message of row.shown) expect(run.text).toMatch(pattern(message));
    expect(run.exitCode, run.text).toBe(row.exitCode);
    await goOn(row, party, place, run);
  });
});
