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

/** What an error is about, for programs; its message has all of it, for people. */
export interface ErrorFields extends ErrorOptions {
  /** The file, as a path that the user can find: with the folder that was opened. */
  readonly file?: string | undefined;
  /** Whose image: "sub-01 ses-M00", or the name of a loose image. */
  readonly session?: string | undefined;
  /** What was needed: a shape, a type, a list of names. */
  readonly expected?: string | undefined;
  /** What was there instead, in the words of `expected`. */
  readonly found?: string | undefined;
  /** What the user can do: an instruction without a full stop. */
  readonly hint?: string | undefined;
  /** The single errors, where this one reports several at once. */
  readonly problems?: readonly VoxplainError[] | undefined;
}

/**
 * An error that a user can correct. Its message is made here, of the problem and the fields:
 * "session: file: problem: expected …, found …; hint". It needs no stack trace beside it.
 */
export class VoxplainError extends Error {
  /** "VoxplainError". */
  override readonly name = "VoxplainError";
  /** What kind of trouble it is, for programs. */
  readonly code: ErrorCode;
  /** What is wrong, without the place and the hint. */
  readonly problem: string;
  /** See {@link ErrorFields}. */
  readonly file: string | undefined;
  /** See {@link ErrorFields}. */
  readonly session: string | undefined;
  /** See {@link ErrorFields}. */
  readonly expected: string | undefined;
  /** See {@link ErrorFields}. */
  readonly found: string | undefined;
  /** See {@link ErrorFields}. */
  readonly hint: string | undefined;
  /** See {@link ErrorFields}. */
  readonly problems: readonly VoxplainError[] | undefined;

  constructor(code: ErrorCode, problem: string, fields: ErrorFields = {}) {
    super(messageOf(problem, fields), fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.problem = problem;
    this.file = fields.file;
    this.session = fields.session;
    this.expected = fields.expected;
    this.found = fields.found;
    this.hint = fields.hint;
    this.problems = fields.problems;
  }
}

/** The one sentence that is made of an error's fields. */
function messageOf(problem: string, { session, file, expected, found, hint }: ErrorFields): string {
  const place = [session, file].flatMap((part) => (part === undefined ? [] : [`${part}: `])).join("");
  const compared = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(found === undefined ? [] : [`found ${found}`]),
  ];
  const what = compared.length === 0 ? problem : `${problem}: ${compared.join(", ")}`;
  return `${place}${what}${hint === undefined ? "" : `; ${hint}`}`;
}

/**
 * The same error with its place: fields that it does not have yet are added, those that it has stay.
 * Whoever knows the file or the session of an error that arose below adds them with this.
 */
export function errorAt(
  error: VoxplainError,
  place: Pick<ErrorFields, "file" | "session" | "hint">,
): VoxplainError {
  const { code, problem, file, session, expected, found, hint, problems } = error;
  const known = { file, session, expected, found, hint, problems };
  const own = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return new VoxplainError(code, problem, { ...place, ...own, cause: error });
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
