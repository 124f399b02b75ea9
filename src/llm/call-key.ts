/**
 * What makes two calls the same call.
 *
 * @module
 */
import { fingerprint } from "../data/fingerprint.ts";
import type { ModelRequest } from "./model-request.ts";

/**
 * The key of a call that is made for the first time at its position. Settings that do not change the answer (retries, role,
 * signal) are no part of it.
 */
export function callKey(position: string, model: string, request: ModelRequest): string {
  const { model: _model, maxRetries: _retries, signal: _signal, role: _role, ...asked } = request;
  return fingerprint([position, model, asked]);
}
