/**
 * Measures opto beside its peers: `npm run bench:peers -- [--rounds N] [--peers A,B] [--filter TEXT] [--no-write | --update |
 * --report]`.
 *
 * Prepares the peers in a folder of their own, then measures each in turn, every value in a fresh process: all peers once, then
 * all again, but for those that were far behind. Says whether the machine was quiet. Writes `results.json` and the section of `docs/benchmarks.md` when everything was measured. With `--report` it
 * measures nothing and writes the section from the results that are there; with `--update` the rows that `--filter` names are
 * put into these, if they were taken in as many rounds on the same machine with the same versions.
 *
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runProgram } from "../../scripts/run-program.ts";
import { median } from "../benchmark.ts";
import { measureOnce } from "./measure.ts";
import { groups, installRow, type Measurement, reasonAgainst } from "./measurements.ts";
import { bareClient, type Peer, peers } from "./peers.ts";
import { type PreparedPeer, peersFolder, preparePeer } from "./prepare.ts";
import { describeQuiet, otherWork, quietShare } from "./quiet.ts";
import { documentSection, lossesOf, terminalReport, withSection } from "./report.ts";
import type { Results } from "./results.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";
import { Tally } from "./tally.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    peers: { type: "string" },
    filter: { type: "string", default: "" },
    "no-write": { type: "boolean", default: false },
    report: { type: "boolean", default: false },
    update: { type: "boolean", default: false },
  },
});
const rounds = Number(options.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`Expected --rounds to be at least 1, got ${options.rounds}`);
const chosen = choosePeers(options.peers);
const measurements = groups
  .flatMap((group) => group.measurements)
  .filter(({ rows }) => rows.some(({ id, title }) => `${id} ${title}`.includes(options.filter)));
if (measurements.length === 0) throw new Error(`Expected --filter to be part of a row's name, got "${options.filter}"`);
const isWhole = options.peers === undefined && (options.filter === "" || options.update) && !options["no-write"];

const resultsFile = fileURLToPath(new URL("results.json", import.meta.url));
const documentFile = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));

/** A peer that takes this many times as long as opto in a row is not measured again in that row. */
const farBehind = 2;

const tally = new Tally();
/** What other work took of the processors before each round. */
const busy: number[] = [];
/** How late the server was, by measurement of the bare client. */
const late: number[] = [];

