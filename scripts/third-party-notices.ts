/**
 * `thirdPartyNotices`: the licences of the packages whose code is part of a bundle, which their licences want beside every copy.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const licenceFile = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/**
 * A text with the name, the version, and the licence of each package, in the order of their names.
 *
 * @param files the files of the bundle, as esbuild lists them
 * @throws Error for a package without a file of its licence
 */
export function thirdPartyNotices(files: readonly string[]): string {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []));
  return [...folders]
    .map(noticeOf)
    .sort()
    .join(`\n${"-".repeat(80)}\n\n`);
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>;
  const texts = readdirSync(folder)
    .filter((file) => licenceFile.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  if (texts.length === 0)
    throw new Error(`Expected a file LICENSE in ${folder}, whose code is part of the page: its licence has to ship with it`);
  return `${name} ${version} (${license})\n\n${texts.join("\n\n")}\n`;
}
