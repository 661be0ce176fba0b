// The first TypeScript block of each README, run by Node on packages that were packed and installed, as a reader would
// paste it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstExample } from "../scripts/readme-examples.mjs";
import { linkInstalled } from "./installed-packages.ts";
import { packages, root } from "./workspace.ts";

const readmes = [
  { title: "README.md", path: join(root, "README.md"), file: "readme" },
  ...packages.map(({ folder, path }) => ({
    title: `packages/${folder}/README.md`,
    path: join(path, "README.md"),
    file: folder,
  })),
];

const exampleOf = (path: string) => firstExample(readFileSync(path, "utf8"));

describe("the example, on installed packages, of", () => {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-examples-"));

  beforeAll(() => {
    linkInstalled(folder);
    symlinkSync(join(root, "sample"), join(folder, "sample"), "junction");
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const { path, file } of readmes) writeFileSync(join(folder, `${file}.ts`), exampleOf(path).code);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(readmes)("$title is short, and says what it prints", ({ path, file }) => {
    const { code, printed } = exampleOf(path);
    expect(code).toMatch(/from "@voxplain\//);
    expect(code.split("\n").filter(Boolean).length).toBeLessThanOrEqual(file === "readme" ? 16 : 12);
    expect(printed).toHaveLength(code.split("console.log(").length - 1);
  });

  it.each(readmes)("$title runs as pasted, and prints what it says", ({ path, file }) => {
    const { code, printed } = exampleOf(path);
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    writeFileSync(join(folder, `${file}.mjs`), outputText);
    const { status, stdout, stderr } = spawnSync(process.execPath, [`${file}.mjs`], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    // There may be lines beside those in the example's comments: what a command prints, say.
    expect(stdout.split("\n").filter((line) => printed.includes(line))).toEqual(printed);
  });

  it("every README has the types that the packages promise", () => {
    const program = ts.createProgram(
      readmes.map(({ file }) => join(folder, `${file}.ts`)),
      {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
      },
    );
    const complaints = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    expect(complaints).toEqual([]);
  });
});
