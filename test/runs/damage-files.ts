/**
 * What a loss of power can do to the files of a run: cut them anywhere, undo the last rename, leave zeros at its end or in its middle.
 *
 * @module
 */
import { copyFile, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "opto/data";

const kinds = ["cut", "undo rename", "no checkpoint", "zeros at the end", "zeros in the middle", "two at once"] as const;

/** Damages the files of a run in one way; gives what was done, for people. */
export async function damageFiles(folder: string, random: Random): Promise<string> {
  const files = (await readdir(folder).catch(() => [])).filter((name) => name !== "run.json" && name !== "lock.json");
  // Killed before there was anything.
  if (files.length === 0) return "nothing";
  const kind = random.choice(kinds);
  if (kind === "undo rename") {
    await copyFile(join(folder, "checkpoint.previous.json"), join(folder, "checkpoint.json")).catch(() => {});
    return kind;
  }
  if (kind === "no checkpoint") {
    await rm(join(folder, "checkpoint.json"), { force: true });
    return kind;
  }
  const cut: string[] = [];
  for (let count = kind === "two at once" ? 2 : 1; count > 0; count--) {
    const path = join(folder, random.choice(files));
    const bytes = await readFile(path);
    const kept = random.integer(0, bytes.length);
    if (kind === "zeros at the end")
      await writeFile(path, Buffer.concat([bytes.subarray(0, kept), Buffer.alloc(bytes.length - kept)]));
    else if (kind === "zeros in the middle")
      await writeFile(path, bytes.fill(0, kept, Math.min(kept + random.integer(1, 300), bytes.length - 1)));
    else await truncate(path, kept);
    cut.push(`${path.slice(folder.length + 1)} at ${kept} of ${bytes.length}`);
  }
  return `${kind}: ${cut.join(", ")}`;
}
