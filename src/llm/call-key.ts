/**
 * What makes two calls the same call.
 *
 * @module
 */
import { fingerprint } from "../data/fingerprint.ts";
import type { GateRequest } from "./model-request.ts";

/**
 * The key of a call that is made for the first time at its position. Settings that do not change the answer (retries, role,
 * signal) are no part of it, nor are headers, which hold keys, versions, and the numbers of traces.
 */
export function callKey(position: string, model: string, request: GateRequest): string {
  const { model: _model, maxRetries: _retries, signal: _signal, role: _role, headers: _headers, direct, ...asked } = request;
  if (direct === undefined) return fingerprint([position, model, asked]);
  const { headers: _own, ...options } = direct.options;
  return fingerprint([position, model, { kind: direct.kind, options }]);
}
