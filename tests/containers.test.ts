// The Dockerfile and apptainer.def cannot be built by every test run; what can be seen without building is looked at.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRoot, root } from "./workspace.ts";

/** Instructions of a Dockerfile, with continued lines joined. */
const instructions = readRoot("Dockerfile")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [name = "", ...words] = line.split(/\s+/);
    return { name, words };
  });
const called = (name: string) => instructions.filter((instruction) => instruction.name === name);

/** Sections of a definition file: the header of each stage, %post, %files, … */
const definition = readRoot("apptainer.def");
const sections = (name: string) =>
  Array.from(
    definition.matchAll(new RegExp(`^%${name}\\b(.*)\n((?: .*\n|\n)*)`, "gm")),
    ([, words = "", body = ""]) => ({
      words: words.trim(),
      lines: body
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#")),
    }),
  );
const bases = Array.from(definition.matchAll(/^From: (.*)$/gm), ([, base]) => base!);

describe("the Dockerfile", () => {
  it("has only known instructions", () => {
    const known = ["FROM", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "ENTRYPOINT", "CMD"];
    expect(instructions.filter(({ name }) => !known.includes(name))).toEqual([]);
  });

  it("builds on one supported Node and one Debian by name, in every stage", () => {
    const images = new Set(called("FROM").map(({ words }) => words[0]!));
    expect([...images]).toEqual([expect.stringMatching(/^node:(20|22)[\d.]*-bookworm-slim$/)]);
  });

  it("copies files that exist and that .dockerignore does not exclude", () => {
    const let_through = readRoot(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"));
    const copied = called("COPY").filter(({ words }) => !words[0]!.startsWith("--from"));
    const sources = copied.flatMap(({ words }) => words.slice(0, -1));
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(let_through.toSorted()).toEqual(sources.map((path) => `!${path}`).toSorted());
  });

  it("takes into the image only what an earlier stage made", () => {
    const last = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
    const copies = last.filter(({ name }) => name === "COPY");
    expect(copies.map(({ words }) => words)).toEqual([["--from=build", "/opt/voxplain", "/opt/voxplain"]]);
  });

  it("runs as a user without rights, and tests a gradient as that user", () => {
    const users = called("USER");
    expect(users.map(({ words }) => words)).toEqual([["node"]]);
    const behind = instructions.slice(instructions.indexOf(users[0]!) + 1);
    expect(behind.filter(({ name }) => name === "RUN").map(({ words }) => words.join(" "))).toEqual([
      "voxplain doctor",
    ]);
    expect(called("ENTRYPOINT").map(({ words }) => JSON.parse(words.join(" ")))).toEqual([["voxplain"]]);
  });
});

describe("apptainer.def", () => {
  it("has only known sections", () => {
    const names = Array.from(definition.matchAll(/^%(\w+)/gm), ([, name]) => name!);
    const known = ["files", "post", "runscript", "test", "labels", "help", "environment"];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("builds on the same image as the Dockerfile, of the same files", () => {
    expect(new Set(bases)).toEqual(new Set(called("FROM").map(({ words }) => words[0]!)));
    const [build, final] = sections("files");
    const copied = called("COPY").flatMap(({ words }) =>
      words[0]!.startsWith("--") ? [] : words.slice(0, -1),
    );
    expect(build!.lines).toEqual(copied.map((path) => `${path} /build/${path}`));
    expect(final).toEqual({ words: "from build", lines: ["/opt/voxplain /opt/voxplain"] });
  });

  it.each(["post", "runscript", "test"])("%%%s is sound for sh", (name) => {
    for (const { lines } of sections(name)) {
      const { status, stderr } = spawnSync("sh", ["-n"], { input: lines.join("\n"), encoding: "utf8" });
      expect([status, stderr]).toEqual([0, ""]);
    }
    expect(sections(name).length).toBeGreaterThan(0);
  });
});

describe("container/install.sh", () => {
  it("is called by both, sound for sh, and can be executed", () => {
    const call = "container/install.sh /opt/voxplain";
    expect(called("RUN").map(({ words }) => words.join(" "))).toContain(call);
    expect(sections("post").flatMap(({ lines }) => lines)).toContain(`/build/${call}`);
    const path = join(root, "container/install.sh");
    expect(spawnSync("sh", ["-n", path], { encoding: "utf8" }).stderr).toBe("");
    expect(() => accessSync(path, constants.X_OK)).not.toThrow();
    expect(() => accessSync(join(root, "packages/cli/bin/voxplain.js"), constants.X_OK)).not.toThrow();
  });
});
