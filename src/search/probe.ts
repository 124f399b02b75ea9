/**
 * Whether anything can be scored at all: asked when no rollout of a task was, so that an outage is told from a candidate or an example to blame.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import type { JsonValue } from "../data/json.ts";
import { currentRun } from "../graph/scope.ts";
import { bindValues } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import { scoreOne } from "../trainer/evaluate.ts";
import type { RolloutDataset } from "../trainer/executor.ts";
import { runTask } from "../trainer/rollout.ts";
import type { Outcomes } from "../trainer/run-services.ts";
import { cellOf } from "../trainer/task-tally.ts";
import type { SearchArchive } from "./archive.ts";
import type { Entry } from "./search.ts";
import type { EngineParts } from "./step-parts.ts";

/** The most rollouts of a probe: one may fail by chance. */
const mostRollouts = 3;

/**
 * The probe of a search: rollouts of one dataset, one after the other until one has an outcome. They are of what was scored before; where nothing
 * was, of the starting values on examples that were not tried.
 */
export function probeOf<X, Y, Info, Output, Memo extends JsonValue>(
  parts: EngineParts<X, Y, Info, Output, Memo>,
): NonNullable<Outcomes["probe"]> {
  const { run, host, archive } = parts;
  const { minScore } = run.settings;
  return async (source) => {
    const { dataset, guide } = dataOf(parts, source);
    const places = placesToProbe(archive, source, dataset.length);
    for (const [index, { entry, example }] of places.entries()) {
      const { input: x, info } = dataset[example] as Dataset<X, Info>[number];
      const rollout = { agent: run.agent, guide, x, info, failureScore: minScore };
      const work = () => bindValues(run.agent, entry.values)(() => scoreOne(rollout, { dataset: source, example, sample: 0 }));
      const task = { pool: host.pool(), label: `probe/${index}`, description: "Checking whether anything can be scored" };
      const [ended] = await runTask(["rollout"], work, { ...task, signal: currentRun()?.signal, isRepeat: true });
      if (ended !== undefined && cellOf(ended) !== "unscored") return true;
    }
    return false;
  };
}

/** What the examples of a dataset are, and what scores them. */
function dataOf<X, Y, Info, Output, Memo extends JsonValue>(
  { run, scoring, validated }: EngineParts<X, Y, Info, Output, Memo>,
  source: RolloutDataset,
): { readonly dataset: Dataset<X, Info>; readonly guide: Guide<X, Y, Info> } {
  if (source === "test") return { dataset: run.testSet, guide: run.guide };
  if (source === "train" || validated !== undefined) return scoring[source];
  return { dataset: run.validationSet ?? scoring.validate.dataset, guide: run.validationGuide };
}

interface Place {
  readonly entry: Entry;
  readonly example: number;
}

function placesToProbe(archive: SearchArchive, source: RolloutDataset, size: number): readonly Place[] {
  const places: Place[] = [];
  for (const place of allPlaces(archive, source, size)) {
    places.push(place);
    if (places.length === mostRollouts) break;
  }
  return places;
}

/** Those that were scored first, in order of the candidates. */
function* allPlaces(archive: SearchArchive, source: RolloutDataset, size: number): Generator<Place> {
  const { entries } = archive;
  const [start] = entries;
  if (start === undefined) return;
  const tableOf = (entry: Entry) => (source === "test" ? undefined : archive.table(entry, source));
  for (const entry of entries) {
    const table = tableOf(entry);
    for (const example of table?.examples() ?? []) if (table?.state(example) === "scored") yield { entry, example };
  }
  const tried = tableOf(start);
  for (let example = 0; example < size; example++) {
    if (tried === undefined || tried.state(example) === "unmeasured") yield { entry: start, example };
  }
}
