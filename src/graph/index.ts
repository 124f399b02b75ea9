/**
 * The graph: nodes, parameters, traced operations, modules, and feedback carried backward.
 *
 * @module
 */
export { CodeError } from "../code/code-error.ts";
export type { CodeTools } from "../code/guest-call.ts";
export type { CodeLimits } from "../code/limits.ts";
export { loadSandbox } from "../code/sandbox.ts";
export type { Feedback } from "../data/feedback.ts";
export type { Traceable } from "./arguments.ts";
export { type BackwardOptions, backward, type Gradient } from "./backward.ts";
export {
  type Bundled,
  type BundleOptions,
  bundle,
  type Traced,
  type TracedResult,
  type TrainableBundleOptions,
  type TrainableCode,
  type Unwrapped,
} from "./bundle.ts";
export { type ChoicesDomain, choices, type Domain, type RangeDomain, range, type SubsetDomain, subset } from "./domain.ts";
export { ExecutionError } from "./execution-error.ts";
export { type GraphJson, graphFromJson, graphToJson, type NodeJson } from "./graph-json.ts";
export type { NodeKind, Operation } from "./graph-node.ts";
export { isModule, type LoadOptions, type Model, Module, model, type ValuesOf } from "./module.ts";
export { isNode, Node, type NodeOptions, node } from "./node.ts";
export * as operators from "./operators.ts";
export {
  isParameter,
  type OriginRecord,
  Parameter,
  type ParameterOptions,
  type ParameterOrigin,
  parameter,
} from "./parameter.ts";
export { namedParameters, type ParameterOwner } from "./parameter-names.ts";
export { atPosition, currentRun, noTrace, type RunContext } from "./scope.ts";
export { text } from "./text.ts";
export { type TargetFeedback, TraceGraph } from "./trace-graph.ts";
export { type CodeOptions, CodeParameter, isCodeParameter } from "./trainable-code.ts";
export { type Candidate, withValues } from "./with-values.ts";
