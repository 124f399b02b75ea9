/**
 * `ValuesOf`: the values of an agent's parameters, typed by the agent.
 *
 * @module
 */
import type { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import type { Candidate } from "./with-values.ts";

/**
 * The values of an agent's parameters by dotted path, as far as its type tells: those in its own fields and in those of nested
 * modules. Others have any value; of a single parameter the path is not known.
 *
 * @example
 * type Values = ValuesOf<typeof agent>; // { prompt: string; "tool.limit": number } and others
 */
export type ValuesOf<Agent> = Agent extends Module<never, unknown> ? Flat<FieldsOf<Agent>> & Candidate : Candidate;

/** Paths with their values, from the fields of a module; modules within modules down to the third level. */
type FieldsOf<Agent, Depth extends readonly unknown[] = []> = {
  [Name in OwnNames<Agent>]: Agent[Name] extends Parameter<infer Value>
    ? { readonly [Path in Name]: Value }
    : Depth["length"] extends 2
      ? never
      : Prefixed<Name, FieldsOf<Agent[Name], [...Depth, unknown]>>;
}[OwnNames<Agent>];

/** The fields that hold a parameter or a module. */
type OwnNames<Agent> = {
  [Name in keyof Agent & string]: Agent[Name] extends Parameter<infer _> | Module<never, unknown> ? Name : never;
}[keyof Agent & string];

type Prefixed<Prefix extends string, Fields> = Fields extends unknown
  ? { readonly [Path in keyof Fields & string as `${Prefix}.${Path}`]: Fields[Path] }
  : never;

/** One object of a union of objects. */
type Flat<Fields> = [Fields] extends [never]
  ? unknown
  : (Fields extends unknown ? (fields: Fields) => void : never) extends (fields: infer All) => void
    ? All
    : never;
