import { identityAffine } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import {
  type CompareOptions,
  compareMaps,
  type DesignOptions,
  design,
  inThisThread,
  onGrid,
  type Progress,
  regionAtlas,
  type StartRunner,
  startRelabellings,
} from "../src/index.ts";
import { nearlyNormal, testRandom } from "./random.ts";

const shape = [5, 4, 6] as const;
const grid = { shape, affine: identityAffine };
const voxels = 120;
const atlas = regionAtlas(
  { ...grid, data: Int32Array.from({ length: voxels }, (_, v) => v % 4) },
  grid,
  new Map([[9, "empty"]]),
);

function study(options: Partial<DesignOptions> = {}, nA = 7, nB = 6, seed = 1) {
  const random = testRandom(seed);
  const people = (group: string, count: number) =>
    Array.from({ length: count }, (_, k) => ({
      participant: `${group}-${k}`,
      covariates: { age: String(60 + Math.round(20 * random())) },
    }));
  const a = people("a", nA);
  const plan = design({ a, b: options.paired ? a : people("b", nB), ...options });
  const maps = plan.maps.map(({ source }) =>
    Float32Array.from(
      { length: voxels },
      (_, v) => nearlyNormal(random) + (source === "a" && v < 30 ? 1 : 0),
    ),
  );
  return { design: plan, grid, maps, atlas };
}

/** Every number that a comparison holds. */
function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (value !== null && typeof value === "object") return Object.values(value).flatMap(numbersOf);
  return [];
}

/** A runner that gets a copy of the task, as a worker does, and answers late and out of order. */
const likeAWorker =
  (delay: () => number): StartRunner =>
  (task) => {
    const { matrix } = task;
    if ("store" in matrix) throw new RangeError("these rows are in memory");
    const compute = startRelabellings({
      ...structuredClone({ ...task, matrix: undefined }),
      matrix: { ...matrix, data: matrix.data.slice() },
    });
    return {
      run: async (from, to) => {
        await new Promise((resolve) => setTimeout(resolve, delay()));
        return structuredClone(compute(from, to));
      },
    };
  };

describe("the result is the same for any number of workers", () => {
  it.each<[string, Partial<DesignOptions>, CompareOptions]>([
    ["two groups", {}, {}],
    ["a covariate", { covariates: ["age"] }, { alternative: "less" }],
    ["pairs", { paired: true }, { connectivity: 26 }],
    ["Welch's t", {}, { statistic: "welch", alternative: "greater" }],
    ["differences", {}, { statistic: "difference", tfce: false }],
  ])("%s", async (_, designed, options) => {
    const random = testRandom(5);
    const input = study(designed);
    const settings = { ...options, cluster: { t: 1 }, permutations: 50, seed: 4 };
    const one = await compareMaps(input, settings);
    const runners = [1, 2, 3].map(() => likeAWorker(() => 5 * random()));
    expect(await compareMaps(input, { ...settings, runners })).toEqual(one);
  });
});

describe("every number is finite", () => {
  it.each<[string, Partial<DesignOptions>, CompareOptions]>([
    ["two groups", {}, { fwhm: 2 }],
    ["a covariate", { covariates: ["age"] }, { normalize: "sd" }],
    ["pairs", { paired: true }, { normalize: "max" }],
    ["Welch's t", {}, { statistic: "welch" }],
    ["differences", {}, { statistic: "difference" }],
    ["shares of regions", {}, { values: "positive", regionValue: "share" }],
  ])("for %s, with missing voxels, constant ones, plateaus and zero maps", async (_, designed, options) => {
    const input = study(designed);
    input.maps.forEach((map, k) => {
      map[3] = k === 2 ? Number.NaN : 1;
      map[4] = k === 5 ? Infinity : 1;
      map[5] = 7;
      map.fill(k < 7 ? 2 : 1, 60, 70);
      if (k === 1 && options.normalize === undefined) map.fill(0);
    });
    const found = await compareMaps(input, { cluster: { t: 1 }, permutations: 40, ...options });
    const numbers = numbersOf(found);
    expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([]);
    expect(numbers.length).toBeGreaterThan(1000);
    expect(found.voxels).not.toContain(3);
    expect(found.voxels).not.toContain(4);
    for (const p of [...found.maps.pUncorrected, ...found.maps.pFweT]) {
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
    }
  });
});

