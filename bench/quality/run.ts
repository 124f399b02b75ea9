/**
 * What three engines buy over the simplest version of each: `npx tsx bench/quality/run.ts [pacing | prompts | sources]`.
 *
 * @module
 */
import { pacing } from "./pacing.ts";
import { prompts } from "./prompts.ts";
import { sources } from "./sources.ts";

const measurements: Readonly<Record<string, () => Promise<void>>> = { pacing, prompts, sources };

const [only] = process.argv.slice(2);
for (const [name, measure] of Object.entries(measurements)) {
  if (only !== undefined && only !== name) continue;
  console.log(`\n## ${name}\n`);
  await measure();
}
