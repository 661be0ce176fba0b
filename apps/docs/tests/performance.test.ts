// The page on performance is written from what bench/run.mjs measured, whatever of it was measured.
import { expect, it } from "vitest";

type Page = (results?: Readonly<Record<string, unknown>>) => string;
const script = new URL("../scripts/performance.mjs", import.meta.url).href;
const { performancePage }: { performancePage: Page } = await import(script);

const machine = { machine: "2 × processor", machineMemory: "24 GiB", node: "v22.1.0", date: "2026-01-02" };

it("names the machine before the figures", () => {
  const page = performancePage({ ...machine, memory: { 5: { megabytes: 1000.4 } } });
  expect(page).toMatch(/^Measured on 2 × processor, 24 GiB of memory, Node 22\.1\.0, on 2026-01-02\.\n/);
  expect(page).toContain("| peak memory, 5 sessions | 1000 MB |");
});

it("leaves out what was not measured", () => {
  expect(performancePage(machine)).not.toContain("peak memory");
  expect(performancePage({ machine: "a processor", node: "v22.1.0" })).toMatch(
    /^Measured on a processor, Node/,
  );
});

it("holds words and numbers only, as measured here", () => {
  expect(performancePage()).not.toMatch(/object Object|undefined|NaN/);
});
