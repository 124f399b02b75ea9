/**
 * The models of a cell as opto sees them: addresses of the proxy.
 *
 * @module
 */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { ModelLike } from "opto";
import type { OpenCell } from "./proxy/call-proxy.ts";
import { patientFetch } from "./proxy/patient-fetch.ts";
import type { CallRole } from "./proxy/spending.ts";

/** The model of one role. Its name does not depend on where the proxy is, so that recorded answers are found again. */
export function modelOf(open: OpenCell, role: CallRole): ModelLike {
  return createOpenAICompatible({ name: "benchmark", baseURL: open.urlFor(role), fetch: patientFetch })(role) as ModelLike;
}