const results = await resultsToShow();
console.log(terminalReport(results));
if (results.otherWork !== undefined) console.log(`\n${describeQuiet(results.otherWork)}`);
for (const { peer, row, reason } of lossesOf(results)) {
  if (reason === undefined)
    console.log(`No reason is known why ${peer} is ahead in "${row.title}": add one to bench/peers/losses.ts, then --report`);
}
if (isWhole) {
  await writeFile(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(documentFile, withSection(await readFile(documentFile, "utf8"), documentSection(results)));
}

async function resultsToShow(): Promise<Results> {
  if (options.report) return written();
  return options.update ? updated(await written(), await measured()) : measured();
}

async function written(): Promise<Results> {
  return JSON.parse(await readFile(resultsFile, "utf8")) as Results;
}

/** @throws when the two were not taken alike */
function updated(before: Results, now: Results): Results {
  const circumstances = ({ rounds, machine, versions }: Results): string => JSON.stringify({ rounds, machine, versions });
  if (circumstances(before) !== circumstances(now))
    throw new Error(`Expected to update results taken with ${circumstances(now)}, got ${circumstances(before)}`);
  return { ...now, serverLateMs: now.serverLateMs ?? before.serverLateMs, rows: { ...before.rows, ...now.rows } };
}

async function measured(): Promise<Results> {
  await mkdir(peersFolder, { recursive: true });
  const prepared = await prepareAll();
  const server = await startServerProcess();
  try {
    for (let round = 1; round <= rounds; round++) {
      busy.push(await otherWork());
      if ((busy.at(-1) as number) > quietShare) console.error(describeQuiet(busy.at(-1) as number));
      await measureAll(round, prepared, server);
    }
  } finally {
    server.close();
  }
  return collected(prepared);
}

async function prepareAll(): Promise<Map<Peer, PreparedPeer>> {
  const all = new Map<Peer, PreparedPeer>();
  for (const peer of chosen) {
    progress(`preparing ${peer.id}`);
    try {
      const ready = await preparePeer(peer);
      all.set(peer, ready);
      if (ready.installMB !== null) tally.add(installRow.id, peer.id, ready.installMB);
    } catch (error) {
      const failed = `could not be prepared: ${(error as Error).message}`;
      console.error(`${peer.id} ${failed}`);
      for (const { id } of [...measurements.flatMap(({ rows }) => rows), installRow]) tally.fail(id, peer.id, failed);
    }
  }
  return all;
}

async function measureAll(round: number, prepared: ReadonlyMap<Peer, PreparedPeer>, server: ServerProcess): Promise<void> {
  for (const measurement of measurements) {
    if (round > (measurement.rounds ?? rounds)) continue;
    const name = `round ${round} of ${rounds}: ${measurement.rows[0]?.id}`;
    if (!process.stderr.isTTY) console.error(name);
    for (const [peer, ready] of prepared) {
      progress(`${name}, ${peer.id}`);
      await measure(peer, ready, measurement, server);
    }
  }
  progress("");
}

async function measure(peer: Peer, ready: PreparedPeer, measurement: Measurement, server: ServerProcess): Promise<void> {
  const own = measurement.rows.map(({ id }) => id);
  const against = reasonAgainst(peer, measurement);
  if (against !== undefined) {
    if (against !== "") for (const id of own) tally.leaveOut(id, peer.id, against);
    return;
  }
  if (own.some((id) => tally.isHopeless(id, peer.id))) return;
  const compared = measurement.rows.filter(({ comparable = true }) => comparable);
  if (peer !== bareClient && compared.every(({ id }) => tally.isFarBehind(id, peer.id, "opto", farBehind))) return;
  const sample = await measureOnce(peer, ready, measurement, server);
  if ("failed" in sample) {
    console.error(`${peer.id}, ${own[0]}: ${sample.failed}`);
    for (const id of own) tally.fail(id, peer.id, sample.failed);
    return;
  }
  if (peer === bareClient && measurement.server !== undefined) late.push(sample.lateMs);
  for (const [index, id] of own.entries()) tally.add(id, peer.id, sample.values[index] as number);
}

async function collected(prepared: ReadonlyMap<Peer, PreparedPeer>): Promise<Results> {
  const python = await runProgram("python3", ["--version"]).catch(() => ({ stdout: "none" }));
  const versions = [...prepared].filter(([peer]) => peer.package !== undefined);
  return {
    taken: new Date().toISOString().slice(0, 10),
    rounds,
    machine: {
      processor: cpus()[0]?.model ?? "unknown processor",
      cores: availableParallelism(),
      node: process.version,
      python: python.stdout.trim().replace("Python ", ""),
    },
    versions: Object.fromEntries(versions.map(([peer, { version }]) => [peer.package as string, version])),
    serverLateMs: late.length === 0 ? null : Number(median(late).toPrecision(3)),
    otherWork: Number(Math.max(...busy).toFixed(3)),
    rows: tally.rows(),
  };
}

function choosePeers(names: string | undefined): readonly Peer[] {
  const all = [...peers, bareClient];
  if (names === undefined) return all;
  const wanted = new Set(names.split(","));
  const unknown = [...wanted].filter((name) => !all.some(({ id }) => id === name));
  if (unknown.length > 0)
    throw new Error(`Expected --peers to be among ${all.map(({ id }) => id).join(", ")}, got ${unknown.join(", ")}`);
  return all.filter(({ id }) => wanted.has(id));
}

/** Shows what is being done where a person looks on. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
