/**
 * How long the import of a module takes in a process that has imported nothing yet, and the memory it is resident in afterwards.
 *
 * @module
 */
const { file } = JSON.parse(process.argv[2]);
const started = performance.now();
await import(file);
const value = performance.now() - started;
gc();
process.stdout.write(`\n@@RESULT ${JSON.stringify({ value, rss: process.memoryUsage.rss() / 1e6 })}\n`, () => process.exit(0));
