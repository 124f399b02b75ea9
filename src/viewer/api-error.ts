/**
 * `RequestError`: a request that cannot be answered, with the status and the words that it is refused with.
 *
 * @module
 */

const statuses = {
  invalid: 400,
  forbidden: 403,
  "not-found": 404,
  "not-allowed": 405,
  conflict: 409,
  "too-large": 413,
  unreadable: 422,
  failed: 500,
} as const;

/** Why a request is refused. */
export type ErrorCode = keyof typeof statuses;

/** A request that is refused. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  /** Of HTTP. */
  get status(): number {
    return statuses[this.code];
  }
}
