import type { SessionFailure } from "@voxplain/caps-io";
import { type ErrorCode, groupBy, VoxplainError, withEscapes } from "@voxplain/core";

/** Sessions that one message names. */
const mostNamed = 10;

/**
 * An error for each kind of failure: how many sessions it concerns of how many, and the first ten of them. A failure that is
 * the only one of its kind is given as it is.
 * @param count - Sessions in all.
 */
export function failuresByKind(failures: readonly SessionFailure[], count: number): readonly VoxplainError[] {
  const byProblem = [...groupBy(failures, ({ error: { code, problem } }) => `${code} ${problem}`).values()];
  const alike = byProblem.filter((group) => group.length > 1);
  // Sentences that name their file or session differ although they are of a kind.
  const single = byProblem.filter((group) => group.length === 1).flat();
  const byCode = groupBy(single, ({ error: { code } }) => code).values();
  const order = new Map(failures.map((failure, index) => [failure, index]));
  const rank = ([first]: Group) => order.get(first) ?? 0;
  return [...alike, ...byCode]
    .sort((one, other) => rank(one) - rank(other))
    .map((group) => errorOf(group, count));
}

type Group = readonly [SessionFailure, ...SessionFailure[]];

function errorOf(group: Group, count: number): VoxplainError {
  const [{ error: first, session }] = group;
  if (group.length === 1) return first;
  const nouns = `${count} ${session.participantId === "" ? "images" : "sessions"}`;
  const isOneProblem = group.every(({ error }) => error.problem === first.problem);
  const common = isOneProblem ? commonFields(group) : {};
  const lines = group.slice(0, mostNamed).map((failure) => `\n  ${lineOf(failure, isOneProblem, common)}`);
  const more = group.length - lines.length;
  const code: ErrorCode = first.code;
  const heading = isOneProblem
    ? new VoxplainError(code, `${group.length} of ${nouns}: ${first.problem}`, common).message
    : `${group.length} of ${nouns} cannot be used`;
  return new VoxplainError(
    code,
    `${heading}:${lines.join("")}${more > 0 ? `\n  and ${more.toLocaleString("en")} more` : ""}`,
    { cause: first, hasLines: true },
  );
}

type Common = Pick<VoxplainError, "expected" | "hint"> | Record<string, never>;

/** What is said once for all of them. */
function commonFields(group: Group): Common {
  const [{ error: first }] = group;
  const shared = (field: "expected" | "hint") =>
    group.every(({ error }) => error[field] === first[field]) ? first[field] : undefined;
  return { expected: shared("expected"), hint: shared("hint") };
}

/** The session, its file and what was found there. */
function lineOf({ session, error }: SessionFailure, isOneProblem: boolean, common: Common): string {
  if (!isOneProblem) return error.message;
  const { file, found } = error;
  const expected = common.expected === undefined ? error.expected : undefined;
  const hint = common.hint === undefined ? error.hint : undefined;
  const compared = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(found === undefined ? [] : [`found ${found}`]),
  ].join(", ");
  const place = [error.session ?? session.name, file, compared].filter(
    (part) => part !== undefined && part !== "",
  );
  return withEscapes(`${place.join(": ")}${hint === undefined ? "" : `; ${hint}`}`);
}
