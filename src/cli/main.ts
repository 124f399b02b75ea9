#!/usr/bin/env node
/**
 * The program `opto`.
 *
 * @module
 */
import { runCli } from "./run-cli.ts";

// When the reader of a pipe goes away (`opto list | head`), what is under way goes on.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const code = await runCli(process.argv.slice(2), process.cwd());
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write("", resolve))));
// What the user's config has left open (a client, a pool of connections) must not hold the program.
process.exit(code);
