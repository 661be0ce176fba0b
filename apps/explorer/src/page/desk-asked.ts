import type { FormState } from "./kept/form-state.ts";

/** What the address asks for, behind its "#". */
export interface DeskAsked {
  /** The sample, with the map that is shipped or without; files at addresses; an empty desk; what was open last. */
  readonly begin: "sample" | "sample-map" | "links" | "own" | "kept";
  /** Addresses of files. */
  readonly open: readonly string[];
  /** Whether a map is computed at once. */
  readonly explain: boolean;
  /** What controls are set to, by their names. */
  readonly form: FormState;
}

const reserved = new Set(["sample", "open", "own", "kept", "explain"]);

/** Undefined where it asks for nothing: the page begins with its first picture. */
export function deskAsked(hash: string): DeskAsked | undefined {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const open = given.getAll("open");
  const sample = given.get("sample");
  const form = [...given].filter(([name]) => !reserved.has(name));
  const explain = given.has("explain") || sample === "explain";
  const asked = (begin: DeskAsked["begin"]) => ({ begin, open, explain, form });
  if (given.has("kept")) return asked("kept");
  if (open.length > 0) return asked("links");
  if (given.has("own")) return asked("own");
  if (sample === null) return undefined;
  return asked(sample === "map" ? "sample-map" : "sample");
}

/** The address that opens the same files and computes the same map. */
export function linkTo(page: Document, open: readonly string[] | "sample", form: FormState): string {
  const asked = new URLSearchParams(open === "sample" ? [["sample", ""]] : open.map((url) => ["open", url]));
  for (const [name, value] of form) asked.append(name, value);
  asked.append("explain", "");
  return `${page.baseURI.replace(/#.*/, "")}#${String(asked).replaceAll("=&", "&").replace(/=$/, "")}`;
}
