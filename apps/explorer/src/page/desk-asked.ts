/** What the address asks for, behind its "#". */
export interface DeskAsked {
  /** The sample, with the map that is shipped or with one that is computed; "own" is an empty desk, "kept" what was open last. */
  readonly begin: "sample" | "sample-map" | "sample-explain" | "own" | "kept";
}

/** Undefined where it asks for nothing: the page begins with its first picture. */
export function deskAsked(hash: string): DeskAsked | undefined {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  if (given.has("kept")) return { begin: "kept" };
  if (given.has("own")) return { begin: "own" };
  if (!given.has("sample")) return undefined;
  const wanted = given.get("sample");
  if (wanted === "map") return { begin: "sample-map" };
  return { begin: wanted === "explain" ? "sample-explain" : "sample" };
}