it("counts what it leaves out in a warning", async () => {
  const input = study();
  input.maps[0]![3] = Number.NaN;
  for (const map of input.maps) map[5] = 7;
  const { warnings, voxels: kept } = await compareMaps(input, { cluster: { t: 1 }, permutations: 5 });
  expect(kept).toHaveLength(118);
  expect(warnings).toEqual([
    "2 of 120 voxels are not analysed: 1 are missing (NaN or infinite) in a map, 1 are the same in all rows",
  ]);
});

it("analyses the voxels of the mask, and warns if most of them cannot be", async () => {
  const input = study();
  const mask = Uint8Array.from({ length: voxels }, (_, v) => (v < 10 ? 1 : 0));
  for (const map of input.maps) map.fill(0, 0, 6);
  const found = await compareMaps({ ...input, mask }, { cluster: { t: 1 }, permutations: 5 });
  expect([...found.voxels]).toEqual([6, 7, 8, 9]);
  expect(found.warnings).toContainEqual(expect.stringContaining("only 4 of the 10 voxels in the mask"));
  const image = onGrid(found, found.maps.pFweT, 1);
  expect(image[0]).toBe(1);
  expect(image[7]).toBe(Math.fround(found.maps.pFweT[1]!));
});

it("tests no region without voxels, and does not count it", async () => {
  const { regions } = await compareMaps(study(), { cluster: { t: 1 }, permutations: 50 });
  expect(regions.map(({ name, voxels, p }) => ({ name, voxels, tested: p !== null }))).toEqual([
    { name: "label-1", voxels: 30, tested: true },
    { name: "label-2", voxels: 30, tested: true },
    { name: "label-3", voxels: 30, tested: true },
    { name: "empty", voxels: 0, tested: false },
  ]);
});

it("warns where groups differ more than tenfold in scale, unless they are normalized", async () => {
  const input = study();
  input.maps.forEach((map, k) => {
    if (k < 7) for (let v = 0; v < voxels; v++) map[v] = 100 * map[v]!;
  });
  const settings = { cluster: { t: 1 }, permutations: 5 };
  expect((await compareMaps(input, settings)).warnings).toEqual([expect.stringContaining("--normalize")]);
  expect((await compareMaps(input, { ...settings, normalize: "mass" })).warnings).toEqual([]);
});

it("warns where no p can be small", async () => {
  const { warnings, permutations } = await compareMaps(study({}, 3, 3), { cluster: { t: 1 } });
  expect(permutations).toBe(20);
  expect(warnings).toEqual([expect.stringContaining("no p can be below 0.10")]);
});

it("says how far it is, maps first", async () => {
  const seen: Progress[] = [];
  const onProgress = (progress: Progress) => seen.push(progress);
  await compareMaps(study(), { cluster: { t: 1 }, permutations: 10, onProgress });
  const done = (phase: Progress["phase"]) =>
    seen.filter((found) => found.phase === phase).map((found) => found.done);
  expect(done("maps")).toEqual(Array.from({ length: 13 }, (_, k) => k + 1));
  expect(done("relabellings")).toEqual([4, 8, 10]);
  expect(seen.at(-1)).toEqual({ phase: "relabellings", done: 10, total: 10 });
});

