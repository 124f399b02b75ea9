/**
 * The answers of a small run, made by hand: 12 iterations, 25 candidates, 30 examples, two metrics.
 *
 * @module
 */
import type {
  CandidateNode,
  CandidateStatus,
  CandidateView,
  CompareView,
  HeatCell,
  HeatWindow,
  Lineage,
  ModelCallView,
  RolloutBrief,
  RolloutList,
  RolloutView,
  RunSummary,
  RunView,
  ScoreSeries,
  SpendLine,
} from "../../../src/viewer/api.ts";
import {
  candidatePath,
  comparePath,
  heatPath,
  lineagePath,
  rolloutPath,
  rolloutsPath,
  runPath,
} from "../../../src/viewer/requests.ts";

const examples = 30;
const iterations = 12;
const at = (minute: number): string => new Date(Date.UTC(2026, 10, 27, 9, minute)).toISOString();

const sentences = [
  "You answer customers of a small shop.",
  "Be brief and friendly.",
  "Ask for the order number when an order is mentioned.",
  "Never promise a refund; say that a colleague decides.",
  "If the customer is angry, apologise first.",
  "Close with a question that moves the matter forward.",
];

/** The prompt of the candidate at a place: longer, and with other words, the further the run is. */
function promptOf(index: number): string {
  const count = Math.min(sentences.length, 2 + Math.floor(index / 4));
  const text = sentences.slice(0, count).join("\n");
  return index % 3 === 2 ? text.replace("brief and friendly", "short, concrete, and kind") : text;
}

const statuses: readonly CandidateStatus[] = [
  "accepted",
  "rejected",
  "rejected",
  "dropped",
  "accepted",
  "merged",
  "measured",
  "proposed",
];

/** Two proposals an iteration: the first from the current one, the second from the one before that. */
export const nodes: readonly CandidateNode[] = Array.from({ length: 1 + 2 * iterations }, (_, index): CandidateNode => {
  const iteration = Math.ceil(index / 2);
  const status = index === 0 ? "start" : (statuses[index % statuses.length] ?? "rejected");
  return {
    id: index === 0 ? "start" : `iteration/${iteration}/proposal/${(index + 1) % 2}`,
    index,
    iteration,
    parents: index === 0 ? [] : parentsOf(index),
    origin: originOf(index),
    status: index === 21 ? "current" : status,
    isBest: index === 21,
    isFront: [9, 16, 21].includes(index),
    isMarked: index === 9,
    score: status === "proposed" ? null : meanOf(index),
    n: countOf(status),
    changed: index === 0 ? [] : ["prompt"],
  };
});

function originOf(index: number): string {
  if (index === 0) return "start";
  return index % 5 === 0 ? "merge" : "OptoPrime";
}

function countOf(status: CandidateStatus): number {
  if (status === "proposed") return 0;
  return status === "dropped" ? 12 : examples;
}

function parentsOf(index: number): string[] {
  const accepted = [1, 5, 9, 12, 17, 21].filter((place) => Math.ceil(place / 2) < Math.ceil(index / 2));
  const places = index % 5 === 0 ? accepted.slice(-2) : accepted.slice(index % 2 === 0 ? -2 : -1).slice(0, 1);
  return (places.length === 0 ? [0] : places).map((place) =>
    place === 0 ? "start" : `iteration/${Math.ceil(place / 2)}/proposal/${(place + 1) % 2}`,
  );
}

function cellOf(index: number, example: number): HeatCell {
  if (index === 24) return null;
  if (index % 8 === 3 && example > 11) return null;
  if ((index * 7 + example * 3) % 41 === 0) return "failed";
  if ((index * 5 + example) % 67 === 0) return "unscored";
  const ease = ((example * 17) % 30) / 30;
  const skill = 0.25 + Math.min(index, 21) * 0.025 + (index % 4 === 1 ? 0.08 : 0);
  return Math.round(Math.max(0, Math.min(1, skill + ease * 0.6 - 0.2 + ((index * example) % 7) * 0.02)) * 20) / 20;
}

