/**
 * The family of errors that opto throws, and the rule that distinguishes an infrastructure failure from a program's failure.
 *
 * @module
 */
import { aboveRateLimit, refusesContent, refusesKey, refusesModel, refusesSpending } from "./data/account-refusal.ts";
import { clientOutage } from "./data/client-outages.ts";
import { type ErrorShape, errorChain } from "./data/error-shape.ts";

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
    try {
      return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
    } catch {
      // What throws when it is looked at is none of ours.
      return false;
    }
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
    return "a value that cannot be printed";
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

/** An optional package is not installed; the message names the command that installs it, and what else would help. */
export class MissingPackageError extends OptoError {
  constructor(
    packageName: string,
    purpose: string,
    { hint, ...options }: OptoErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(
      "missing-package",
      `${purpose} needs the package "${packageName}", which is not installed. Run: npm install ${packageName}${hint === undefined ? "" : `. ${hint}`}`,
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

/** Not one rollout could be scored: the agent failed on all of them. The message has the error; `cause` is what was thrown, where it is known. */
export class NothingScoredError extends OptoError {
  constructor(message: string, options?: OptoErrorOptions) {
    super("nothing-scored", message, options);
  }
}

/** The agent took longer for one example than `rollouts.timeoutMs` allows. It counts as if the agent had thrown. */
export class RolloutTimeoutError extends OptoError {
  constructor(message: string, options?: OptoErrorOptions) {
    super("rollout-timeout", message, options);
  }
}

/**
 * A guide or an optimizer asked a model, and nothing can be made of the answer: the provider refused this very prompt, or the reply could
 * not be read. It costs one example its score, or one proposal.
 */
export class UnusableAnswerError extends OptoError {
  constructor(message: string, options?: OptoErrorOptions) {
    super("unusable-answer", message, options);
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

/** Says of an error of the user's own clients whether it is an infrastructure failure. `false` leaves it to opto's own rule. */
export type InfrastructureRule = (error: unknown) => boolean;

let ruleOfRun: () => InfrastructureRule | undefined = () => undefined;

/** Where `isInfrastructureError` finds the rule that the user gave for the code that is running. Set once, by the scope. */
export function findInfrastructureRule(find: () => InfrastructureRule | undefined): void {
  ruleOfRun = find;
}

/**
 * True when `error` is not the program's fault: rate limit and 5xx after retries, authentication, quota, network,
 * timeout, abort, budget, missing set-up. Such an error never becomes an exception node and never a score.
 *
 * Told by the shape and the class of the error or of what caused it: the AI SDK, `fetch`, axios, node-fetch, AWS, gRPC, HTTP/2, TLS,
 * sockets, clients of databases and brokers, browsers. Inside a run, and an evaluation, the option `rollouts.isInfrastructure` adds to it.
 *
 * A request that a provider refuses as invalid (400, 413, 422: too long, malformed, filtered) is the program's fault, and so is one
 * refused for its content with another status (403, 451; 404 where no model takes such an input).
 */
export function isInfrastructureError(error: unknown): boolean {
  const rule = ruleOfRun();
  for (const shape of errorChain(error)) {
    const verdict = (rule !== undefined && holds(rule, shape.error)) || judge(shape);
    if (verdict !== undefined) return verdict;
  }
  return false;
}

/**
 * True when something is not set up (no model named, a wrong key, no price of a model, a package missing): no later attempt would do
 * better, so a run ends immediately. Also when the program wrapped the error in one of its own.
 */
export function isSetUpError(error: unknown): boolean {
  return setUpErrorIn(error) !== undefined;
}

/** The error that says what is not set up: `error` itself, or one that it was caused by. */
export function setUpErrorIn(error: unknown): OptoError | undefined {
  const shape = errorChain(error).find(({ error: link }) => OptoError.isInstance(link) && setUpCodes.has(link.code));
  return shape?.error as OptoError | undefined;
}

/** A rule that throws knows nothing of the error. */
function holds(rule: InfrastructureRule, error: unknown): true | undefined {
  try {
    return rule(error) === true || undefined;
  } catch {
    return undefined;
  }
}

const setUpCodes: ReadonlySet<string> = new Set(["configuration", "missing-package"]);
const infrastructureCodes: ReadonlySet<string> = new Set([...setUpCodes, "infrastructure", "unusable-answer", "stopped"]);
const infrastructureNames = new RegExp(
  [
    "AbortError|TimeoutError|GatewayAuthenticationError|GatewayError",
    "AI_(LoadAPIKey|LoadSetting|NoSuchModel|NoSuchProvider|UnsupportedModelVersion|EmptyResponseBody|InvalidResponseData)Error",
    // AWS answers many of these with status 400.
    "(Throttling|Throttled|ThrottledRequest|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown)(Exception|Error)?",
    "(ServiceUnavailable|InternalServer|InternalFailure|ModelNotReady|ServiceQuotaExceeded|Overloaded)(Exception|Error)?",
    "(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|AccessDenied)(Exception)?",
    "(Credentials|Token)ProviderError",
    // What Google calls it, as status or code.
    "UNAVAILABLE|RESOURCE_EXHAUSTED|DEADLINE_EXCEEDED|UNAUTHENTICATED|PERMISSION_DENIED",
    // What providers call it within a stream, where there is no status any more.
    "overloaded_error|server_error|api_error|internal_(?:server_)?error|rate_limit_error|timeout_error|service_unavailable(?:_error)?",
    "PrismaClientInitializationError|KafkaJSNumberOfRetriesExceeded|Functions(?:Fetch|Relay)Error",
  ]
    .map((names) => `^(?:${names})$`)
    .join("|"),
);
/** Classes and codes whose names say that something did not get through: `APIConnectionTimeoutError`, `ConnectionRefused`, `ReadTimeout`. */
const outageNames = new RegExp(
  [
    "(?:Time(?:d)?[oO]ut|Connections?|Connect|Network(?:ing)?|Socket|Client|Server)(?:Refused|Reset|Closed(?:Unexpectedly)?|Lost|Aborted|Terminated|Failed|Unavailable|Exceeded|Selection)(?:Error|Exception|Failure)?$",
    "(?:PoolCleared|InternalServer|(?:Service|GRPC)Unavailable)(?:Error|Exception)$",
    // Not what a program calls a connection that there is not: `NoFlightConnectionError`, `MissingSocketError`.
    "^(?!(?:No(?!Living|Connection|Network|Response)|Missing|Invalid|Unknown|Duplicate)[A-Z])\\w*(?:Time(?:d)?[oO]ut|Connections?|Connect|Network(?:ing)?|Socket)(?:Error|Exception|Failure)?$",
    "^(?:RateLimit(?:ed|Exceeded)?|Authentication(?:Failed)?|APIUserAbort|MaxRetriesPerRequest)(?:Error|Exception)$",
  ].join("|"),
);
const networkCode = new RegExp(
  [
    "E(CONNRESET|CONNREFUSED|CONNABORTED|NOTFOUND|AI_\\w+|TIMEDOUT|SOCKETTIMEDOUT|PIPE|PROTO|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|NETRESET|NOTCONN)",
    // Sockets, files, memory and disk that are used up.
    "E(ADDRNOTAVAIL|ADDRINUSE|AGAIN|MFILE|NFILE|NOBUFS|NOMEM|NOSPC|DQUOT)",
    "ERR_(NETWORK|CANCELED|STREAM_PREMATURE_CLOSE|HTTP_REQUEST_TIMEOUT|SOCKET_CLOSED|SOCKET_CONNECTION_TIMEOUT|TLS_\\w+|SSL_\\w+|HTTP2_(?!INVALID)\\w+)",
    // DNS, SQL Server, circuits that are open
    "E(TIMEOUT|SERVFAIL|SOCKET|CONNCLOSED|OPENBREAKER)",
    "UND_ERR_(?!INVALID|NOT_SUPPORTED|REQ_|RESPONSE$|RES_EXCEEDED|WS_MESSAGE)\\w+|PROTOCOL_CONNECTION_LOST|ER_(CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|LOCK_WAIT_TIMEOUT)|REQUEST_SEND_ERROR",
    // PostgreSQL: shut down. Prisma: not reachable, no free connection. SQLite: locked, no space.
    "57P0[1-5]|P10(?:0[128]|17)|P20(?:24|37)|SQLITE_(?:BUSY|LOCKED|FULL|IOERR)(?:_\\w+)?",
    "CERT_\\w+|CRL_\\w+|UNABLE_TO_\\w+|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|HOSTNAME_MISMATCH|INVALID_CA",
  ]
    .map((codes) => `^(?:${codes})$`)
    .join("|"),
);
/** PostgreSQL: no connection, no resources, the system, who may connect, what others hold. Elsewhere such a code may be anything, as a postcode. */
const sqlState = /^(?:08[0-9A-Z]{3}|53[0-9]{3}|58[0-9A-Z]{3}|28[0-9P]{3}|40001|40P01|55P03)$/;
/** Firebase: of Firestore, and of functions and others with a prefix. */
const firebaseCode =
  /^(?:[a-z]+\/)?(?:unavailable|deadline-exceeded|resource-exhausted|internal|aborted|network-request-failed|quota-exceeded)$/;
/** What `fetch` and its like throw with nothing else to tell it by. */
const outageMessage =
  /^(?:(?:fetch failed|failed to fetch|load failed|terminated|network error|socket hang up|connection error\.?|request timed out\.?|request was aborted\.?|mcp error -3200[01]:.*)$|connection (?:terminated|closed|lost)\b|client has encountered a connection error|timeout exceeded when trying to connect|unexpected server response: (?:429|5\d\d)\b|(?:LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN) )/i;
/** The clearest of these words at the end of what a program says of its own: `The search failed: fetch failed`. */
const wrappedOutage =
  /(?::|<no response>) (?:(?:TypeError|FetchError|Error|APIConnection(?:Timeout)?Error): ?)?(?:fetch failed|failed to fetch|socket hang up|connection error\.|request timed out\.|other side closed)$/i;
/** What browsers and those that drive them say: `page.goto: net::ERR_CONNECTION_REFUSED at http://x`. */
const browserMessage =
  /\bnet::ERR_(?:CONNECTION_\w+|NAME_\w+|TIMED_OUT|INTERNET_DISCONNECTED|ADDRESS_UNREACHABLE|NETWORK_\w+|PROXY_\w+|TUNNEL_\w+|SOCKET_\w+|SSL_\w+|CERT_\w+|EMPTY_RESPONSE|HTTP2_\w+|QUIC_\w+)/;
/** How Node words a failure of the system, where only the words were kept: `connect ECONNREFUSED 127.0.0.1:5432`. */
const systemMessage = /\b(?:connect|read|write|getaddrinfo|query[A-Z]+|bind|spawn|open) (?<code>E[A-Z_]{3,})\b/;
/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED */
const grpcOutages: ReadonlySet<number> = new Set([1, 2, 4, 7, 8, 10, 13, 14, 15, 16]);
const refusedAsInvalid: ReadonlySet<number> = new Set([400, 405, 411, 413, 414, 415, 422]);
/** Among them what a gateway answers when its own call has failed (421, 424), or when the client has gone (499). */
const refusedAsStranger: ReadonlySet<number> = new Set([401, 402, 403, 407, 408, 421, 424, 425, 429, 499]);

/** True or false when this very error decides, undefined when only its cause can tell. */
function judge(shape: ErrorShape): boolean | undefined {
  const { error, names, codes, status, grpcCode, message, texts, isFaultOfServer, isOfPostgres } = shape;
  if (OptoError.isInstance(error)) return infrastructureCodes.has(error.code) ? true : undefined;
  const ofClient = clientOutage(shape);
  if (ofClient !== undefined) return ofClient;
  if (names.some((name) => infrastructureNames.test(name)) || isFaultOfServer) return true;
  if (grpcCode !== undefined) return grpcOutages.has(grpcCode);
  if (codes.some((code) => networkCode.test(code) || (isOfPostgres && sqlState.test(code)))) return true;
  if (names.includes("FirebaseError") && codes.some((code) => firebaseCode.test(code))) return true;
  if (refusesContent(shape)) return false;
  if (status === 429 && aboveRateLimit([...texts, ...codes]) !== undefined) return false;
  if (status !== undefined && (status >= 500 || refusedAsStranger.has(status) || complainsAboutAccount(shape))) return true;
  if (status === undefined && refusesKey(shape)) return true;
  // A provider's call that got no status never reached the model, and one with status 200 failed on the way back.
  if (names.includes("AI_APICallError")) return status === undefined || !refusedAsInvalid.has(status);
  // A tool of the program that asks for what is not there (404, 410) is the program's fault.
  if (status !== undefined && status >= 400) return false;
  if ([outageMessage, wrappedOutage, browserMessage].some((words) => words.test(message))) return true;
  if (networkCode.test(systemMessage.exec(message)?.groups?.code ?? "")) return true;
  return [...names, ...codes].some((name) => outageNames.test(name) || infrastructureNames.test(name)) || undefined;
}

/** Some providers answer 400 to a wrong key, an empty account or an unknown model. */
function complainsAboutAccount(shape: ErrorShape): boolean {
  if (refusesKey(shape) || refusesSpending(shape) || refusesModel(shape)) return true;
  return shape.words.some((text) => /location is not supported/i.test(text));
}

/** A proposal that failed because the model refused the prompt or its reply could not be read. Another prompt may be answered. */
export class NoProposalError extends UnusableAnswerError {
  /** In a few words; may hold what the provider wrote. */
  readonly reason: string;

  constructor(reason: string, options?: OptoErrorOptions) {
    super(`The optimizer got no usable answer from its model: ${reason}`, options);
    this.reason = reason;
  }
}
