/**
 * A folder of files as rows: the rows of its data files, or each file as one row.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { PlacedRow, ReadRowsOptions } from "./placed-row.ts";
import { hasRows, readRows } from "./read-rows.ts";
import { readText } from "./read-text.ts";

/**
 * Reads a folder and the folders in it, in order of the paths; hidden files are left out. Where all files are data files, their rows are read;
 * else each file is a row: its `text`, its `name`, its `path` in the folder, and the `folder` that it is in, which is `null` for the folder itself.
 *
 * @throws InvalidArgumentError for a file that cannot be read, or is not text
 */
export async function* readFolder(folder: string, options: ReadRowsOptions): AsyncGenerator<PlacedRow, void, undefined> {
  const { delimiter, ...reading } = options;
  const paths = await filesBelow(folder);
  const isData = paths.every(hasRows);
  for (const path of paths) {
    if (isData) {
      const isSeparated = /\.[ct]sv$/i.test(path);
      yield* readRows(path, isSeparated ? options : reading);
      continue;
    }
    let text = "";
    for await (const piece of readText(path, reading)) text += piece;
    const within = relative(folder, path).split(sep).join("/");
    const parent = dirname(within);
    yield { place: path, row: { text, name: basename(path), path: within, folder: parent === "." ? null : parent } };
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith("."));
  const nested = await Promise.all(
    visible.map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    }),
  );
  return nested.flat().sort();
}
