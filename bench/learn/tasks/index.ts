/**
 * Every task by its id. Another task is one more file, and one more name here.
 *
 * @module
 */
import { code } from "./code.ts";
import { dates } from "./dates.ts";
import { mailFilter } from "./mail-filter.ts";
import { navigate } from "./navigate.ts";
import { numerical } from "./numerical.ts";
import { pipeline } from "./pipeline.ts";
import { reuters } from "./reuters.ts";
import { snips } from "./snips.ts";
import type { AnyTask } from "./task.ts";
import { tools } from "./tools.ts";

export const tasks: ReadonlyMap<string, AnyTask> = new Map(
  [snips, reuters, dates, navigate, mailFilter, pipeline, tools, code, numerical].map((task) => [task.id, task]),
);
