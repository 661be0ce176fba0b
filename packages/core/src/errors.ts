import { withEscapes } from "./text.ts";

/** What went wrong, for programs; the message is for people. */
export type ErrorCode =
  /** An option, an argument or a combination of them cannot be used. */
  | "invalid-argument"
  /** A file, folder, key or session does not exist. */
  | "not-found"
  /** A file exists, but is truncated, damaged, inconsistent or of another format. */
  | "invalid-file"
  /** Refused for safety: code in a pickle, or a path that leaves its folder. */
  | "unsafe-file"
  /** The file or request is valid, but not supported by this version. */
  | "unsupported"
  /** Two things do not fit each other: shapes, names, types. */
  | "mismatch"
  /** The result exists already and may not be replaced. */
  | "already-exists"
  /** The requested device or execution provider cannot be used on this machine. */
  | "device-unavailable"
  /** The runtime failed: out of memory, or an operator rejected its input. */
  | "computation-failed"
  /** NaN or infinite values in an image, in weights or in the output of a network. */
  | "not-finite"
  /** The system refused to read or write: permissions, a full disk. */
  | "io-failure";

/** The parts of an error's message, for programs. */
export interface ErrorFields extends ErrorOptions {
  /** The file, as a path that the user can find: with the folder that was opened. */
  readonly file?: string | undefined;
  /** Whose image: "sub-01 ses-M00", or the name of a loose image. */
  readonly session?: string | undefined;
  /** What was needed: a shape, a type, a list of names. */
  readonly expected?: string | undefined;
  /** What was found instead, in the words of `expected`. */
  readonly found?: string | undefined;
  /** What the user can do: an instruction without a full stop. */
  readonly hint?: string | undefined;
  /** The single errors, where this one reports several at once. */
  readonly problems?: readonly VoxplainError[] | undefined;
  /**
   * Whether line breaks in the problem separate lines of the message, each of which was made for it. Otherwise they belong to a name in
   * a file, and are escaped. Default: false.
   */
  readonly hasLines?: boolean | undefined;
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
  /** See {@link ErrorFields}. */
  readonly hasLines: boolean;

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
    this.hasLines = fields.hasLines === true;
  }
}

/** The one sentence that is made of an error's fields. */
function messageOf(problem: string, { session, file, expected, found, hint, hasLines }: ErrorFields): string {
  const place = [session, file]
    .flatMap((part) => (part === undefined ? [] : [`${withEscapes(part)}: `]))
    .join("");
  const compared = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(found === undefined ? [] : [`found ${found}`]),
  ];
  const lines = hasLines ? problem.split("\n") : [problem];
  const last = lines.pop() ?? "";
  const what = compared.length === 0 ? last : `${last}: ${compared.join(", ")}`;
  const text = `${what}${hint === undefined ? "" : `; ${hint}`}`;
  return `${place}${[...lines, text].map((line) => withEscapes(shortened(line))).join("\n")}`;
}

/** A damaged file may have a shape of a million axes; the hint is at the end. */
const longestLine = 2000;

function shortened(line: string): string {
  return line.length <= longestLine ? line : `${line.slice(0, longestLine - 500)} … ${line.slice(-500)}`;
}

/**
 * The same error with its place: fields that it does not have yet are added, those that it has stay.
 * Whoever knows the file or the session of an error that arose below adds them with this.
 */
export function errorAt(
  error: VoxplainError,
  place: Pick<ErrorFields, "file" | "session" | "hint">,
): VoxplainError {
  const { code, problem, file, session, expected, found, hint, problems, hasLines } = error;
  const known = { file, session, expected, found, hint, problems, hasLines };
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
