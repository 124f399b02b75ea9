/**
 * The tensor that searches are compared over: a file, the one of the benchmark, or a simulated one.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readTensor, type Tensor } from "./tensor.ts";
import { toyTensor } from "./toy-tensor.ts";

/** The tensor that comes with the benchmark, once one was made. */
const ownTensor = fileURLToPath(new URL("tensor.json", import.meta.url));

/** @throws Error when there is no tensor yet */
export async function chosenTensor(path: string | undefined): Promise<Tensor> {
  if (path === "toy") return toyTensor({ seed: 0, numPrompts: 200, numExamples: 300, numSamples: 3 });
  if (path === undefined && !existsSync(ownTensor)) {
    throw new Error(
      "There is no tensor yet. Make one with `npx tsx bench/learn/make-tensor.ts`, or pass --tensor toy for a simulated one",
    );
  }
  return readTensor(path ?? ownTensor);
}

/** What runs over the tensor are of: its content and the version of opto. Runs of another tensor, or of another version, are other runs. */
export function tensorIdentity(path: string | undefined): string {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string };
  const content =
    path === "toy"
      ? path
      : createHash("sha256")
          .update(readFileSync(path ?? ownTensor))
          .digest("hex");
  return `${content}, opto ${version}`;
}