function meanOf(index: number): number {
  const cells = Array.from({ length: examples }, (_, example) => cellOf(index, example)).filter(
    (cell) => cell !== null && cell !== "unscored",
  );
  return cells.reduce<number>((sum, cell) => sum + (typeof cell === "number" ? cell : 0), 0) / Math.max(1, cells.length);
}

const bestId = nodes[21]?.id ?? "";

function series(dataset: ScoreSeries["dataset"], shift: number, places: readonly number[]): ScoreSeries {
  const score = places.map((place) => (nodes[place]?.score ?? 0.4) + shift);
  return {
    dataset,
    metric: "score",
    label: `Average ${dataset} score`,
    iteration: places.map((place) => Math.ceil(place / 2)),
    score,
    low: score.map((value) => (dataset === "train" ? null : value - 0.07)),
    high: score.map((value) => (dataset === "train" ? null : Math.min(1, value + 0.06))),
    calls: places.map((place) => place * 42),
    tokens: places.map((place) => place * 31_000),
    usd: places.map((place) => place * 0.0123),
    seconds: places.map((place) => place * 19),
    candidate: places.map((place) => nodes[place]?.id ?? null),
    best: dataset === "validate" ? places.indexOf(21) : null,
  };
}

function spend(calls: number): SpendLine {
  return {
    calls,
    inputTokens: calls * 710,
    outputTokens: calls * 120,
    cachedInputTokens: calls * 300,
    reasoningTokens: 0,
    usd: calls * 0.0003,
  };
}

export function summary(id: string): RunSummary {
  return {
    id,
    name: null,
    algorithm: "BasicSearchAlgorithm",
    optimizer: "OptoPrime",
    state: id === "live-wren" ? "running" : "finished",
    reason: id === "live-wren" ? null : "completed",
    started: at(0),
    elapsedMs: 479_000,
    iterations,
    best: nodes[21]?.score ?? null,
    start: nodes[0]?.score ?? null,
    candidates: nodes.length,
    usd: 0.3108,
    warnings: 2,
    problems: [],
  };
}

export function run(id: string): RunView {
  const roles = [
    { role: "agent", model: "openai/gpt-5-mini", ...spend(720) },
    { role: "judge", model: "openai/gpt-5-mini", ...spend(690) },
    { role: "optimizer", model: "openai/gpt-5", ...spend(24) },
  ];
  return {
    ...summary(id),
    revision: 1,
    folder: `/runs/${id}`,
    holder: null,
    error: null,
    numIterations: iterations,
    seed: 7,
    options: { batchSize: 8, numProposals: 2, numThreads: 16, keep: "best" },
    datasets: { train: { examples: 60 }, validate: { examples } },
    measuredDatasets: ["validate", "train", "test"],
    objective: null,
    metrics: ["score", "brevity"],
    chosenOn: { dataset: "validation", examples },
    report: {
      text: "+24.1 points (95% interval 16.0 to 32.2) on 30 validation examples, which the best values were chosen on: expect somewhat less on new ones.",
      gain: 0.241,
      interval: [0.16, 0.322],
      pValue: 0.0004,
      examples,
      dataset: "validation",
      isChosenOn: true,
      confirmed: false,
    },
    series: [
      series("validate", 0, [0, 1, 5, 9, 12, 16, 17, 21, 22]),
      series(
        "train",
        0.02,
        Array.from({ length: 23 }, (_, place) => place),
      ),
      series("test", -0.03, [0, 9, 21]),
    ],
    counts: {
      candidates: nodes.length,
      accepted: 6,
      rejected: 12,
      dropped: 3,
      failedProposals: 1,
      rollouts: 940,
      failedRollouts: 21,
      unscoredRollouts: 8,
      events: 5120,
    },
    bestCandidate: { id: bestId, iteration: 11, score: nodes[21]?.score ?? null, scores: { score: 0.8, brevity: 0.7 } },
    startCandidate: { id: "start", iteration: 0, score: nodes[0]?.score ?? null, scores: { score: 0.4, brevity: 0.9 } },
    currentCandidate: bestId,
    evaluated: nodes
      .filter(({ score }) => score !== null)
      .map(({ id: candidate, iteration, score, isFront, isBest, index }) => ({
        id: candidate,
        iteration,
        score,
        scores: { score: score ?? 0, brevity: 0.95 - (score ?? 0) * 0.5 - (isFront ? 0 : ((index % 5) + 1) * 0.04) },
        isFront,
        isBest,
      })),
    hypervolume: [],
    spend: {
      total: spend(1434),
      byRole: roles,
      byIteration: Array.from({ length: iterations }, (_, iteration) =>
        roles.map(({ role, model }, place) => ({
          role,
          model,
          iteration: iteration + 1,
          ...spend(20 + ((iteration * 7) % 30) + place * 9),
        })),
      ).flat(),
      groups: 1,
    },
    waits: {
      retries: 9,
      byReason: [
        { model: "openai/gpt-5-mini", reason: "rate limit (429)", count: 7, delayMs: 24_000 },
        { model: "openai/gpt-5", reason: "overloaded (529)", count: 2, delayMs: 9000 },
      ],
      waits: [{ model: "openai/gpt-5-mini", reason: "tokens per minute", at: at(4), waitedMs: 31_000 }],
      waitedMs: 64_000,
    },
    warnings: [
      { message: "The price of openai/gpt-5-mini is an estimate.", at: at(0), count: 1 },
      { message: "3 replies of the judge had no score and were left out.", at: at(3), count: 3 },
    ],
    marks: [{ candidate: nodes[9]?.id ?? "", note: "reads well", at: at(7) }],
    corrections: 0,
    traces: { rollouts: 120, calls: 240, bytes: 900_000, missing: null },
    damagedLines: 0,
  };
}

