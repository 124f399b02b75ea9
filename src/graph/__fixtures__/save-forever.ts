/**
 * Saves an agent over and over, saying before each time which version comes next, until it is killed.
 *
 * @module
 */
import { model } from "../module.ts";
import { parameter } from "../parameter.ts";

const [, , path = ""] = process.argv;
const agent = model({ version: parameter(0), padding: parameter("") }, () => 0);

for (let version = 0; ; version++) {
  agent.apply({ version, padding: String(version).repeat(2_000_000) });
  process.stdout.write(`${version}\n`);
  await agent.save(path);
}
