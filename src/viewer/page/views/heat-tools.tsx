/**
 * What a heat map shows: kept in the address, so that a link shows the same.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { DatasetName, RunView } from "../../api.ts";
import type { HeatColours } from "../heat-drawing.ts";
import { Choice } from "../parts/switch.tsx";
import { setQuery } from "../route.ts";
import { datasetText } from "./scores.tsx";

export interface HeatChoices {
  readonly dataset: DatasetName;
  readonly metric: string;
  readonly rows: "proposed" | "score";
  readonly sort: "example" | "difficulty";
  readonly filter: "all" | "failed" | "better" | "worse";
  readonly colours: HeatColours;
  readonly q: string;
}

const filters = ["all", "failed", "better", "worse"] as const;

export function heatChoices(run: RunView, query: Readonly<Record<string, string>>): HeatChoices {
  return {
    dataset: run.measuredDatasets.find((name) => name === query.dataset) ?? run.measuredDatasets[0] ?? "train",
    metric: query.metric ?? run.metrics[0] ?? "score",
    rows: query.rows === "score" ? "score" : "proposed",
    sort: query.sort === "difficulty" ? "difficulty" : "example",
    filter: filters.find((name) => name === query.filter) ?? "all",
    colours: query.colours === "difference" ? "difference" : "score",
    q: query.q ?? "",
  };
}

const rowOptions = [
  ["proposed", "as proposed"],
  ["score", "by score"],
] as const;
const sortOptions = [
  ["example", "as in the data"],
  ["difficulty", "hardest first"],
] as const;
const filterOptions = [
  ["all", "all"],
  ["failed", "with failures"],
  ["better", "better than their parent"],
  ["worse", "worse than their parent"],
] as const;
const colourOptions = [
  ["score", "score"],
  ["difference", "difference to the parent"],
] as const;

export function HeatTools({ run, choices }: { readonly run: RunView; readonly choices: HeatChoices }): ComponentChildren {
  const { dataset, metric, rows, sort, filter, colours, q } = choices;
  const datasets = run.measuredDatasets;
  const metrics = run.metrics.map((name) => [name, name] as const);
  return (
    <div class="toolbar">
      {datasets.length > 1 ? (
        <Choice
          label="Data"
          value={dataset}
          options={datasets.map((name) => [name, datasetText(name)] as const)}
          onChange={(name) => setQuery({ dataset: name })}
        />
      ) : null}
      {metrics.length > 1 ? (
        <Choice label="Metric" value={metric} options={metrics} onChange={(name) => setQuery({ metric: name })} />
      ) : null}
      <Choice label="Candidates" value={rows} options={rowOptions} onChange={(value) => setQuery({ rows: value })} />
      <Choice label="Examples" value={sort} options={sortOptions} onChange={(value) => setQuery({ sort: value })} />
      <Choice label="Show" value={filter} options={filterOptions} onChange={(value) => setQuery({ filter: value })} />
      <Choice label="Colours" value={colours} options={colourOptions} onChange={(value) => setQuery({ colours: value })} />
      <input
        type="search"
        class="filter"
        placeholder="Filter candidates"
        aria-label="Filter candidates by name"
        value={q}
        onInput={(event) => setQuery({ q: event.currentTarget.value === "" ? undefined : event.currentTarget.value })}
      />
    </div>
  );
}
