// Run before `changeset version`, in the root folder. The changesets of a package that was never released describe steps between
// states that nobody could install: its changelog begins with one sentence in their place.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.cwd();
const manifests = readdirSync(join(folder, "packages")).map((name) =>
  JSON.parse(readFileSync(join(folder, "packages", name, "package.json"), "utf8")),
);
const isNew = new Set(manifests.filter(({ version }) => version === "0.0.0").map(({ name }) => name));

const changesets = join(folder, ".changeset");
for (const file of readdirSync(changesets).filter((name) => name.endsWith(".md"))) {
  const path = join(changesets, file);
  const text = readFileSync(path, "utf8");
  const raised = Array.from(text.matchAll(/^"(@[\w/-]+)": (?:major|minor|patch)\n/gm));
  const kept = raised.filter(([, name]) => !isNew.has(name));
  if (kept.length === raised.length) continue;
  rmSync(path);
  const [, , ...body] = text.split("---\n");
  if (kept.length > 0) writeFileSync(path, ["", kept.map(([line]) => line).join(""), ...body].join("---\n"));
}
for (const { name, description } of manifests.filter((manifest) => isNew.has(manifest.name))) {
  const file = join(changesets, `first-${name.replace("@voxplain/", "")}.md`);
  writeFileSync(file, `---\n"${name}": minor\n---\n\nFirst release. ${description}\n`);
}
