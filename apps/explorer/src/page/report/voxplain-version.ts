import cff from "../../../../../packages/cli/CITATION.cff?raw";

/** Voxplain, its version and how it is cited, as `voxplain --cite` has it. */
export const voxplain = program(cff);

function program(text: string) {
  const field = (name: string) => new RegExp(`^${name}: "?([^"\n]*)`, "m").exec(text)?.[1] ?? "";
  const authors = Array.from(
    text.matchAll(/^ {2}- (?:name|family-names): "?([^"\n]*)/gm),
    ([, name = ""]) => name,
  );
  const [title, version, year] = [field("title"), field("version"), field("date-released").slice(0, 4)];
  const what = field("abstract").replace(/\.$/, "");
  return {
    ...{ name: title, version },
    citation: `${authors.join(", ")} (${year}). ${title}: ${what} (version ${version}) [software].`,
  };
}