describe("a signal", () => {
  it("ends it between maps", async () => {
    const stop = new AbortController();
    const onProgress = ({ done }: Progress) => done === 3 && stop.abort(new Error("enough"));
    const input = study();
    let pulled = 0;
    let closed = false;
    async function* maps() {
      try {
        for (const map of input.maps) {
          pulled++;
          yield map;
        }
      } finally {
        closed = true;
      }
    }
    const run = compareMaps(
      { ...input, maps: maps() },
      { cluster: { t: 1 }, signal: stop.signal, onProgress },
    );
    await expect(run).rejects.toThrow("enough");
    expect({ pulled, closed }).toEqual({ pulled: 3, closed: true });
  });

  it("ends what this thread computes between relabellings", async () => {
    const random = testRandom(1);
    const input = study();
    const maps = input.maps.map(() => Float32Array.from({ length: 32 ** 3 }, () => nearlyNormal(random)));
    let run: Promise<unknown> | undefined;
    const endsSoon: StartRunner = async (task) => {
      const runner = await inThisThread(task);
      run = Promise.resolve(runner.run(0, 400));
      setImmediate(() => runner.end?.());
      return { run: () => run as ReturnType<typeof runner.run> };
    };
    const wide = { ...grid, shape: [32, 32, 32] as const };
    const compared = compareMaps({ design: input.design, grid: wide, maps }, { runners: [endsSoon] });
    await expect(compared).rejects.toThrow("aborted");
    await expect(run).rejects.toThrow("aborted");
  });

  it("ends it while workers compute, and ends the workers", async () => {
    const stop = new AbortController();
    let ended = 0;
    const stuck: StartRunner = () => ({ run: () => new Promise(() => {}), end: () => void ended++ });
    const runners = [stuck, stuck];
    const run = compareMaps(study(), { cluster: { t: 1 }, runners, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 20);
    await expect(run).rejects.toThrow("enough");
    expect(ended).toBe(2);
  });
});

it("ends all workers if one fails", async () => {
  let ended = 0;
  const fails: StartRunner = () => ({
    run: () => Promise.reject(new Error("out of memory")),
    end: () => void ended++,
  });
  const works: StartRunner = async (task) => ({ ...(await inThisThread(task)), end: () => void ended++ });
  const run = compareMaps(study(), { cluster: { t: 1 }, runners: [works, fails] });
  await expect(run).rejects.toThrow("out of memory");
  await expect.poll(() => ended).toBe(2);
});

describe("is refused", () => {
  const empty = { [Symbol.iterator]: () => expect.unreachable("maps were pulled") };

  it.each<[string, CompareOptions, string]>([
    ["clusters of Welch's t without a threshold", { statistic: "welch" }, "--cluster_t"],
    ["a threshold below 0", { cluster: { t: -1 } }, "threshold is -1"],
    ["a p above 1", { cluster: { p: 2 } }, "cluster-forming p is 2"],
    ["no permutation", { permutations: 0 }, "number of permutations is 0"],
    ["a seed that is not a whole number", { seed: 0.5 }, "seed is 0.5"],
    ["an exponent that is not a number", { tfce: { E: Number.NaN } }, "E = NaN"],
    ["smoothing that is far wider than the maps", { fwhm: 61 }, "60 mm at most, found 61 mm"],
  ])("%s, before a map is read", async (_, options, message) => {
    await expect(compareMaps({ ...study(), maps: empty }, options)).rejects.toThrow(message);
  });

  it("Welch's t with covariates", async () => {
    const input = { ...study({ covariates: ["age"] }), maps: empty };
    const options = { statistic: "welch", cluster: { t: 1 } } as const;
    await expect(compareMaps(input, options)).rejects.toThrow("Welch's t takes no covariates (age)");
  });

  it("a map of another size, too few maps and too many, a map that cannot be normalized", async () => {
    const input = study();
    const run = (maps: readonly Float32Array[], options: CompareOptions = {}) =>
      compareMaps({ ...input, maps }, options);
    await expect(run([new Float32Array(7)])).rejects.toThrow("the map of a-0 has 7 voxels, and the grid 120");
    await expect(run(input.maps.slice(1))).rejects.toThrow("13 maps, and only 12 came");
    await expect(run([...input.maps, input.maps[0]!])).rejects.toThrow("13 maps, and more came");
    const zero = input.maps.with(1, new Float32Array(voxels));
    await expect(run(zero, { normalize: "mass" })).rejects.toThrow("cannot normalize a-1 by mass");
    await expect(run(input.maps.map(() => new Float32Array(voxels)))).rejects.toThrow(
      "no voxel is left to analyse",
    );
  });
});

it("what float32 cannot hold is refused before anything is relabelled, never written as infinity", async () => {
  const input = study();
  const runners: readonly StartRunner[] = [() => expect.unreachable("relabelled")];
  const run = (maps: readonly Float32Array[], options: CompareOptions) =>
    compareMaps({ ...input, maps }, { ...options, runners });
  await expect(run(input.maps, { tfce: { E: 0.5, H: 2000 } })).rejects.toThrow(
    /TFCE cannot be held.*--tfce_H/,
  );
  const apart = input.maps.map((_, k) => new Float32Array(voxels).fill(k < 7 ? 3e38 : -3e38));
  await expect(run(apart, {})).rejects.toThrow(
    /the difference cannot be held by float32: found 6\.0000\d+e\+38/,
  );
});

it("TFCE that float32 cannot hold is refused for relabellings, too", async () => {
  const input = study({}, 3, 3);
  // One relabelling separates the groups perfectly, so that t is very large.
  const maps = input.maps.map((_, k) => new Float32Array(voxels).fill(k % 2));
  const run = compareMaps({ ...input, maps }, { tfce: { E: 0.5, H: 8 } });
  await expect(run).rejects.toThrow(/TFCE of a relabelling cannot be held by float32.*--tfce_H/);
});

describe("a comparison that may stop early", () => {
  const settings = { cluster: { t: 1 }, permutations: 1000, seed: 4 } as const;
  /** Without the effect of `study`. */
  const withoutEffect = () => {
    const input = study();
    return {
      ...input,
      maps: input.maps.map((map, k) => map.map((value, v) => value - (k < 7 && v < 30 ? 1 : 0))),
    };
  };

  it("ends where nothing can become significant, at the same relabelling for any number of workers", async () => {
    const input = withoutEffect();
    const all = await compareMaps(input, settings);
    const smallest = Math.min(
      ...all.maps.pFweT,
      ...all.maps.pFweTfce!,
      ...all.clusters.map(({ pFweMass }) => pFweMass),
    );
    expect(smallest).toBeGreaterThan(0.05);
    const one = await compareMaps(input, { ...settings, stopEarly: true });
    expect(one.stoppedEarly).toBe(true);
    expect(one.permutations).toBeLessThan(1000);
    expect(one.permutations % 100).toBe(0);
    expect(one.null.maxT).toEqual(all.null.maxT.slice(0, one.permutations));
    const least = Math.min(...one.maps.pFweT, ...one.regions.flatMap(({ pFwe }) => pFwe ?? []));
    expect(least).toBeGreaterThan(0.05);
    const random = testRandom(5);
    const runners = [1, 2, 3].map(() => likeAWorker(() => 5 * random()));
    expect(await compareMaps(input, { ...settings, stopEarly: true, runners })).toEqual(one);
  });

  it("computes all relabellings where something is significant, or where they are enumerated", async () => {
    const input = study();
    const strong = input.maps.map((map, k) => map.map((value, v) => value + (k < 7 && v < 30 ? 3 : 0)));
    const found = await compareMaps({ ...input, maps: strong }, { ...settings, stopEarly: true });
    expect(found).toEqual(await compareMaps({ ...input, maps: strong }, settings));
    const few = await compareMaps(withoutEffect(), { ...settings, permutations: 2000, stopEarly: true });
    expect(few).toMatchObject({ exact: true, permutations: 1716, stoppedEarly: false });
  });
});
