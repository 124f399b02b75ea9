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

/**
 * The model of one role. Its name does not depend on where the proxy is, so that recorded answers are found again.
 *
 * @param supportsStructuredOutputs whether the server is sent the schemas of replies
 */
export function modelOf(open: OpenCell, role: CallRole, supportsStructuredOutputs = false): ModelLike {
  const baseURL = open.urlFor(role);
  return createOpenAICompatible({ name: "benchmark", baseURL, fetch: patientFetch, supportsStructuredOutputs })(
    role,
  ) as ModelLike;
}
