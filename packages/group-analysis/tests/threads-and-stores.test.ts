// Threads of Node, and rows that do not fit into memory: the result is that of one thread with all rows in memory.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { identityAffine } from "@voxplain/core";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import {
  type CompareOptions,
  type Comparison,
  compareMaps,
  type DesignOptions,
  design,
  type MatrixStore,
} from "../src/index.ts";
import { fileStore, threads } from "../src/node/index.ts";
import { nearlyNormal, testRandom } from "./random.ts";

const folder = mkdtempSync(join(tmpdir(), "threads-"));
const program = pathToFileURL(join(folder, "thread.mjs"));
// The build has the program of a thread as it is; the sources are TypeScript.
beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, "../src/node/relabelling-thread.js")],
    ...{ outfile: join(folder, "thread.mjs"), bundle: true, format: "esm", platform: "node" },
    conditions: ["@voxplain/source"],
    plugins: [
      {
        name: "sources",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({
            path: join(import.meta.dirname, "../src/index.ts"),
          })),
      },
    ],
    logLevel: "silent",
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** 13 rows of 216,000 voxels are 11 MB: two blocks of a store. Most voxels are constant, some missing. */
const shape = [60, 60, 60] as const;
function study(options: Partial<DesignOptions> = {}) {
  const random = testRandom(3);
  const rows = (group: string, count: number) =>
    Array.from({ length: count }, (_, k) => ({
      participant: options.paired ? `${k}` : `${group}-${k}`,
      covariates: { age: String(60 + k * k) },
    }));
  const plan = design({ a: rows("a", 7), b: rows("b", options.paired ? 7 : 6), ...options });
  const maps = plan.maps.map((_, row) =>
    Float32Array.from({ length: 216_000 }, (_, v) => {
      if (v % 3 !== 1) return 1;
      return row === 2 && v % 1000 === 1 ? Number.NaN : nearlyNormal(random);
    }),
  );
  return { design: plan, grid: { shape, affine: identityAffine }, maps };
}

/** Everything in a comparison as text, with hashes of its arrays: comparing their elements one by one takes minutes. */
function digestOf(found: Comparison): string {
  return JSON.stringify(found, (_, value) => {
    if (!ArrayBuffer.isView(value)) return value;
    return createHash("sha256")
      .update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
      .digest("hex");
  });
}

const settings = { cluster: { t: 2 }, permutations: 5, seed: 4 } as const;

describe("rows in a file, with threads or without, give what rows in memory give", () => {
  const designs: readonly (readonly [string, Partial<DesignOptions>, CompareOptions])[] = [
    ["two groups", {}, {}],
    ["a covariate", { covariates: ["age"] }, { tfce: false }],
    ["pairs", { paired: true }, { tfce: false, alternative: "greater" }],
    ["Welch's t", {}, { statistic: "welch", tfce: false }],
  ];
  const short = ["two groups", "pairs"];
  it.each(casesOf(designs, ([name]) => short.includes(name)))("%s", async (_, designed, options) => {
    const input = study(designed);
    const expected = digestOf(await compareMaps(input, { ...settings, ...options }));
    const stores: MatrixStore[] = [];
    const store = () => {
      const made = fileStore();
      stores.push(made);
      return made;
    };
    for (const more of [
      { memory: { limit: 1_000_000, store } },
      { memory: { limit: 1_000_000, store }, runners: threads(2, { program }) },
      { runners: threads(3, { program }) },
      // What is left of the rows fits again.
      { memory: { limit: 4 * input.design.rows.length * 75_000, store } },
    ]) {
      expect(digestOf(await compareMaps(input, { ...settings, ...options, ...more }))).toBe(expected);
    }
    expect(stores).toHaveLength(3);
    expect(stores.filter(({ name }) => existsSync(dirname(name)))).toEqual([]);
  });
});

it("an abort ends threads and removes the file", async () => {
  const controller = new AbortController();
  let made: MatrixStore | undefined;
  const store = () => {
    made = fileStore();
    return made;
  };
  const comparing = compareMaps(study(), {
    ...{ ...settings, permutations: 100_000, signal: controller.signal },
    ...{ runners: threads(2, { program }), memory: { limit: 1_000_000, store } },
    onProgress: ({ phase, done }) => {
      if (phase === "relabellings" && done > 0) controller.abort(new Error("enough"));
    },
  });
  await expect(comparing).rejects.toThrow("enough");
  expect(existsSync(dirname(made?.name ?? ""))).toBe(false);
});

it("a thread that cannot start fails the comparison with a sentence", async () => {
  const runners = threads(1, { program: pathToFileURL(join(folder, "none.mjs")) });
  await expect(compareMaps(study(), { ...settings, runners })).rejects.toThrow(/a thread ended: .*none\.mjs/);
});
