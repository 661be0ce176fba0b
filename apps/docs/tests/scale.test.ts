// The page on large cohorts is computed from the cost of a session that was measured.
import { expect, it } from "vitest";

const script = new URL("../scripts/scale.mjs", import.meta.url).href;
const { scalePage }: { scalePage: (releases?: readonly object[]) => string } = await import(script);

const speed = { median: 10, least: 9, most: 11 };
const facts = {
  ...{ date: "2026-01-02T10:00", version: "1.2.0 (abc1234)", node: "v22.1.0" },
  machine: { processor: "2 × processor", gibibytes: 24, copyGigabytesPerSecond: speed, gigaflops: speed },
  load: { lastMinute: 0.5, others: 0.02 },
};
const cost = {
  ...{ startSeconds: 2, sessionSeconds: 0.36, processorSeconds: 0.6 },
  ...{ sessionMegabytes: -5, resultMegabytes: 65, peakMegabytes: 600 },
};
const gradients = { what: "gradients", unit: "s", threads: 2, programs: { "sessions: 2": [2.72] }, cost };
const scale = { ...facts, rows: [gradients] };

it("names machine, version and date before the figures", () => {
  expect(scalePage([{ measurements: { scale } }])).toMatch(
    /^Measured: Voxplain 1\.2\.0 \(abc1234\) on 2 × processor, .* on 2026-01-02\./,
  );
});

it("counts core hours as threads × (start + sessions × session)", () => {
  // 2 × (2 + 100 × 0.36) / 3600, and with 10,000 and 100,000 sessions.
  expect(scalePage([{ measurements: { scale } }])).toContain("| gradients | 0.36 | 0.021 | 2.00 | 20.0 |");
});

it("counts what the images and a map of each session take on disk", () => {
  const each = { ...gradients, cost: { ...cost, sessionMegabytes: 30, resultMegabytes: 0.5 } };
  const page = scalePage([{ measurements: { scale: { ...facts, rows: [each] } } }]);
  // 169 × 208 × 179 × 4 bytes an image; 0.5 MB, and 30 MB a session.
  expect(page).toContain("| the images themselves |  | 2.52 | 252 | 2,517 |");
  expect(page).toContain("| gradients | 600 | 3.00 | 300 | 3,000 |");
});

it("counts a mean map once, however well those of the two runs compress", () => {
  const page = scalePage([{ measurements: { scale } }]);
  // 60 MB with one session, 55 with the two that were measured.
  expect(page).toContain("| gradients | 600 | 0.055 | 0.055 | 0.055 |");
});

it("shows a larger run beside what the same computation says of it", () => {
  const rows = [{ what: "many", unit: "s", sessions: 1000, threads: 2, programs: { Voxplain: [400] } }];
  const page = scalePage([{ measurements: { scale, memory: { ...facts, rows } } }]);
  expect(page).toContain("1,000 sessions took 400 s, where this computation says 362 s (1.10 times as long");
});

it("leaves the tables out where nothing was measured", () => {
  expect(scalePage([{ measurements: {} }])).toBe("Not measured for this release.");
});

it("holds words and numbers only, none of them below 0, as measured here", () => {
  expect(scalePage()).not.toMatch(/object Object|undefined|NaN|\| -\d/);
});
