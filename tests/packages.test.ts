import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { addressFields } from "../scripts/stamp-address.mjs";
import { importsOf, packages, readRoot, sourceFile } from "./workspace.ts";

describe.each(packages)("$folder", ({ folder, path, manifest }) => {
  it("is published under the name of its folder", () => expect(manifest.name).toBe(`@voxplain/${folder}`));

  it("says what npm shows of it, as the other packages do", () => {
    expect(manifest).toMatchObject({
      type: "module",
      // The sample holds images that were made from others'.
      license: folder === "sample" ? "MIT AND BSD-3-Clause" : "MIT",
      engines: { node: ">=20" },
      publishConfig: { access: "public" },
    });
    expect(manifest.description).toMatch(/^[A-Z].*\.$/);
    expect(manifest.keywords).toEqual(expect.arrayContaining(["explainable-ai", "saliency"]));
    expect(new Set(manifest.keywords).size).toBe(manifest.keywords.length);
  });

  it("publishes what is built with its maps, the sources that they point to, and nothing else unasked", () => {
    expect(manifest.files).toEqual(expect.arrayContaining(["dist", "src"]));
    for (const file of manifest.files)
      expect(["dist", "src", "assembly", "bin", "fonts", "data", "schemas", "CITATION.cff"]).toContain(file);
    const { compilerOptions } = JSON.parse(readFileSync(join(path, "tsconfig.build.json"), "utf8"));
    expect(compilerOptions).toMatchObject({ declaration: true, declarationMap: true, sourceMap: true });
  });

  it("names the modules that do something when they are loaded, and no others", () => {
    const doing = manifest.sideEffects || [];
    for (const file of doing) expect(existsSync(join(path, file.replace("/dist/", "/src/")))).toBe(true);
    const started = readdirSync(join(path, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".js"))
      // A module that exports something is there for that.
      .filter((name) => !/^export /m.test(readFileSync(join(path, "src", name), "utf8")))
      .flatMap((name) => [`./dist/${name}`, `./src/${name}`]);
    expect(doing.filter((name) => !name.startsWith("./bin/")).toSorted()).toEqual(started.toSorted());
  });

  it("leaves the address of its source to the release, which knows it", () => {
    const fields = addressFields("https://example.org/someone/voxplain", folder);
    expect(fields.repository).toEqual({
      type: "git",
      url: "git+https://example.org/someone/voxplain.git",
      directory: `packages/${folder}`,
    });
    expect(existsSync(fields.repository.directory)).toBe(true);
    for (const name of Object.keys(fields)) expect(manifest).not.toHaveProperty(name);
  });

  it("pins the public names of every entry in a test", () => {
    const tests = readdirSync(join(path, "tests"), { recursive: true, encoding: "utf8" })
      .filter((name) => basename(name) === "public-api.test.ts")
      .map((name) => join(path, "tests", name));
    const pinned = tests.flatMap((test) =>
      importsOf(test, readFileSync(test, "utf8")).map((specifier = "") =>
        specifier.startsWith(".") ? join(dirname(test), specifier) : specifier,
      ),
    );
    for (const [key, entry] of Object.entries(manifest.exports)) {
      if (typeof entry === "string") continue;
      const names = [manifest.name + key.slice(1), join(path, sourceFile(entry["@voxplain/source"]))];
      expect(pinned.filter((name) => names.includes(name))).not.toEqual([]);
    }
  });

  it("gives Node bundles of all its entries or of none: two copies of a class would not know each other", () => {
    const entries = Object.values(manifest.exports).filter((entry) => typeof entry !== "string");
    const isBundled = manifest.scripts.build?.includes("bundle.mjs") === true && manifest.bin === undefined;
    for (const { default: file, node } of entries) {
      const flat = file.replace("./dist/", "").replaceAll("/", "-");
      expect(node).toBe(isBundled ? `./dist/bundled/${flat}` : undefined);
    }
  });

  it("says of each public function what it does before it says how that fails", () => {
    const index = readFileSync(join(path, "src/index.ts"), "utf8");
    const hasty = readdirSync(join(path, "src"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(path, "src", file), "utf8"))
      .flatMap((source) =>
        Array.from(
          source.matchAll(/^\/\*\*[\s*]*@[^/]*\*\/\nexport (?:async )?function\*? (\w+)/gm),
          ([, name]) => name,
        ),
      );
    expect(hasty.filter((name) => new RegExp(`\\b${name}\\b`).test(index))).toEqual([]);
  });

  it("exports by name only, at most with all names of another list of names", () => {
    const source = (file: string) => readFileSync(join(path, "src", file), "utf8");
    const index = source("index.ts");
    const lists = Array.from(
      index.matchAll(/^export \* from "\.\/([^"]+\/index\.ts)";$/gm),
      ([, file = ""]) => file,
    );
    for (const text of [index.replaceAll(/^export \* from ".*\/index\.ts";$/gm, ""), ...lists.map(source)]) {
      expect(text).not.toMatch(/export \* from|export default/);
    }
  });

  // Programs that threads run are no entries for people.
  const entries = Object.entries(manifest.exports).flatMap(([key, entry]) =>
    typeof entry === "string" || ["./worker", "./runner"].includes(key)
      ? []
      : sourceFile(entry["@voxplain/source"]),
  );

  it.each(entries)("documents its entry %s, with an example", (file) => {
    expect(readFileSync(join(path, file), "utf8")).toMatch(/^\/\*\*\n(.*\n)*? \* ```ts\n/);
  });

  it("has a README that begins with its name and says how to install it", () => {
    const readme = readFileSync(join(path, "README.md"), "utf8");
    expect(readme.startsWith(`# ${manifest.name}\n`)).toBe(true);
    expect(readme).toMatch(new RegExp(`^npm install (--[\\w-]+ )*${manifest.name}\\b`, "m"));
  });

  it("is in the package table of the README", () => {
    expect(readRoot("README.md")).toMatch(
      new RegExp(`^\\| \\[\`${manifest.name}\`\\]\\(packages/${folder}\\) +\\|`, "m"),
    );
  });
});

describe("links of the documents", () => {
  const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "bench/README.md"];
  it.each(documents)("%s links to files that exist", (document) => {
    const links = Array.from(readRoot(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, link]) => link!);
    const missing = links.filter((link) => !existsSync(join(document, "..", link)));
    expect(missing).toEqual([]);
  });

  it.each(documents)("%s names files of the repository that exist", (document) => {
    const inline = readRoot(document).matchAll(/`((?:packages|tests|scripts|bench|sample)\/[\w./-]+)`/g);
    const missing = Array.from(inline, ([, path]) => path!).filter((path) => !existsSync(path));
    expect(missing).toEqual([]);
  });
});
