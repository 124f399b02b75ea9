/**
 * What the conformance tests share: rows of a table, what a parameter hears, and how failures are caught.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExecutionError, Module, type Node, type Parameter, parameter, type TraceGraph } from "opto/graph";
import { expect } from "vitest";
import { thrownBy } from "./nodes.ts";

/** A row of the conformance table, or a trap: its number and what holds, and the check. */
export type Row = readonly [title: string, check: () => unknown];

export const values = (nodes: Iterable<Node>): unknown[] => Array.from(nodes, (each) => each.value);
export const names = (nodes: readonly Node[]): string[] => nodes.map(({ name }) => name);
export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function failureOf(run: () => unknown): ExecutionError {
  const error = thrownBy(run);
  expect(error).toBeInstanceOf(ExecutionError);
  return error as ExecutionError;
}

export async function rejectionOf(promise: Promise<unknown>): Promise<ExecutionError> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ExecutionError);
  return error as ExecutionError;
}

/** The nodes that a parameter hears of, and the words of each target. */
export function heard(
  gradient: ReadonlyMap<Parameter, TraceGraph>,
  by: Parameter<never> | Parameter,
): { nodes: readonly Node[]; words: string[] } {
  const graph = gradient.get(by as Parameter);
  return { nodes: graph?.nodes ?? [], words: graph?.targets.map(({ feedback }) => feedback.feedback) ?? [] };
}

/** Adds a parameter of 10 and the number of calls before. */
export class Counter extends Module<number, number> {
  readonly p: Parameter<number> = parameter(10, { name: "p" });
  count = 0;
  override forward(x: number): number {
    this.count += 1;
    return x + this.p.value + this.count - 1;
  }
}

/** `check` with a folder of its own, which is gone afterwards. */
export function inFolder(check: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), "opto-conformance-"));
    try {
      await check(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  };
}