export const lineage: Lineage = {
  total: nodes.length,
  from: 0,
  nodes,
  path: ["start", nodes[1]?.id, nodes[9]?.id, nodes[17]?.id, bestId].filter((id) => id !== undefined),
  pathNodes: [],
  groups: [],
};

export function modelCall(position: string, text: string, reply: string): ModelCallView {
  return {
    position,
    role: "optimizer",
    model: "openai/gpt-5",
    messages: [
      { role: "system", text: "You improve the prompts of an agent. Change as little as helps.", toolCalls: [] },
      { role: "user", text, toolCalls: [] },
    ],
    reply,
    toolCalls: [{ id: "c1", name: "lookup_order", input: { order: 4711 }, output: { state: "shipped" } }],
    finishReason: "stop",
    inputTokens: 1834,
    outputTokens: 212,
    cachedInputTokens: 900,
    reasoningTokens: null,
    isEstimated: false,
    usd: 0.0071,
    at: at(5),
    durationMs: 4210,
    error: null,
  };
}

export function candidate(node: CandidateNode): CandidateView {
  const { index, id } = node;
  const value = (place: number) => ({
    prompt: promptOf(place),
    temperature: place % 2 === 0 ? 0.2 : 0.7,
    style: ["plain", "warm"],
  });
  const parentPlace = nodes.find(({ id: other }) => other === node.parents[0])?.index ?? 0;
  const differences = Array.from({ length: examples }, (_, example) => {
    const [before, after] = [cellOf(parentPlace, example), cellOf(index, example)];
    return { example, before: typeof before === "number" ? before : null, after: typeof after === "number" ? after : null };
  }).filter(({ before, after }) => before !== null && after !== null && before !== after);
  const by = (sign: number) => differences.filter((d) => sign * ((d.after ?? 0) - (d.before ?? 0)) > 0);
  return {
    ...node,
    values: value(index),
    parentValues: node.parents.map((parent) => ({
      id: parent,
      values: value(nodes.find(({ id: other }) => other === parent)?.index ?? 0),
    })),
    startValues: value(0),
    reasoning:
      index === 0
        ? null
        : "The agent promised refunds on three examples and forgot to ask for the order number on two. Both are said plainly now.",
    mark: node.isMarked ? { candidate: id, note: "reads well", at: at(7) } : null,
    children: nodes.filter(({ parents }) => parents.includes(id)).map(({ id: child }) => child),
    results: [
      {
        dataset: "validate",
        metric: "score",
        mean: node.score,
        interval: node.score === null ? null : [node.score - 0.07, node.score + 0.06],
        examples: node.n,
        failed: 1,
        unscored: 0,
      },
      { dataset: "validate", metric: "brevity", mean: 0.71, interval: [0.66, 0.77], examples: node.n, failed: 1, unscored: 0 },
      {
        dataset: "train",
        metric: "score",
        mean: (node.score ?? 0.4) + 0.02,
        interval: [0.4, 0.8],
        examples: 8,
        failed: 0,
        unscored: 1,
      },
    ],
    againstParent:
      node.parents.length === 0
        ? []
        : [
            {
              dataset: "validate",
              against: node.parents[0] ?? "",
              examples: node.n,
              gain: 0.083,
              interval: [0.021, 0.145],
              pValue: 0.012,
              text: "+8.3 points (95% interval 2.1 to 14.5)",
              won: by(1),
              lost: by(-1),
              numWon: by(1).length,
              numLost: by(-1).length,
            },
          ],
    proposal: {
      position: id,
      calls:
        index === 0
          ? []
          : [
              modelCall(
                id,
                `The prompt is:\n${promptOf(parentPlace)}\n\nFeedback:\n- promised a refund\n- no order number`,
                `<prompt>\n${promptOf(index)}\n</prompt>`,
              ),
            ],
      rejections: index % 6 === 5 ? [{ name: "temperature", reason: "Expected a number from 0 to 1, got 2", attempt: 1 }] : [],
      missing: index === 0 ? "The start was not proposed." : null,
    },
    history: [
      { iteration: node.iteration, at: at(5), text: "proposed" },
      { iteration: node.iteration, at: at(6), text: `${node.status}, with a score of ${node.score?.toFixed(3) ?? "–"}` },
    ],
  };
}

