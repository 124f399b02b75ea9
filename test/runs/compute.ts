/**
 * A training run of an agent that only computes, for tests of what else lives in its process: a timer, a server, signals. The
 * options of `train` come as JSON in the first argument; what is printed is JSON, a line each.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { model, parameter, range, TPE, train } from "opto";

const { signalMs, ...options } = JSON.parse(process.argv[2] ?? "{}") as Record<string, never> & { signalMs?: number };
const print = (line: object): void => console.log(JSON.stringify(line));

/** Whether a rollout has begun, so that the run listens for signals. */
let hasBegun = false;
const agent = model({ a: parameter(0, { domain: range(0, 9, { integer: true }) }) }, ({ a }, x: number) => {
  hasBegun = true;
  let sum = a.value;
  for (let operation = 0; operation < 3_000_000; operation++) sum = (sum + operation * x) | 0;
  return sum;
});
let ticks = 0;
const timer = setInterval(() => {
  if (hasBegun && ++ticks === 3) print({ ticked: ticks });
}, 20);
const server = createServer((_request, response) => response.end(String(ticks)));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
print({ port: (server.address() as AddressInfo).port });

const outcome = await train({
  agent,
  trainDataset: Array.from({ length: 50 }, (_, input) => ({ input, info: input })),
  guide: (_x, y) => y % 1000,
  optimizer: new TPE(agent, { seed: 1 }),
  batchSize: 10,
  logger: [],
  ...options,
  run: { id: "compute", ...(options.run as object | undefined) },
  ...(signalMs === undefined ? {} : { signal: AbortSignal.timeout(signalMs) }),
}).catch((error: unknown) => ({ stopReason: (error as Error).name }));
clearInterval(timer);
server.close();
server.closeAllConnections();
print(outcome);
if (outcome.stopReason === "interrupted") process.exitCode = 130;
