import { readFileSync } from "node:fs";
import { versionOf } from "../installed-packages.ts";

/** `voxplain --cite`: a sentence and a BibTeX entry. */
export async function citation(): Promise<string> {
  const { field, authors, year, version } = cited();
  return `If you use Voxplain in research, please cite it, the version that you used, and the paper of the method:

  ${citationLine()}

@software{voxplain,
  author  = {${authors.map((name) => `{${name}}`).join(" and ")}},
  title   = {${field("title")}},
  year    = {${year}},
  version = {${version}},
  license = {${field("license")}}
}

"voxplain methods" names the paper of each method.
`;
}

/** Voxplain in a list of references. */
export function citationLine(): string {
  const { field, authors, year, version } = cited();
  return `${authors.join(", ")} (${year}). ${field("title")}: ${field("abstract").replace(/\.$/, "")} (version ${version}) [software].`;
}

/** What CITATION.cff says. */
function cited() {
  const cff = readFileSync(new URL("../../CITATION.cff", import.meta.url), "utf8");
  const field = (name: string) => new RegExp(`^${name}: "?([^"\n]*)`, "m").exec(cff)?.[1] ?? "";
  const authors = Array.from(cff.matchAll(/^ {2}- (?:name|family-names): "?([^"\n]*)/gm), ([, name]) => name);
  return { field, authors, year: field("date-released").slice(0, 4), version: versionOf("cli") };
}