export function heat(): HeatWindow {
  const rows = nodes.map((node) => {
    const parentPlace = nodes.find(({ id }) => id === node.parents[0])?.index;
    const cells = Array.from({ length: examples }, (_, example) => cellOf(node.index, example));
    return {
      id: node.id,
      index: node.index,
      iteration: node.iteration,
      mean: node.score,
      n: node.n,
      failed: cells.filter((cell) => cell === "failed").length,
      isBest: node.isBest,
      parent: node.parents[0] ?? null,
      cells,
      differences: cells.map((cell, example) => {
        const before = parentPlace === undefined ? null : cellOf(parentPlace, example);
        return typeof cell === "number" && typeof before === "number" ? cell - before : null;
      }),
    };
  });
  const columns = Array.from({ length: examples }, (_, example) => {
    const numbers = rows.map(({ cells }) => cells[example]).filter((cell) => typeof cell === "number");
    return {
      example,
      mean: numbers.reduce((sum, cell) => sum + cell, 0) / Math.max(1, numbers.length),
      failed: rows.filter(({ cells }) => cells[example] === "failed").length,
    };
  });
  return {
    dataset: "validate",
    metric: "score",
    metrics: ["score", "brevity"],
    datasets: ["validate", "train"],
    totalRows: rows.length,
    totalColumns: examples,
    from: 0,
    columnsFrom: 0,
    columns,
    rows,
    range: [0, 1],
  };
}

export function rolloutBrief(node: CandidateNode, example: number): RolloutBrief {
  const cell = cellOf(node.index, example);
  return {
    position: `iteration/${node.iteration}/validate/${node.index}/example/${example}/sample/0`,
    candidate: node.id,
    dataset: "validate",
    example,
    sample: 0,
    status: cell === "failed" ? "failed" : "scored",
    score: typeof cell === "number" ? cell : null,
    durationMs: 900 + example * 37,
    at: at(6),
    input: `Where is my order ${4000 + example}? It has been two weeks.`,
    error: cell === "failed" ? "TimeoutError: the agent took longer than 30 s" : null,
  };
}

