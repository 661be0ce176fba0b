// Every code block of the documentation site, as a reader would paste it: programs on the built packages, commands by
// the command line in this process, both in a folder with the files that the pages speak of.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "../packages/cli/tests/run-voxplain.ts";
import { type CodeBlock, codeBlocks, commandsOf } from "./docs-pages.ts";
import { makeWorld } from "./docs-world.ts";
import { packages, root } from "./workspace.ts";

const built = packages.every(({ path }) => existsSync(join(path, "dist/index.js")));
const blocks = codeBlocks();
const programs = blocks.filter(({ language }) => language === "ts");
const run = programs.filter(({ notRun }) => notRun === undefined);
const commands = blocks.filter(({ language, notRun }) => language === "sh" && notRun === undefined);
const fileOf = ({ title }: CodeBlock) => title.replaceAll(/[^\w-]/g, "_");

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-docs-"));
  await makeWorld(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("every block is run, is no program, or says why it is not run", () => {
  const silent = blocks.filter(
    ({ language, notRun }) => notRun === undefined && !["ts", "sh", "text", "json"].includes(language),
  );
  expect(silent.map(({ title }) => title)).toEqual([]);
  const reasons = blocks.filter(({ notRun }) => notRun !== undefined);
  expect(reasons.length).toBeLessThan(blocks.length / 4);
  for (const { title, notRun } of reasons) expect(notRun?.length, title).toBeGreaterThan(10);
});

it.each(blocks.filter(({ language }) => language === "bash"))("$title is sound bash", ({ code }) => {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: code, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

describe("commands", () => {
  const before = process.cwd();
  beforeAll(() => process.chdir(folder));
  afterAll(() => process.chdir(before));

  it.each(commands)("$title end well", async ({ code }) => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const [program, ...words] of commandsOf(code)) {
      if (program === "npm" && words[0] === "install") {
        const ours = words.filter((word) => word.startsWith("@voxplain/"));
        expect(packages.map(({ manifest }) => manifest.name)).toEqual(expect.arrayContaining(ours));
      } else if (program === "npm") {
        expect(Object.keys(scripts)).toContain(words.at(words[0] === "run" ? 1 : 0));
      } else {
        const argv = program === "npx" ? words : [program ?? "", ...words];
        expect(argv[0]).toBe("voxplain");
        const { status, errors } = await voxplain(...argv.slice(1));
        expect(status, `${words.join(" ")}\n${errors}`).toBe(0);
      }
    }
  });
});

describe.skipIf(!built)("programs, on built packages (npm run build),", () => {
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
