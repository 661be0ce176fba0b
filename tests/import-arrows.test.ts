import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Arrows, importArrows } from "./import-arrows.ts";
import {
  importsBelow,
  importsOf,
  packages,
  readRoot,
  resolveRelative,
  root,
  type SourceImport,
  splitSpecifier,
  type WorkspacePackage,
  workspaceFolder,
} from "./workspace.ts";

const manifests = new Map(packages.map(({ manifest }) => [manifest.name, manifest]));

/** What is wrong with one import, in words; undefined where it is allowed. */
function violation(
  { folder, manifest }: WorkspacePackage,
  arrows: Arrows,
  { file, specifier }: SourceImport,
): string | undefined {
  if (specifier === undefined) {
    return arrows.loadsByUrl?.includes(file)
      ? undefined
      : `${file} imports something computed, which nothing can check`;
  }
  if (specifier.startsWith(".")) {
    const target = resolveRelative(file, specifier);
    return target.startsWith("src/") ? undefined : `${file} reaches out of its package: ${specifier}`;
  }
  if (specifier.startsWith("node:")) {
    const allowed = arrows.nodeIn.some((place) =>
      place.endsWith("/") ? file.startsWith(place) : file === place,
    );
    return allowed ? undefined : `${file} needs Node: ${specifier}`;
  }
  const { name, subpath } = splitSpecifier(specifier);
  const installed = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const imported = workspaceFolder(name);
  if (imported === undefined) {
    return installed[name] === undefined ? `${file}: ${name} is not a dependency` : undefined;
  }
  if (!arrows.imports.includes(imported)) return `${file}: ${folder} may not import ${imported}`;
  if (installed[name] === undefined) return `${file}: ${name} is not a dependency`;
  if (manifests.get(name)?.exports[subpath] === undefined) return `${file}: ${specifier} is not exported`;
  return undefined;
}

