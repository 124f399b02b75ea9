/**
 * A kit for tests of agents, guides and optimizers: a scripted language model, errors of providers, a recording logger.
 * It needs no test runner.
 *
 * @module
 */
export { type ConformanceCase, type ConformanceOptions, policyConformance } from "./policy-conformance.ts";
export { httpError, networkError } from "./provider-errors.ts";
export { type LoggedValue, RecordingLogger } from "./recording-logger.ts";
export type { ScriptedCall } from "./scripted-model.ts";
export {
  type Script,
  type ScriptedFinish,
  type ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedReply,
  scriptedModel,
} from "./scripted-model.ts";
