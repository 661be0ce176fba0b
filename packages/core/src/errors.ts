/** What went wrong, for programs. The message says it to people. */
export type ErrorCode =
  /** The caller asked for something that cannot be: a wrong option or argument. */
  | "invalid-argument"
  /** A file, folder, key or session that should be there is not. */
  | "not-found"
  /** A file is there, but is not what it should be: truncated, of another format, inconsistent. */
  | "invalid-file"
  /** Refused for safety: code in a pickle, a path that leaves its root. */
  | "unsafe-file"
  /** Understood, and not something this version can do. */
  | "unsupported"
  /** Two things that must fit do not: shapes, names, types. */
  | "mismatch"
  /** A result is there already and may not be replaced. */
  | "already-exists"
  /** The device or execution provider that was asked for is not usable here. */
  | "device-unavailable"
  /** The runtime gave up: out of memory, an operator that refuses its input. */
  | "computation-failed"
  /** NaN or infinite numbers where a result needs finite ones: in an image, in weights, in what a network computes. */
  | "not-finite"
  /** The system refused a read or a write: permissions, a full disk. */
  | "io-failure";

/**
 * An error that a user can mend. The message names what was wrong, where (file, key, participant),
 * and what to do about it; it needs no stack trace beside it.
 */
export class VoxplainError extends Error {
  /** "VoxplainError". */
  override readonly name = "VoxplainError";
  /** What kind of trouble it is, for programs. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** True for an error of ours, of the given kind where one is given; holds across copies of this package. */
export function isVoxplainError(error: unknown, code?: ErrorCode): error is VoxplainError {
  return (
    error instanceof Error &&
    error.name === "VoxplainError" &&
    "code" in error &&
    (code === undefined || error.code === code)
  );
}
