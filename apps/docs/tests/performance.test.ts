// The page on performance and the README's figures are written from what bench/run.mjs measured, whatever of it was measured.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Page = (releases?: readonly Readonly<Record<string, unknown>>[]) => string;
const script = new URL("../scripts/performance.mjs", import.meta.url).href;
const {
  performancePage,
  profileTable,
  shortTable,
}: Record<"performancePage" | "profileTable" | "shortTable", Page> = await import(script);

const speed = { median: 10, least: 9, most: 11 };
const machine = {
  processor: "2 × processor",
  gibibytes: 24,
  copyGigabytesPerSecond: speed,
  gigaflops: speed,
};
const facts = { date: "2026-01-02T10:00", version: "1.2.0 (abc1234)", node: "v22.1.0", machine };
const pytorch = {
  ...{ version: "2.15.0+cpu", newestServed: "2.15.0", isCurrent: true },
  newestKnown: { version: "2.15.0", date: "2026-10" },
};
const load = { lastMinute: 0.5, others: 0.02 };
const measured = (row: object, more: object = {}) => ({ ...facts, load, ...more, rows: [row] });
const release = (measurements: object, name = "1.2.0") => [{ release: name, measurements }];
const gradient = {
  ...{ what: "a gradient", unit: "ms", threads: 2 },
  programs: { Voxplain: [100, 110, 90], PyTorch: [200, 210, 190] },
};
const ratios = { PyTorch: { median: 2, least: 1.5, most: 2.5 } };

describe("the page on performance", () => {
  it("names machine, version and date before the figures", () => {
    const memory = measured({ what: "peak memory", unit: "MB", programs: { Voxplain: [1000.4] } });
    const page = performancePage(release({ memory }));
    expect(page).toMatch(
      /^Measured: Voxplain 1\.2\.0 \(abc1234\) on 2 × processor, 24 GiB of memory, Node 22\.1\.0, on 2026-01-02\. It copied 10\.0 GB\/s and multiplied 10\.0 GFLOP\/s\./,
    );
    expect(page).toContain("| peak memory | Voxplain | 1000 MB |  | 2 % |");
  });

  it("says which figures are of which day where they differ", () => {
    const row = { what: "peak memory", unit: "MB", programs: { Voxplain: [1000.4] } };
    const later = { ...measured(row), date: "2026-01-03T10:00" };
    const page = performancePage(release({ memory: measured(row), start: later }));
    expect(page).toMatch(/Measured \(memory\): .* on 2026-01-02\./);
    expect(page).toMatch(/Measured \(start\): .* on 2026-01-03\./);
  });

  it("gives a ratio to a current PyTorch, with the range and the load", () => {
    const page = performancePage(release({ gradient: measured({ ...gradient, ratios }, { pytorch }) }));
    expect(page).toContain("| a gradient (threads: 2) | Voxplain | 100 ms (90.0 to 110) |  | 2 % |");
    expect(page).toContain("|  | PyTorch | 200 ms (190 to 210) | 2.00 (1.50 to 2.50) |  |");
    expect(page).toContain("PyTorch 2.15.0, the newest that the package index served, ran in turn");
  });

  it("shows nothing of a PyTorch that is older than the newest", () => {
    const old = { ...pytorch, version: "1.13.0", isCurrent: false };
    const page = performancePage(release({ gradient: measured(gradient, { pytorch: old }) }));
    expect(page).not.toMatch(/PyTorch|200/);
  });

  it("shows no times of PyTorch from a busy machine, which have no ratio", () => {
    expect(performancePage(release({ gradient: measured(gradient, { pytorch }) }))).not.toContain("200 ms");
  });

  it("plots each release, the newest in the table", () => {
    const older = {
      ...measured({ ...gradient, programs: { Voxplain: [300] } }),
      date: "2025-01-02T10:00",
    };
    const newer = measured({ ...gradient, programs: { Voxplain: [100] } });
    const page = performancePage([
      ...release({ gradient: older }, "1.1.0"),
      ...release({ gradient: newer }, "1.2.0"),
    ]);
    expect(page).toContain('aria-label="a gradient: 1.1.0 300 ms, 1.2.0 100 ms"');
    expect(page).not.toContain("Voxplain | 300 ms");
  });

  it("shows in a table of its own where the time of a command goes", () => {
    const profile = measured({
      what: "load the program",
      unit: "ms",
      programs: { Voxplain: [410, 400, 390] },
    });
    expect(performancePage(release({ profile }))).not.toContain("load the program");
    const table = profileTable(release({ profile }));
    expect(table).toMatch(/^Measured: Voxplain 1\.2\.0/);
    expect(table).toContain("| 400 (390 to 410) | load the program |");
    expect(profileTable(release({}))).toBe("Not measured for this release.");
  });

  it("leaves out what was not measured", () => {
    expect(performancePage(release({}))).not.toMatch(/peak memory|<svg/);
  });

  it("holds words and numbers only, as measured here", () => {
    expect(performancePage()).not.toMatch(/object Object|undefined|NaN/);
  });
});

describe("the table in the README", () => {
  it("has a row for each comparison, with the ratio to each opponent", () => {
    const both = { ...ratios, "PyTorch, rewritten": { median: 0.8, least: 0.7, most: 0.9 } };
    const programs = { ...gradient.programs, "PyTorch, rewritten": [80, 85, 75] };
    const slices = measured({ ...gradient, programs, ratios: both }, { pytorch });
    expect(shortTable(release({ slices }))).toContain(
      "| a gradient | 100 ms | 200 ms (2.00 ×) | 80.0 ms (0.80 ×) |",
    );
  });

  it("has no time of an opponent without a ratio", () => {
    const table = shortTable(release({ gradient: measured(gradient, { pytorch }) }));
    expect(table).toContain("| a gradient | 100 ms | not measured | not measured |");
  });
});

describe("the README", () => {
  it("has the figures that were measured, from the newest results", () => {
    const text = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
    const [, figures = ""] = /<!-- figures: .*? -->\n([\s\S]*?)<!-- end of figures -->/.exec(text) ?? [];
    expect(plain(figures)).toBe(plain(shortTable()));
  });

  it("names no other time, size or ratio", () => {
    const text = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
    const outside = text.replace(/<!-- figures: [\s\S]*?<!-- end of figures -->/, "");
    expect(outside.match(/\d+(\.\d+)? ?(ms|GB|MB|MiB|times as long|× faster)\b/g)).toBeNull();
  });

  /** Without what a formatter changes. */
  const plain = (markdown: string) => markdown.replace(/-{3,}/g, "---").replace(/\s+/g, " ").trim();
});