export function rollout(brief: RolloutBrief): RolloutView {
  const node = nodes.find(({ id }) => id === brief.candidate);
  const output = "I am sorry about the wait. Could you give me your order number, so that I can look it up?";
  return {
    ...brief,
    inputValue: { customer: "Ada", message: brief.input },
    expected: "apologises and asks for the order number",
    output: brief.error === null ? output : null,
    feedback:
      brief.error === null
        ? "Asks for the order number and apologises. Could say when the customer will receive an answer."
        : null,
    scores: brief.score === null ? {} : { score: brief.score, brevity: 0.7 },
    graph: {
      nodes: [
        {
          name: "prompt0",
          kind: "parameter",
          operation: null,
          description: "what the agent is",
          path: "prompt",
          text: promptOf(node?.index ?? 0),
        },
        { name: "temperature0", kind: "parameter", operation: null, description: null, path: "temperature", text: "0.2" },
        { name: "input0", kind: "constant", operation: null, description: null, path: null, text: brief.input },
        {
          name: "format0",
          kind: "operation",
          operation: "format",
          description: "Puts the question into the template.",
          path: null,
          text: `Question: ${brief.input}`,
        },
        { name: "generate0", kind: "operation", operation: "generate", description: "A model call.", path: null, text: output },
        { name: "trim0", kind: "operation", operation: "trim", description: null, path: null, text: output },
      ],
      edges: [
        { from: 2, to: 3, name: "question" },
        { from: 0, to: 4, name: "system" },
        { from: 1, to: 4, name: "temperature" },
        { from: 3, to: 4, name: "prompt" },
        { from: 4, to: 5, name: "text" },
      ],
      target: 5,
      omitted: 0,
    },
    calls: [{ ...modelCall(brief.position, `Question: ${brief.input}`, output), role: "agent", model: "openai/gpt-5-mini" }],
    correction: null,
    missing: [],
  };
}

export const rollouts: readonly RolloutBrief[] = nodes
  .filter(({ n }) => n > 0)
  .flatMap((node) => Array.from({ length: 5 }, (_, example) => rolloutBrief(node, example * 6)));

export const rolloutList: RolloutList = { total: rollouts.length, from: 0, rollouts, missing: null };

export function comparison(a: string, b: string): CompareView {
  const best = candidate(nodes[21] as CandidateNode);
  return {
    a: run(a),
    b: run(b),
    values: [
      { path: "prompt", a: promptOf(21), b: promptOf(14), isSame: false },
      { path: "temperature", a: 0.7, b: 0.2, isSame: false },
      { path: "style", a: ["plain", "warm"], b: ["plain", "warm"], isSame: true },
    ],
    differences: [{ name: "seed", a: 7, b: 8 }],
    comparison: best.againstParent[0] ?? null,
  };
}

/** All answers of runs, by path, as an exported file has them. */
export function answersOf(id: string): Record<string, unknown> {
  return {
    "/api/viewer": {
      version: "0.1.0",
      folder: "/runs",
      run: null,
      isExport: false,
      actions: ["apply", "mark", "stop", "correct"],
    },
    [runPath(id)]: run(id),
    [lineagePath(id)]: lineage,
    ...Object.fromEntries(nodes.map((node) => [candidatePath(id, node.id), candidate(node)])),
    [heatPath(id, { dataset: "validate", metric: "score" })]: heat(),
    [rolloutsPath(id)]: rolloutList,
    ...Object.fromEntries(rollouts.map((brief) => [rolloutPath(id, brief.position), rollout(brief)])),
  };
}

export function allAnswers(ids: readonly string[]): Record<string, unknown> {
  const [a, b] = ids;
  return {
    ...Object.assign({}, ...ids.map(answersOf)),
    "/api/runs": ids.map(summary),
    ...(a === undefined || b === undefined ? {} : { [comparePath(a, b)]: comparison(a, b) }),
  };
}
