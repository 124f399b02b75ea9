/**
 * Errors as plain JSON and back, so that a failure means the same in the process that asked for the work.
 *
 * @module
 */
import { errorChain } from "../data/error-shape.ts";
import { isJsonValue, type JsonValue } from "../data/json.ts";
import {
  ConfigurationError,
  GraphError,
  GuideError,
  InfrastructureError,
  InvalidArgumentError,
  OptoError,
  type OptoErrorOptions,
  RolloutTimeoutError,
  type StopCause,
  StopError,
  UnusableAnswerError,
} from "../errors.ts";
import { redactText } from "../llm/redact-secrets.ts";

/** An error without its stack and without keys. */
export interface WrittenError {
  readonly name: string;
  readonly message: string;
  /** Whether it belongs to the family of opto's own errors. */
  readonly isOwn: boolean;
  /** What tells failures apart: codes, the status of a reply, the body of it. */
  readonly fields: { readonly [name: string]: JsonValue };
  readonly cause?: WrittenError;
}

/** The error and what it was caused by. What was thrown and is no error is written as one with its text. */
export function writeError(error: unknown): WrittenError {
  const chain = errorChain(error);
  if (chain.length === 0) return { name: "Error", message: redactText(String(error)), isOwn: false, fields: {} };
  const [first, ...causes] = chain.map(({ error: link, names, message, status }): Omit<WrittenError, "cause"> => {
    const fields = fieldNames.flatMap((name) => {
      const value = read(link, name);
      return isJsonValue(value) ? [[name, redacted(value)] as const] : [];
    });
    return {
      name: names[0] ?? "Error",
      message: redactText(message),
      isOwn: OptoError.isInstance(link),
      fields: { ...Object.fromEntries(fields), ...(status === undefined ? {} : { statusCode: status }) },
    };
  });
  const cause = causes.reduceRight<WrittenError | undefined>(
    (inner, link) => (inner === undefined ? link : { ...link, cause: inner }),
    undefined,
  );
  return { ...(first as WrittenError), ...(cause === undefined ? {} : { cause }) };
}

/** An error that is told apart as the one that was written is: by its class among opto's own, else by its name and fields. */
export function readError({ name, message, isOwn, fields, cause }: WrittenError): Error {
  const options = cause === undefined ? {} : { cause: readError(cause) };
  const error = isOwn ? ownError(String(fields.code), message, fields, options) : new Error(message, options);
  for (const [field, value] of Object.entries({ ...fields, name })) {
    Object.defineProperty(error, field, { value, writable: true, configurable: true, enumerable: field !== "name" });
  }
  return error;
}

/** What `errorChain` looks at, as far as it is data. */
const fieldNames = [
  "code",
  "reason",
  "status",
  "type",
  "details",
  "data",
  "responseBody",
  "url",
  "$retryable",
  "$fault",
] as const;

const ownClasses: Readonly<Record<string, new (message: string, options?: OptoErrorOptions) => OptoError>> = {
  "invalid-argument": InvalidArgumentError,
  "rollout-timeout": RolloutTimeoutError,
  "unusable-answer": UnusableAnswerError,
  configuration: ConfigurationError,
  infrastructure: InfrastructureError,
  graph: GraphError,
  guide: GuideError,
};

function ownError(code: string, message: string, fields: WrittenError["fields"], options: OptoErrorOptions): OptoError {
  if (code === "stopped") return new StopError(fields.reason as StopCause, message, options);
  const Class = Object.hasOwn(ownClasses, code) ? ownClasses[code] : undefined;
  return Class === undefined ? new OptoError(code, message, options) : new Class(message, options);
}

function redacted(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === "string" ? redactText(inner) : inner,
  ) as JsonValue;
}

function read(owner: object, key: string): unknown {
  try {
    return (owner as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}
