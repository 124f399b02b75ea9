/**
 * The family of errors that opto throws, and the rule that tells an infrastructure failure from a program's failure.
 *
 * @module
 */

const marker = Symbol.for("opto.error");

/** What every opto error can be built with besides its message. */
export interface OptoErrorOptions {
  readonly cause?: unknown;
}

/**
 * Base of every error that opto throws on purpose.
 *
 * `code` is stable and meant for programs; `message` says what was expected and what came.
 */
export class OptoError extends Error {
  static {
    Object.defineProperty(OptoError.prototype, marker, { value: true });
  }

  readonly code: string;

  constructor(code: string, message: string, options: OptoErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.name = new.target.name;
  }

  /** True for any error of this family, also one made by another copy of the package or in another realm. */
  static isInstance(value: unknown): value is OptoError {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }

  /** Name, code and message, for `JSON.stringify`. */
  toJSON(): { name: string; code: string; message: string } {
    return { name: this.name, code: this.code, message: this.message };
  }
}

/** What an error is called in an event or a file: its name and message. Never throws, whatever was thrown. */
export function errorText(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return "something that has no text";
  }
}

/** A bad option or argument: thrown before anything is done. */
export class InvalidArgumentError extends OptoError {
  constructor(message: string, options?: OptoErrorOptions) {
    super("invalid-argument", message, options);
  }
}

/** Misuse of nodes, modules or scopes. */
export class GraphError extends OptoError {
  constructor(message: string, options?: OptoErrorOptions) {
    super("graph", message, options);
  }
}

/** A language model answered, but the answer could not be used. Carries the answer. */
export class OutputParseError extends OptoError {
  readonly text: string;

  constructor(message: string, text: string, options?: OptoErrorOptions) {
    super("output-parse", message, options);
    this.text = text;
  }
}

/** A guide threw: a bug in the evaluation, never a score. The message names the example. */
export class GuideError extends OptoError {
  constructor(message: string, options?: OptoErrorOptions) {
    super("guide", message, options);
  }
}

/** A saved file is missing, damaged, or of a kind or version that this program does not read. */
export class CheckpointError extends OptoError {
  constructor(message: string, options?: OptoErrorOptions) {
    super("checkpoint", message, options);
  }
}

/** Something the run needs is not set up: no model named, a key missing, a setting out of place. */
export class ConfigurationError extends OptoError {
  constructor(message: string, options?: OptoErrorOptions) {
    super("configuration", message, options);
  }
}

/** An optional package is not installed; the message names the command that installs it. */
export class MissingPackageError extends OptoError {
  constructor(packageName: string, purpose: string, options?: OptoErrorOptions) {
    super(
      "missing-package",
      `${purpose} needs the package "${packageName}", which is not installed. Run: npm install ${packageName}`,
      options,
    );
  }
}

/** Something outside the program failed: every rollout of a step, a judge whose verdict is unusable, a reply broken off. `cause` says more. */
export class InfrastructureError extends OptoError {
  constructor(message: string, options?: OptoErrorOptions) {
    super("infrastructure", message, options);
  }
}

/** Why a run ends before its last epoch and can be continued. `storage`: its own files could not be written. */
export type StopCause = "budget" | "quota" | "interrupted" | "deadline" | "storage";

/** A run must end here and can be continued: a budget or quota is spent, someone pressed Ctrl-C, time is up. Never a score. */
export class StopError extends OptoError {
  readonly reason: StopCause;

  constructor(reason: StopCause, message: string, options?: OptoErrorOptions) {
    super("stopped", message, options);
    this.reason = reason;
  }
}

/**
 * True when `error` is not the program's fault: rate limit and 5xx after retries, authentication, quota, network,
 * timeout, abort, budget, missing set-up. Such an error never becomes an exception node and never a score.
 *
 * A request that a provider refuses as invalid (400, 413, 422: too long, malformed, filtered) is the program's fault.
 */
export function isInfrastructureError(error: unknown): boolean {
  const seen = new Set<unknown>();
  for (let current = error; typeof current === "object" && current !== null && !seen.has(current); ) {
    seen.add(current);
    const verdict = judge(current as ErrorLike);
    if (verdict !== undefined) return verdict;
    current = (current as ErrorLike).lastError ?? (current as ErrorLike).cause;
  }
  return false;
}

/**
 * True when something is not set up (no model named, no price of it, a package missing): no later attempt would do better, so
 * a run ends at once.
 */
export function isSetUpError(error: unknown): boolean {
  return OptoError.isInstance(error) && (error.code === "configuration" || error.code === "missing-package");
}

interface ErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly response?: unknown;
  readonly data?: unknown;
  readonly message?: unknown;
  readonly lastError?: unknown;
  readonly cause?: unknown;
}

const infrastructureCodes = new Set(["configuration", "missing-package", "infrastructure", "stopped"]);
const infrastructureNames = new Set([
  "AbortError",
  "TimeoutError",
  "AI_LoadAPIKeyError",
  "AI_LoadSettingError",
  "AI_NoSuchModelError",
  "AI_NoSuchProviderError",
  "AI_UnsupportedModelVersionError",
  "AI_EmptyResponseBodyError",
  "AI_InvalidResponseDataError",
  "GatewayAuthenticationError",
  "GatewayError",
]);
const networkCode =
  /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ERR_TLS.*|UND_ERR_.*|CERT_.*|DEPTH_ZERO_SELF_SIGNED_CERT)$/;
const refusedAsInvalid = new Set([400, 405, 411, 413, 414, 415, 422]);
const refusedAsStranger = new Set([401, 402, 403, 407, 408, 425, 429]);

/** True or false when this very error decides, undefined when only its cause can tell. */
function judge(error: ErrorLike): boolean | undefined {
  if (OptoError.isInstance(error)) return infrastructureCodes.has(error.code) ? true : undefined;
  if (typeof error.name === "string" && infrastructureNames.has(error.name)) return true;
  if (typeof error.code === "string" && networkCode.test(error.code)) return true;
  const status = httpStatus(error);
  if (status !== undefined && (status >= 500 || refusedAsStranger.has(status) || complainsAboutAccount(error))) return true;
  // A provider's call that got no status never reached the model, and one with status 200 failed on the way back.
  if (error.name === "AI_APICallError") return status === undefined || !refusedAsInvalid.has(status);
  // A tool of the program that asks for what is not there (404, 410) is the program's fault.
  return status !== undefined && status >= 400 ? false : undefined;
}

function httpStatus(error: ErrorLike): number | undefined {
  const response = error.response as { status?: unknown } | null | undefined;
  for (const value of [error.statusCode, error.status, response?.status]) {
    if (typeof value === "number" && value >= 100 && value < 600) return value;
  }
  return undefined;
}

/** Some providers answer 400 to a wrong key, an empty account or an unknown model. */
function complainsAboutAccount(error: ErrorLike): boolean {
  const body = error.data as { error?: { code?: unknown; type?: unknown } | null } | null | undefined;
  const codes = [error.code, body?.error?.code, body?.error?.type];
  return (
    codes.some((code) => /^(invalid_api_key|insufficient_quota|billing_.*|model_not_found)$/.test(String(code))) ||
    /api[ _-]?key (is )?(not valid|invalid|expired)|(invalid|incorrect) api[ _-]?key|credit balance is too low|location is not supported/i.test(
      String(error.message),
    )
  );
}
