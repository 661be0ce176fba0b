// The programs of the READMEs and of the documentation site's pages, as a reader would paste them, on packages that were
// packed and installed, in a folder with the files that the pages name.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CodeBlock, codeBlocks, readmeBlocks } from "./docs-pages.ts";
import { makeWorld } from "./docs-world.ts";
import { linkInstalled } from "./installed-packages.ts";
import { root } from "./workspace.ts";

const programs = [...codeBlocks(), ...readmeBlocks()].filter(({ language }) => language === "ts");
/** Those of browsers run in Chromium: scripts/check-packed.mjs, quick-start.packed.test.ts. */
const isForBrowsers = ({ code }: CodeBlock) => /"@voxplain\/(runtime-web|core\/web)"|\bfetch\(/.test(code);
const run = programs.filter((block) => block.notRun === undefined && !isForBrowsers(block));
const fileOf = ({ title }: CodeBlock) => title.replaceAll(/[^\w-]/g, "_");

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-docs-"));
  linkInstalled(folder);
  await makeWorld(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("programs of READMEs and pages, on installed packages,", () => {
  it("have the types that the packages promise", () => {
    const urls = 'declare module "*?url" {\n  const url: string;\n  export default url;\n}\n';
    writeFileSync(join(folder, "urls.d.ts"), urls);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const block of programs) writeFileSync(join(folder, `${fileOf(block)}.ts`), block.code);
    const files = ["urls.d.ts", ...programs.map((block) => `${fileOf(block)}.ts`)];
    const program = ts.createProgram(
      files.map((file) => join(folder, file)),
      {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        moduleDetection: ts.ModuleDetectionKind.Force,
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
      },
    );
    const complaints = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, messageText }) =>
          `${file?.fileName.split("/").at(-1)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
      );
    expect(complaints).toEqual([]);
  });

  it("run, and print what they say", () => {
    for (const block of run) {
      const { outputText } = ts.transpileModule(block.code, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
      });
      writeFileSync(join(folder, `${fileOf(block)}.mjs`), outputText);
    }
    // One process for all of them, in turn: what each prints stands behind its name.
    const names = JSON.stringify(run.map(fileOf));
    const all = `for (const name of ${names}) {\n  console.log("## " + name);\n  await import(\`./\${name}.mjs\`);\n}\n`;
    writeFileSync(join(folder, "all.mjs"), all);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["all.mjs"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const printed = new Map(
      stdout
        .split("## ")
        .slice(1)
        .map((text) => text.split("\n"))
        .map(([name = "", ...lines]) => [name, lines]),
    );
    for (const block of run) {
      const said = Array.from(block.code.matchAll(/console\.log\([^;]*\);\s*\/\/ (.*)$/gm), ([, text = ""]) =>
        text.trim(),
      );
      const lines = printed.get(fileOf(block));
      expect(
        lines?.filter((line) => said.includes(line)),
        block.title,
      ).toEqual(said);
    }
  });
});
