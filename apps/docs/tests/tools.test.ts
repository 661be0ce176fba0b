// The page that compares maps with those of other tools says what bench/tools.mjs measured, and no more.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Part = (results?: object) => string;
const script = new URL("../scripts/tools.mjs", import.meta.url).href;
const { toolsSummary, toolsTable, differencesTable, comparisonsTables }: Record<string, Part> = await import(
  script
);
const parts = [toolsSummary, toolsTable, differencesTable, comparisonsTables];

const facts = {
  ...{ date: "2026-01-02", machine: "processor", node: "v22.1.0", torch: "2.15.0+cpu" },
  versions: { Captum: "0.8.0" },
};
const row = {
  ...{ tool: "Captum", call: "Saliency", method: "gradients", options: {}, network: "blocks-3d", blocks: 2 },
  ...{ toolFloat32: 2e-7, error: 1e-7, withoutKernels: 3e-7 },
};
const otherwise = {
  ...{ ...row, call: "GradCAM++", error: 0.5, withoutKernels: 0.5, difference: "another denominator" },
  shown: [{ claim: "the formula with it", error: 1e-12 }],
  ofDefinition: { error: 2e-7, withoutKernels: 2e-7 },
};
const results = (...rows: readonly object[]) => ({ ...facts, rows });

describe("the summary", () => {
  it("names machine, versions and date", () => {
    expect(toolsSummary?.(results(row))).toContain("on processor, Node 22.1.0, PyTorch 2.15.0, 2026-01-02");
    expect(toolsTable?.(results(row))).toContain(
      "| Captum | 0.8.0 | 1 | 1 | 0 | 0 | 3.0e-7 | 3.0e-7 | 2.0e-7 |",
    );
  });

  it("counts as agreement what is within the bound with the kernels and without them", () => {
    expect(toolsSummary?.(results(row))).toContain("**1 of 1 comparisons agree within 1.0e-5**");
    const only = toolsSummary?.(results(row, { ...row, withoutKernels: 2e-5 }));
    expect(only).toContain("**1 of 2 comparisons agree within 1.0e-5**");
    expect(only).toContain("1 are not explained");
  });

  it("counts apart what is sensitive to rounding in the tool as well", () => {
    const rounded = { ...row, error: 2e-5, toolFloat32: 1e-5 };
    expect(toolsSummary?.(results(row, rounded))).toMatch(
      /1 are sensitive to rounding: their distance is at most 2\.0e-5, and at most 2\.0 times .* None is left unexplained\./,
    );
  });

  it("counts another definition only where both formulas account for it", () => {
    expect(toolsSummary?.(results(row, otherwise))).toMatch(
      /In 1, the tool computes something else, .* None is left unexplained\./,
    );
    const unshown = { ...otherwise, shown: [{ claim: "the formula with it", error: 0.1 }] };
    expect(toolsSummary?.(results(row, unshown))).toContain("1 are not explained");
    const wrong = { ...otherwise, ofDefinition: { error: 0.1, withoutKernels: 2e-7 } };
    expect(toolsSummary?.(results(row, wrong))).toContain("1 are not explained");
  });
});

it("the table of differences has the formulas and what both sides were compared with", () => {
  const table = differencesTable?.(results(row, otherwise));
  expect(table).toContain("| `GradCAM++` | 1 | another denominator | 5.0e-1 | ours, and the formula without");
  expect(table).toContain("| the formula with it | 1.0e-12 |");
});

it("every comparison has a row", () => {
  const tables = comparisonsTables?.(results(row, { ...row, network: "blocks-2d" }));
  expect(tables?.match(/^\| Captum /gm)).toHaveLength(2);
});

describe("as measured here", () => {
  it("every comparison agrees or is explained", () => {
    expect(toolsSummary?.()).toMatch(/None is left unexplained\./);
  });

  it("the page holds words and numbers only", () => {
    for (const part of parts) expect(part?.()).not.toMatch(/object Object|undefined|NaN/);
  });

  it("the page includes each part, and types no count or error by hand", () => {
    const page = readFileSync(new URL("../pages/accuracy/tools.md", import.meta.url), "utf8");
    for (const part of ["summary", "tools", "differences", "comparisons"])
      expect(page).toContain(`<!--@include: ../../generated/tools/${part}.md-->`);
    expect(page.match(/\d+(\.\d+)?e-\d+|\d+ of \d+/g)).toBeNull();
  });
});
