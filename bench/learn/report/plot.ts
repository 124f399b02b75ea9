/**
 * The plot of a task: the test score of every algorithm by share of the budget, as SVG.
 *
 * @module
 */
import type { ReportRow } from "./rows.ts";

const [width, height] = [760, 420];
const area = { left: 56, right: 520, top: 40, bottom: 370 };
/** Distinct for most people with any kind of colour vision; dashes tell further lines apart. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const dashes = ["", "6 3", "2 3"];
/** Labels of lines are at least this far apart. */
const labelHeight = 15;

/** Lines with whiskers: the intervals at the shares of the budget. */
export function plotSvg(rows: readonly ReportRow[]): string {
  const [{ title, scores }] = rows as [ReportRow];
  const ends = rows
    .flatMap((row) => row.scores.flatMap(({ mean, interval }) => [mean, ...(interval ?? [])]))
    .filter(Number.isFinite);
  const [low, high] = niceRange(Math.min(...ends), Math.max(...ends));
  const shares = scores.map(({ share }) => share);
  const x = (share: number): number => round(area.left + ((area.right - area.left) * share) / Math.max(...shares));
  const y = (score: number): number => round(area.bottom - ((area.bottom - area.top) * (score - low)) / (high - low));
  const labels = spread(rows.map((row) => y(row.scores.at(-1)?.mean ?? low)));
  const lines = rows.map((row, at) => lineOf(row, { at, x, y, labelY: labels[at] as number }));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${area.left}" y="22" font-size="15">${escaped(title)}: test score in percent</text>
${gridOf(low, high, y)}
${shares.map((share) => `<text x="${x(share)}" y="${area.bottom + 18}" text-anchor="middle">${100 * share}%</text>`).join("\n")}
<text x="${(area.left + area.right) / 2}" y="${area.bottom + 38}" text-anchor="middle">share of the budget</text>
${lines.join("\n")}
</svg>
`;
}

interface LinePlace {
  readonly at: number;
  readonly x: (share: number) => number;
  readonly y: (score: number) => number;
  readonly labelY: number;
}

function lineOf({ arm, scores }: ReportRow, { at, x, y, labelY }: LinePlace): string {
  const colour = colours[at % colours.length];
  const dash = dashes[Math.floor(at / colours.length) % dashes.length];
  // Whiskers of different lines would cover each other.
  const shift = (at % 7) * 2 - 6;
  const known = scores.filter(({ mean }) => Number.isFinite(mean));
  const points = known.map(({ share, mean }) => `${x(share) + shift},${y(mean)}`).join(" ");
  const whiskers = known.flatMap(({ share, interval }) => {
    if (interval === null) return [];
    const [from, to] = interval;
    return [
      `<line x1="${x(share) + shift}" x2="${x(share) + shift}" y1="${y(from)}" y2="${y(to)}" stroke="${colour}" opacity="0.5"/>`,
    ];
  });
  return [
    ...whiskers,
    `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/>`,
    `<text x="${area.right + 16}" y="${labelY + 4}" fill="${colour}">${escaped(arm)}</text>`,
  ].join("\n");
}

function gridOf(low: number, high: number, y: (score: number) => number): string {
  const step = (high - low) / 5;
  return Array.from({ length: 6 }, (_, at) => low + at * step)
    .map((score) => {
      const line = `<line x1="${area.left}" x2="${area.right}" y1="${y(score)}" y2="${y(score)}" stroke="#ddd"/>`;
      return `${line}<text x="${area.left - 8}" y="${y(score) + 4}" text-anchor="end">${(100 * score).toFixed(0)}</text>`;
    })
    .join("\n");
}

/** A range of whole steps of 5 points. */
function niceRange(least: number, most: number): [number, number] {
  if (!(Number.isFinite(least) && Number.isFinite(most))) return [0, 1];
  const low = Math.floor(least * 20) / 20;
  return [low, Math.max(low + 0.05, Math.ceil(most * 20) / 20)];
}

/** The same places in the same order, none closer than a label is high. */
function spread(places: readonly number[]): number[] {
  const order = places.map((_, at) => at).toSorted((a, b) => (places[a] as number) - (places[b] as number));
  const spaced = [...places];
  let next = Number.NEGATIVE_INFINITY;
  for (const at of order) {
    spaced[at] = Math.max(places[at] as number, next);
    next = (spaced[at] as number) + labelHeight;
  }
  return spaced;
}

function round(place: number): number {
  return Math.round(place * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
