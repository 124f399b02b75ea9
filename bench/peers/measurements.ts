/**
 * What is measured: the order that a peer's program gets, and the rows of the table that its result gives.
 *
 * @module
 */
import { idealMakespanMs, lowerBoundMs } from "./lower-bound.ts";
import type { Peer } from "./peers.ts";
import type { ServerRecord, ServerSettings } from "./server.ts";

/** A row of a table. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** Whether less is better from one peer to another; without it there are no ratios. @default true */
  readonly comparable?: boolean;
}

/** What a peer's program printed. */
export interface ProgramResult {
  readonly value: number;
  /** Best score that an optimization found. */
  readonly score?: number;
  /** Resident MB after an import. */
  readonly rss?: number;
}

/** One fresh process of a peer. */
export interface Measurement {
  readonly rows: readonly Row[];
  /** What the program is told to do. */
  readonly order: Readonly<Record<string, string | number>>;
  /** Rounds in which it is taken. @default all */
  readonly rounds?: number;
  /** How the server answers meanwhile; none where the program makes no requests. */
  readonly server?: ServerSettings;
  /** Seconds after which the process is killed. */
  readonly limitSeconds: number;
  /** The values of the rows, in their order. @throws when what was measured is not what was asked for */
  readonly values: (result: ProgramResult, record: ServerRecord, peer: Peer) => readonly number[];
  /** Why a peer is not measured; `bare client` is only measured where it is named here with an empty reason. */
  readonly without?: Readonly<Record<string, string>>;
}

/** Measurements that one table shows. */
export interface Group {
  readonly id: string;
  readonly title: string;
  /** The task. */
  readonly about: string;
  readonly measurements: readonly Measurement[];
}

const latencyMs = 50;
const stragglerMs = 1_000;
const evaluations = 500;
const width = 16;
const proposals = 8;
const trainSize = 3;
const validateSize = 50;

const noModelOfItsOwn = "takes any function as its model: see the row above";
const noGraph = "records no graph of the user's operations";

export const groups: readonly Group[] = [
  {
    id: "evaluation",
    title: "Evaluation",
    about: `${evaluations} examples, one request of ${latencyMs} ms each, in a process that has evaluated as many before. Wall time over the ideal of full rounds.`,
    measurements: [evaluation(16), evaluation(64)],
  },
  {
    id: "iteration",
    title: "One iteration of an optimizer",
    about: `${proposals} proposals, each validated on ${validateSize} examples, as are the first instructions; training batches of ${trainSize}, ${width} requests in flight at most, ${latencyMs} ms each. With a straggler, one of the ${validateSize} examples takes ${stragglerMs / 1_000} s each time. The lower bound is the critical path of the peer's own algorithm or its total work over the width, whichever is longer; one that makes each proposal from the last has a long path. The process has evaluated ${evaluations} examples before.`,
    measurements: [iteration("iteration", "", 0), iteration("straggler", ", with stragglers", stragglerMs)],
  },
  {
    id: "cpu",
    title: "Processor time of a rollout",
    about: `User and system time of the peer's process, ${width} in flight, in microseconds: with an instant function in place of the model, with an instant model of the library's own kind, and over HTTP with a server that answers immediately, the client included. The process has made as many before.`,
    measurements: [
      cpu("function", "instant function", 5_000, {
        textgrad: "takes a model only: see the row below",
        ax: "takes a model only: see the row below",
        dsts: "takes a model only: see the row below",
      }),
      cpu("model", "instant model", 2_000, { gepa: noModelOfItsOwn, "trace-opt": noModelOfItsOwn }),
      cpu("http", "over HTTP", 500, { "bare client": "" }),
    ],
  },
  {
    id: "graph",
    title: "Graph",
    about:
      "A chain of operations that add one: nanoseconds for each recorded operation, and for each node of a backward pass. The backward pass of textgrad asks a model at every node; here one that answers immediately in the process.",
    measurements: ["operation", "backward"].flatMap((kind) => [100, 1_000, 10_000].map((nodes) => graph(kind, nodes))),
  },
  {
    id: "footprint",
    title: "Footprint",
    about:
      "Import in a new process, resident memory after it and what 10,000 further rollouts leave behind after 20,000 (with an instant model, or an instant function where the library has no model of its own), and the size of the installed package with all it needs for the measurements above: for opto that is opto alone, because its own model needs no package of the AI SDK.",
    measurements: [imports(), memory()],
  },
];

