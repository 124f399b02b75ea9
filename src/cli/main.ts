#!/usr/bin/env node
/**
 * The program `opto`.
 *
 * @module
 */
import { exitCodes } from "./command.ts";
import { runCli } from "./program.ts";

let couldPrint = true;
process.stderr.on("error", () => {});
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // When the reader of a pipe goes away (`opto list | head`), what is in progress continues.
  if (error.code === "EPIPE" || !couldPrint) return;
  couldPrint = false;
  process.stderr.write(`opto: the result is not complete, because standard output could not be written: ${error.message}\n`);
});

const code = await runCli(process.argv.slice(2), process.cwd());
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write("", resolve))));
// What the user's config has left open (a client, a pool of connections) must not hold the program.
process.exit(couldPrint || code !== exitCodes.done ? code : exitCodes.failed);
