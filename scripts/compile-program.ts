/**
 * TypeScript programs as plain JavaScript: a process that loads TypeScript itself takes several times as long to start.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { buildSync } from "esbuild";

/**
 * Compiles a program with the files that it imports; packages, and `opto` is one, are imported as users import them.
 *
 * @returns the path of the compiled program. It lies in the package, so that `opto` means this package.
 */
export function compileProgram(file: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    tsconfig: "tsconfig.build.json",
    outdir: ".cache/programs",
    sourcemap: "inline",
    write: false,
  });
  const { text = "" } = outputFiles[0] ?? {};
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const folder = resolve(".cache/programs", hash);
  mkdirSync(folder, { recursive: true });
  const path = resolve(folder, basename(file).replace(/\.ts$/, ".js"));
  // Several processes may compile the same program, and none may run half of it.
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
  return path;
}