/** Measured while the peers are prepared. */
export const installRow: Row = { id: "install", title: "install size", unit: "MB" };

/** The rows of a group. */
export function rowsOf({ id, measurements }: Group): Row[] {
  const rows = measurements.flatMap((measurement) => measurement.rows);
  return id === "footprint" ? [...rows, installRow] : rows;
}

/** Why a peer has no value in any row of a measurement; `undefined` when it is measured. */
export function reasonAgainst(peer: Peer, { without = {}, order }: Measurement): string | undefined {
  if (peer.id === "bare client" && without[peer.id] === undefined) return "";
  if (order.measurement === "import" && peer.imports === undefined) return "";
  return without[peer.id] || undefined;
}

function evaluation(inFlight: number): Measurement {
  return {
    rows: [{ id: `evaluate-${inFlight}`, title: `${inFlight} in flight`, unit: "x ideal" }],
    order: { measurement: "evaluate", count: evaluations, width: inFlight },
    server: { latencyMs, stragglerMs: 0 },
    limitSeconds: 60,
    without: { "bare client": "" },
    values: ({ value }, { requests }) => {
      if (requests.length < evaluations) throw new Error(`made ${requests.length} requests instead of ${evaluations}`);
      return [(value * 1_000) / idealMakespanMs(evaluations, latencyMs, inFlight)];
    },
  };
}

function iteration(id: string, title: string, straggler: number): Measurement {
  return {
    rows: [
      { id, title: `wall time${title}`, unit: "s" },
      { id: `${id}-bound`, title: `over its lower bound${title}`, unit: "x bound", comparable: false },
      { id: `${id}-requests`, title: `sent${title}`, unit: "requests", comparable: false },
    ],
    order: { measurement: "optimize", width, proposals, trainSize, validateSize, warmUp: evaluations },
    server: { latencyMs, stragglerMs: straggler },
    limitSeconds: 150,
    values: ({ value, score = 0 }, { requests }, { chain }) => {
      const expected = proposals / 10;
      if (Math.abs(score - expected) > 1e-6) throw new Error(`ended with the score ${score} instead of ${expected}`);
      return [value, (value * 1_000) / lowerBoundMs(requests, { chain, width }), requests.length];
    },
  };
}

function cpu(mode: string, title: string, count: number, without: Record<string, string>): Measurement {
  return {
    rows: [{ id: `cpu-${mode}`, title, unit: "us" }],
    order: { measurement: "cpu", mode, count, width },
    ...(mode === "http" && { server: { latencyMs: 0, stragglerMs: 0 } }),
    limitSeconds: 60,
    without,
    values: ({ value }) => [value],
  };
}

function graph(kind: string, nodes: number): Measurement {
  const title = kind === "operation" ? "operation" : "backward, each node";
  const without = { dspy: noGraph, gepa: noGraph, ax: noGraph, dsts: noGraph };
  return {
    rows: [{ id: `${kind}-${nodes}`, title: `${title}, ${nodes.toLocaleString("en")} nodes`, unit: "ns" }],
    order: { measurement: kind, nodes },
    limitSeconds: 60,
    without,
    values: ({ value }) => [value],
  };
}

function imports(): Measurement {
  return {
    rows: [
      { id: "import", title: "import", unit: "ms" },
      { id: "rss", title: "resident after the import", unit: "MB" },
    ],
    order: { measurement: "import" },
    limitSeconds: 60,
    values: ({ value, rss = Number.NaN }) => [value, rss],
  };
}

function memory(): Measurement {
  return {
    rows: [{ id: "memory", title: "left by 10,000 rollouts", unit: "MB" }],
    order: { measurement: "memory", width },
    rounds: 2,
    limitSeconds: 150,
    values: ({ value }) => [value],
  };
}
