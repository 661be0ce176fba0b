import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const { version } = JSON.parse(read("../package.json"));

describe("voxplain --cite", () => {
  it("prints a sentence and a BibTeX entry with the version in use", async () => {
    const { status, output, errors } = await voxplain("--cite");
    expect([status, errors]).toEqual([0, ""]);
    expect(output).toMatch(/^ {2}Voxplain contributors \(20\d\d\)\. Voxplain: .* \(version \d+\.\d+\.\d+\)/m);
    const entry = /@software\{voxplain,\n([\s\S]*?)\n\}/.exec(output)?.[1] ?? "";
    const fields = Object.fromEntries(
      Array.from(entry.matchAll(/^ {2}(\w+) += \{(.*)\},?$/gm), ([, ...row]) => row),
    );
    expect(fields).toEqual({
      author: "{Voxplain contributors}",
      title: "Voxplain",
      year: expect.stringMatching(/^20\d\d$/),
      version,
      license: "MIT",
    });
  });

  it("says what CITATION.cff says", () => {
    expect(read("../CITATION.cff")).toBe(read("../../../CITATION.cff"));
  });
});

describe("voxplain --version", () => {
  it("prints its version in the first line, then the runtime, what it computes with, and Node's", async () => {
    for (const option of ["--version", "-V"]) {
      const { status, output } = await voxplain(option);
      expect(status).toBe(0);
      const [own, runtime, node, ...rest] = output.split("\n");
      expect(own).toBe(`voxplain ${version}`);
      expect(runtime).toMatch(/^onnxruntime-node \d+\.\d+\.\d+ \(cpu\b.*\)$/);
      expect(node).toBe(`node ${process.versions.node} (${process.platform} ${process.arch})`);
      expect(rest).toEqual([""]);
    }
  });
});

it.each(["--version", "--cite"])("%s stands alone", async (option) => {
  const { status, errors } = await voxplain("methods", option);
  expect(status).toBe(2);
  expect(errors).toContain(`${option} cannot be combined with other arguments`);
});
