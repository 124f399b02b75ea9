/**
 * Modules of the user: loaded through the hooks that read TypeScript.
 *
 * @module
 */
import * as nodeModule from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { environmentVariable } from "../data/environment.ts";

/** What a module exports. */
export type Exports = Readonly<Record<string, unknown>>;

/** The exports of a file. What it throws comes through unchanged. */
export async function importModule(path: string): Promise<Exports> {
  await registerHooks();
  return (await import(pathToFileURL(path).href)) as Exports;
}

/** The exports of a file, and of the user's files that were loaded for it. */
export async function importWithFiles(path: string): Promise<readonly Exports[]> {
  loadedFiles();
  const own = await importModule(path);
  const others = loadedFiles().filter((url) => url !== pathToFileURL(path).href && isModuleOfUser(url));
  // They are loaded: this only looks them up.
  return [own, ...(await Promise.all(others.map(async (url) => (await import(url)) as Exports)))];
}

/** The files of the user that were loaded since the last call. */
let loadedFiles = (): string[] => [];
let registered: Promise<void> | undefined;

/** In this thread where Node can (22.15 and later), else in a thread of their own: only that one loads what the hooks need. */
function registerHooks(): Promise<void> {
  registered ??= register();
  return registered;
}

async function register(): Promise<void> {
  const inThread = (nodeModule as { readonly registerHooks?: (hooks: object) => void }).registerHooks;
  if (inThread !== undefined) {
    const { initialize, load, resolve } = await import("./typescript-hooks.ts");
    const loaded: string[] = [];
    initialize({ report: (url) => void loaded.push(url), hasOtherLoader: hasOtherLoader() });
    inThread({ resolve, load });
    loadedFiles = () => loaded.splice(0);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  const data = { port: port2, hasOtherLoader: hasOtherLoader() };
  nodeModule.register("./typescript-hooks.js", { parentURL: import.meta.url, data, transferList: [port2] });
  loadedFiles = () => {
    const urls: string[] = [];
    for (let one = receiveMessageOnPort(port1); one !== undefined; one = receiveMessageOnPort(port1))
      urls.push(String(one.message));
    return urls;
  };
}

function hasOtherLoader(): boolean {
  return [...process.execArgv, environmentVariable("NODE_OPTIONS") ?? ""].some((option) =>
    /[/\\](?:tsx|ts-node|@swc-node)[/\\]/.test(option),
  );
}

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

function isModuleOfUser(url: string): boolean {
  return /\.[cm]?[jt]s$/.test(new URL(url).pathname) && !fileURLToPath(url).startsWith(packageFolder);
}
