import type { Report } from "./report.ts";

/** Who is named in the results of a report. */
export interface Identifiers {
  /** In the order in which they are numbered. */
  readonly participants: readonly string[];
  /** Session IDs of any participant. */
  readonly sessions: readonly string[];
}

/** Cells and fields that hold an identifier and nothing else. */
const identityKeys = new Set(["participant_id", "session_id", "sessions", "participant"]);
/** What names no participant, whatever it looks like. */
const plainKeys = new Set([
  "kind",
  "type",
  "versions",
  "bytes",
  "made",
  "started",
  "participants",
  "columns",
]);

/**
 * The same report with numbers in the place of participants, "participant-01", wherever an identifier occurs: tables, paths, commands,
 * warnings, captions. Sessions that are more than the number of a visit, such as dates, are numbered too. An identifier is found in a
 * text where no letter or digit is beside it, in upper and lower case, with and without its prefix "sub-" or "ses-" (without it only where
 * what is left is longer than three characters, or has letters and digits). The digests of input files, which identify images, are left out.
 */
export function withoutIdentifiers(report: Report, identifiers: Identifiers): Report {
  const numbered = numbering(identifiers);
  const longest = [...numbered.keys()].sort((a, b) => b.length - a.length).map(literal);
  const found =
    longest.length === 0
      ? undefined
      : new RegExp(`(?<![\\p{L}\\p{N}])(?:${longest.join("|")})(?![\\p{L}\\p{N}])`, "giu");
  const replaced = (text: string) =>
    found === undefined
      ? text
      : text.replaceAll(found, (name) => numbered.get(name.toLowerCase()) ?? "participant");
  const walk = (value: unknown, key: string): unknown => {
    if (plainKeys.has(key)) return value;
    if (typeof value === "string") {
      const isNumber = value.trim() !== "" && Number.isFinite(Number(value));
      return isNumber && !identityKeys.has(key) ? value : replaced(value);
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, key));
    if (value === null || typeof value !== "object" || value instanceof Date || ArrayBuffer.isView(value))
      return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, name === "inputs" ? [] : walk(item, name)]),
    );
  };
  const results = report.results.map((result) => walk(result, "result") as typeof result);
  return { ...report, title: replaced(report.title), participants: "numbered", results };
}

/** By identifiers in lower case, each with and without its prefix. */
function numbering({ participants, sessions }: Identifiers): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const add = (identifiers: readonly string[], prefix: RegExp, noun: string) => {
    const width = Math.max(2, String(identifiers.length).length);
    identifiers.forEach((identifier, k) => {
      const name = `${noun}-${String(k + 1).padStart(width, "0")}`;
      const bare = identifier.replace(prefix, "");
      for (const form of bare.length > 3 || isCode(bare) ? [identifier, bare] : [identifier]) {
        if (form !== "" && !names.has(form.toLowerCase())) names.set(form.toLowerCase(), name);
      }
    });
  };
  add(participants, /^sub-/, "participant");
  add(
    sessions.filter((session) => !isVisit(session)),
    /^ses-/,
    "session",
  );
  return names;
}

/** Letters and digits: no word, and no plain number. */
function isCode(text: string): boolean {
  return /\p{L}/u.test(text) && /\p{N}/u.test(text);
}

/** "ses-M00", "ses-2", "n/a": the number of a visit, not a date. */
function isVisit(session: string): boolean {
  return session === "" || session === "n/a" || /^(ses-)?[a-z]{0,4}\d{1,3}$/i.test(session);
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
