// The page on performance is written from what bench/run.mjs measured, whatever of it was measured.
import { expect, it } from "vitest";

type Page = (releases?: readonly Readonly<Record<string, unknown>>[]) => string;
const script = new URL("../scripts/performance.mjs", import.meta.url).href;
const { performancePage }: { performancePage: Page } = await import(script);

const machine = { processor: "2 × processor", gibibytes: 24 };
const release = { release: "1.2.0", machine, node: "v22.1.0", date: "2026-01-02", measurements: {} };
const ofGradient = (voxplain: number[], pytorch: number[]) => ({
  ...{ what: "a gradient", unit: "ms", threads: 2, programs: { Voxplain: voxplain, PyTorch: pytorch } },
  load: { before: { lastMinute: 0.1, busy: 0.02 }, after: { lastMinute: 2, busy: 0.5 } },
});

it("names machine, version and date before the figures", () => {
  const memory = [{ what: "peak memory", unit: "MB", programs: { Voxplain: [1000.4] } }];
  const page = performancePage([{ ...release, measurements: { memory } }]);
  expect(page).toMatch(
    /^Measured on 2 × processor, 24 GiB of memory, Node 22\.1\.0, on 2026-01-02 \(1\.2\.0\)\./,
  );
  expect(page).toContain("| peak memory | Voxplain | 1000 MB |  | not recorded |");
});

it("gives a ratio to a current PyTorch, with the range and the load", () => {
  const ratio = { median: 2, least: 1.5, most: 2.5 };
  const gradient = [{ ...ofGradient([100, 110, 90], [200, 210, 190]), ratio }];
  const pytorch = { version: "2.15.0", isCurrent: true };
  const page = performancePage([{ ...release, pytorch, measurements: { gradient } }]);
  expect(page).toContain("| a gradient (threads: 2) | Voxplain | 100 ms (90.0 to 110) |  | 2 % to 50 % |");
  expect(page).toContain("|  | PyTorch | 200 ms (190 to 210) | 2.00 (1.50 to 2.50) × Voxplain |  |");
});

it("shows nothing of a PyTorch that is older than the newest known", () => {
  const gradient = [ofGradient([100], [1500])];
  const pytorch = { version: "1.13.0", isCurrent: false };
  const page = performancePage([{ ...release, pytorch, measurements: { gradient } }]);
  expect(page).not.toMatch(/PyTorch|1500/);
});

it("shows no times of PyTorch from a busy machine, which have no ratio", () => {
  const gradient = [ofGradient([100], [2100])];
  const pytorch = { version: "2.15.0", isCurrent: true };
  expect(performancePage([{ ...release, pytorch, measurements: { gradient } }])).not.toContain("2100");
});

it("plots each release, the newest in the table", () => {
  const older = { ...release, release: "1.1.0", measurements: { gradient: [ofGradient([300], [])] } };
  const newer = { ...release, measurements: { gradient: [ofGradient([100], [])] } };
  const page = performancePage([older, newer]);
  expect(page).toContain('aria-label="a gradient: 1.1.0 300 ms, 1.2.0 100 ms"');
  expect(page).not.toContain("Voxplain | 300 ms");
});

it("leaves out what was not measured", () => {
  expect(performancePage([release])).not.toMatch(/peak memory|<svg/);
});

it("holds words and numbers only, as measured here", () => {
  expect(performancePage()).not.toMatch(/object Object|undefined|NaN/);
});