/** The first circle of files that import each other, by types or otherwise, as "a.ts ─► b.ts ─► a.ts". */
function circleAmong(imports: readonly SourceImport[]): string | undefined {
  const next = new Map<string, string[]>();
  for (const { file, specifier } of imports) {
    if (!specifier?.startsWith(".")) continue;
    next.set(file, [...(next.get(file) ?? []), resolveRelative(file, specifier)]);
  }
  const done = new Set<string>();
  const follow = (file: string, path: readonly string[]): string | undefined => {
    const from = path.indexOf(file);
    if (from >= 0) return [...path.slice(from), file].join(" ─► ");
    if (done.has(file)) return undefined;
    for (const target of next.get(file) ?? []) {
      const circle = follow(target, [...path, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const circle = follow(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe.each(packages)("$folder", (entry) => {
  const arrows = importArrows[entry.folder];
  const imports = importsBelow(entry, "src");
  const reachedFrom = (start: string): ReadonlySet<string> => {
    const reached = new Set<string>();
    const follow = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const found of imports) {
        if (found.file === file && found.specifier?.startsWith(".")) {
          follow(resolveRelative(file, found.specifier));
        }
      }
    };
    follow(start);
    return reached;
  };
  const needingNode = (reached: ReadonlySet<string>) =>
    imports.filter(
      ({ file, specifier }) =>
        reached.has(file) && (specifier?.startsWith("node:") || specifier?.endsWith("/node")),
    );

  it("stands in the table of arrows", () => expect(arrows).toBeDefined());

  it("imports only what the table allows, through exports", () => {
    const violations = imports.map((found) => violation(entry, arrows!, found)).filter(Boolean);
    expect(violations).toEqual([]);
  });

  it("has no files that import each other in a circle, not even types", () => {
    expect(circleAmong(imports)).toBeUndefined();
  });

  it("has tests that reach into no other package; what they share is in tests/", () => {
    const outside = importsBelow(entry, "tests").filter(
      ({ file, specifier }) =>
        specifier?.startsWith(".") &&
        resolveRelative(file, specifier).startsWith("..") &&
        !resolveRelative(file, specifier).startsWith("../../tests/"),
    );
    expect(outside).toEqual([]);
  });

  it("depends on no package of the workspace beyond the table", () => {
    const folders = Object.keys(entry.manifest.dependencies ?? {}).map(workspaceFolder);
    const allowed = [...arrows!.imports, ...(arrows!.tellsVersionOf ?? [])];
    expect(folders.filter((name) => name !== undefined && !allowed.includes(name))).toEqual([]);
  });

  it("needs Node in its main entry only where all of it may", () => {
    const reached = reachedFrom("src/index.ts");
    const needNode = needingNode(reached);
    if (!arrows!.nodeIn.includes("src/")) expect(needNode).toEqual([]);
    expect(reached.size).toBeGreaterThan(0);
  });

  it.each(arrows?.withoutNode ?? [])("has an entry that needs no Node: %s", (entry) => {
    const reached = reachedFrom(entry);
    expect(reached.size).toBeGreaterThan(1);
    expect(needingNode(reached)).toEqual([]);
  });
});

it("the page has no files that import each other in a circle, not even types", () => {
  const imports = importsBelow({ path: join(root, "apps/explorer") }, "src");
  expect(imports.length).toBeGreaterThan(0);
  expect(circleAmong(imports)).toBeUndefined();
});

describe("the table of arrows", () => {
  it("names no package that does not exist", () => {
    const folders = packages.map(({ folder }) => folder);
    expect(Object.keys(importArrows).sort()).toEqual(folders.sort());
    const targets = new Set(Object.values(importArrows).flatMap(({ imports }) => imports));
    expect([...targets].filter((target) => !folders.includes(target))).toEqual([]);
  });

  it("holds no circle", () => {
    const above = (folder: string): string[] => {
      const next = importArrows[folder]?.imports ?? [];
      return next.flatMap((name) => [name, ...above(name)]);
    };
    // A circle would not come to an end: the call stack would overflow.
    for (const folder of Object.keys(importArrows)) expect(above(folder)).not.toContain(folder);
  });

  it("is the drawing of ARCHITECTURE.md, where every package may import core", () => {
    const drawing = /```\n(cli ─►[\s\S]*?)```/.exec(readRoot("ARCHITECTURE.md"))![1]!;
    const chains = drawing.replaceAll(/^ [├└]►/gm, "cli ─►").split(/\n|\s{2,}/);
    const drawn = chains.flatMap((chain) => {
      const steps = chain.split("─►").map((step) => step.trim().split(", "));
      return steps.slice(1).flatMap((to, k) => to.map((name) => `${steps[k]!.join()} ─► ${name}`));
    });
    const real = Object.entries(importArrows).flatMap(([folder, { imports }]) =>
      imports.map((name) => `${folder} ─► ${name}`),
    );
    const withoutCore = (arrows: string[]) =>
      [...new Set(arrows)].filter((arrow) => !arrow.endsWith("─► core")).sort();
    expect(withoutCore(drawn)).toEqual(withoutCore(real));
  });

  it("is the table of ARCHITECTURE.md: which package may use Node", () => {
    const rows = readRoot("ARCHITECTURE.md").matchAll(/^\| `([a-z-]+)` +\|.*\| ([^|]*?) +\|$/gm);
    const documented = Object.fromEntries(Array.from(rows, ([, folder, node]) => [folder, node]));
    const real = Object.entries(importArrows).map(([folder, { nodeIn }]) => {
      const subpath = /^src\/(\w+)/.exec(nodeIn[0] ?? "")?.[1];
      return [folder, subpath ? `\`./${subpath}\` only` : nodeIn.includes("src/") ? "yes" : "no"];
    });
    expect(documented).toEqual(Object.fromEntries(real));
  });
});

describe("the check of arrows", () => {
  const saliency = packages.find(({ folder }) => folder === "saliency")!;
  const forbidden = [
    ['import { nodeRuntime } from "@voxplain/runtime-node";', "saliency may not import runtime-node"],
    ['export type { Fold } from "@voxplain/model-loader";', "saliency may not import model-loader"],
    ['const cli = await import("@voxplain/cli");', "saliency may not import cli"],
    ['type Main = import("@voxplain/cli").Main;', "saliency may not import cli"],
    ['import { tensor } from "@voxplain/core/src/tensor.ts";', "is not exported"],
    ['import { tensor } from "../../core/src/tensor.ts";', "reaches out of its package"],
    ['import { readFile } from "node:fs/promises";', "needs Node"],
    ['import { z } from "zod";', "is not a dependency"],
    ["const anything = await import(name);", "something computed"],
  ] as const;

  it.each(forbidden)("finds what is wrong with: %s", (text, complaint) => {
    const file = "src/example.ts";
    const complaints = importsOf(file, text).map((specifier) =>
      violation(saliency, importArrows.saliency!, { file, specifier }),
    );
    expect(complaints).toEqual([expect.stringContaining(complaint)]);
  });

  it("finds circles, also of types, of re-exports and of one file", () => {
    const sources = {
      "src/a.ts": 'import type { B } from "./folder/b.ts";',
      "src/folder/b.ts": 'export { c } from "../c.ts";',
      "src/c.ts": 'type A = import("./a.ts").A;',
    };
    const imports = Object.entries(sources).flatMap(([file, text]) =>
      importsOf(file, text).map((specifier) => ({ file, specifier })),
    );
    expect(circleAmong(imports)).toBe("src/a.ts ─► src/folder/b.ts ─► src/c.ts ─► src/a.ts");
    expect(circleAmong(imports.slice(0, 2))).toBeUndefined();
    expect(circleAmong([{ file: "src/d.ts", specifier: "./d.ts" }])).toBe("src/d.ts ─► src/d.ts");
  });

  it("lets pass what is allowed", () => {
    const text = 'import { tensor } from "@voxplain/core";\nexport * from "./methods/gradients.ts";';
    for (const specifier of importsOf("src/example.ts", text)) {
      expect(
        violation(saliency, importArrows.saliency!, { file: "src/example.ts", specifier }),
      ).toBeUndefined();
    }
  });
});
