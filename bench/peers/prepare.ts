/**
 * Installs the peers, each on its own, as pinned here: Python ones in a virtual environment, Node ones by their lockfile, opto
 * from its own packed tarball. What is up to date already is left alone.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../scripts/run-program.ts";
import type { Peer } from "./peers.ts";

/** A peer that can be started. */
export interface PreparedPeer {
  /** Program and arguments that run a file of the peer's language. */
  readonly command: readonly string[];
  readonly version: string;
  /** Files of the installed package and all it needs, in MB. */
  readonly installMB: number | null;
}

/** Everything that is installed lies in here. */
export const peersFolder: string = fileURLToPath(new URL(".peers", import.meta.url));

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const node = [process.execPath, "--expose-gc"] as const;

/** @throws when a peer cannot be installed; the message says why */
export async function preparePeer(peer: Peer): Promise<PreparedPeer> {
  if (peer.package === undefined) return { command: node, version: process.version, installMB: null };
  if (peer.id === "opto") return prepareOpto();
  return peer.language === "python" ? preparePython(peer, peer.package) : prepareNode(peer, peer.package);
}

async function preparePython({ id }: Peer, name: string): Promise<PreparedPeer> {
  const environment = join(peersFolder, id);
  const python = join(environment, "bin", "python");
  const requirements = join(here, "python", "requirements", `${id}.txt`);
  await whenChanged(environment, await readFile(requirements, "utf8"), async () => {
    await rm(environment, { recursive: true, force: true });
    // Without its own pip, which takes longer to install than most peers.
    const created = await runProgram("python3", ["-m", "venv", "--without-pip", environment]).catch(() => undefined);
    if (created?.code !== 0) {
      throw new Error(
        `Expected Python 3 with venv and pip, got ${created === undefined ? "no python3" : "an error of it"}; on Debian: apt install python3 python3-venv python3-pip`,
      );
    }
    const options = ["--quiet", "--disable-pip-version-check", "--requirement", requirements];
    await run("python3", ["-m", "pip", "--python", python, "install", ...options]);
  });
  const asked = `import sysconfig, importlib.metadata as m; print(m.version("${name}")); print(sysconfig.get_paths()["purelib"])`;
  const [version = "", packages = ""] = (await run(python, ["-c", asked])).trim().split("\n");
  return { command: [python], version, installMB: await sizeMB(packages, isInstaller) };
}

async function prepareNode({ id }: Peer, name: string): Promise<PreparedPeer> {
  const folder = join(here, "node", id);
  const modules = join(folder, "node_modules");
  await whenChanged(modules, await readFile(join(folder, "package-lock.json"), "utf8"), () =>
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder),
  );
  const { version } = JSON.parse(await readFile(join(modules, name, "package.json"), "utf8")) as { version: string };
  return { command: node, version, installMB: await sizeMB(modules) };
}

/** Runs from the build in this folder; what an installation takes is measured on one beside it. */
async function prepareOpto(): Promise<PreparedPeer> {
  const own = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const folder = join(peersFolder, "opto");
  const tarball = join(peersFolder, `opto-${own.version}.tgz`);
  await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", peersFolder], root);
  const contents = (await readFile(tarball)).toString("base64");
  await whenChanged(folder, contents, async () => {
    await rm(folder, { recursive: true, force: true });
    // A server that speaks the chat-completions protocol needs no package of a provider, and calls without tools no `ai`.
    await run("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", tarball]);
  });
  return { command: node, version: own.version, installMB: await sizeMB(join(folder, "node_modules")) };
}

/** Does the work unless it was done for the same contents before. */
async function whenChanged(folder: string, contents: string, work: () => Promise<unknown>): Promise<void> {
  const note = join(folder, ".prepared");
  const digest = createHash("sha256").update(contents).digest("hex");
  if ((await readFile(note, "utf8").catch(() => "")) === digest) return;
  await work();
  await writeFile(note, digest);
}

async function run(command: string, args: readonly string[], cwd = here): Promise<string> {
  const { code, stdout, output } = await runProgram(command, args, { cwd, timeoutMs: 900_000 });
  if (code !== 0)
    throw new Error(`\`${command.split("/").at(-1)} ${args[0]} ${args[1] ?? ""}\` failed: ${output.trim().slice(-300)}`);
  return stdout;
}

/** What a virtual environment brings along itself. */
function isInstaller(name: string): boolean {
  return /^(pip|setuptools|pkg_resources|_distutils_hack|distutils-precedence)\b/.test(name);
}

async function sizeMB(folder: string, leaveOut: (name: string) => boolean = () => false): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (leaveOut(entry.name) || entry.isSymbolicLink()) continue;
    bytes += entry.isDirectory() ? (await sizeMB(path)) * 1e6 : (await stat(path)).size;
  }
  return bytes / 1e6;
}
