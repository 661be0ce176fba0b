// Simulated maps against numpy, scipy, statsmodels and scikit-learn by brute force (fixtures/README.md).
import { describe, expect, it } from "vitest";
import {
  agreement,
  type CompareOptions,
  type Comparison,
  compareMaps,
  type DesignOptions,
  design,
  localization,
  meanMap,
  onGrid,
  prepareMap,
  regionTable,
} from "../src/index.ts";
import { type CaseMap, type Cell, type Expected, expectClose, expectColumn, readCase } from "./cases.ts";

type Case = ReturnType<typeof readCase>;

async function compare(
  { grid, atlas }: Case,
  a: readonly CaseMap[],
  b: readonly CaseMap[],
  designed: Omit<DesignOptions, "a" | "b">,
  options: CompareOptions,
  withAtlas = true,
): Promise<Comparison> {
  const plan = design({ ...designed, a: a.map(({ row }) => row), b: b.map(({ row }) => row) });
  const maps = plan.maps.map(({ source, index }) => (source === "a" ? a : b)[index]!.data);
  return compareMaps({ design: plan, grid, maps, ...(withAtlas ? { atlas } : {}) }, options);
}

const outsideOf = (name: string) => (name.startsWith("p_") ? 1 : 0);

function mapsOf(found: Comparison) {
  const { maps } = found;
  return {
    difference: maps.difference,
    mean_a: maps.meanA,
    mean_b: maps.meanB,
    t: maps.t,
    welch: maps.welch,
    cohens_d: maps.cohensD,
    hedges_g: maps.hedgesG,
    tfce: maps.tfce,
    mask: maps.t.map(() => 1),
  };
}

function expectMaps(found: Comparison, expected: Expected): void {
  for (const [name, values] of Object.entries(mapsOf(found))) {
    const wanted = expected.map(name);
    if (wanted === undefined) continue;
    expect(values, name).toBeDefined();
    expectClose(onGrid(found, values!, outsideOf(name)), wanted, name);
  }
}

/** p of all relabellings, or the other right value where a decision hangs on rounding of float32. */
function expectExact(found: Comparison, expected: Expected): void {
  const { maps } = found;
  const p = { p_uncorrected: maps.pUncorrected, p_fwe_t: maps.pFweT, p_fwe_tfce: maps.pFweTfce };
  for (const [name, values] of Object.entries(p)) {
    const wanted = expected.map(name);
    if (wanted === undefined) continue;
    const other = expected.map(`${name}.hi`) ?? wanted;
    const image = onGrid(found, values!, 1);
    const wrong = wanted.findIndex((value, v) => image[v] !== value && image[v] !== other[v]);
    expect(wrong, `${name}: first wrong voxel`).toBe(-1);
  }
}

function expectNull(found: Comparison, { null: wanted }: Expected): void {
  const columns = {
    max_t: found.null.maxT,
    max_tfce: found.null.maxTfce,
    max_cluster_size: found.null.maxClusterSize,
    max_cluster_mass: found.null.maxClusterMass,
    max_region_t: found.null.maxRegionT,
  };
  for (const [name, values] of Object.entries(columns)) {
    if (wanted[name] === undefined) continue;
    const sorted = values.toSorted().filter((_, k) => k % wanted.step === 0);
    expectClose(sorted, wanted[name], name);
  }
}

function expectClusters(found: Comparison, wanted: readonly Cell[]): void {
  const { clusters } = found;
  expect(clusters.map(({ sign }) => sign)).toEqual(wanted.map(({ sign }) => sign));
  const axes = ["x", "y", "z"];
  expectColumn(
    clusters.map((row) => row.cluster),
    wanted,
    "cluster",
  );
  expectColumn(
    clusters.map((row) => row.voxels),
    wanted,
    "voxels",
  );
  expectColumn(
    clusters.map((row) => row.volume),
    wanted,
    "volume_mm3",
  );
  expectColumn(
    clusters.map((row) => row.mass),
    wanted,
    "mass",
  );
  expectColumn(
    clusters.map((row) => row.peak),
    wanted,
    "peak",
  );
  axes.forEach((axis, k) => {
    expectColumn(
      clusters.map((row) => row.peakAt[k]!),
      wanted,
      `peak_${axis}`,
    );
    expectColumn(
      clusters.map((row) => row.center[k]!),
      wanted,
      `center_${axis}`,
    );
  });
  expectColumn(
    clusters.map((row) => row.pFweSize),
    wanted,
    "p_fwe_size",
  );
  expectColumn(
    clusters.map((row) => row.pFweMass),
    wanted,
    "p_fwe_mass",
  );
}

function expectRegions({ regions }: Comparison, wanted: readonly Cell[], drawn = false): void {
  expect(regions.map(({ name }) => name)).toEqual(wanted.map(({ name }) => name));
  expectColumn(
    regions.map((row) => row.index),
    wanted,
    "index",
  );
  expectColumn(
    regions.map((row) => row.voxels),
    wanted,
    "voxels",
  );
  expectColumn(
    regions.map((row) => row.volume),
    wanted,
    "volume_mm3",
  );
  expectColumn(
    regions.map((row) => row.meanA),
    wanted,
    "mean_a",
  );
  expectColumn(
    regions.map((row) => row.meanB),
    wanted,
    "mean_b",
  );
  expectColumn(
    regions.map((row) => row.gain),
    wanted,
    "gain",
  );
  expectColumn(
    regions.map((row) => row.difference),
    wanted,
    "difference",
  );
  expectColumn(
    regions.map((row) => row.t),
    wanted,
    "t",
  );
  expectColumn(
    regions.map((row) => row.cohensD),
    wanted,
    "cohens_d",
  );
  expectColumn(
    regions.map((row) => row.hedgesG),
    wanted,
    "hedges_g",
  );
  if (drawn) return;
  expectColumn(
    regions.map((row) => row.p),
    wanted,
    "p",
  );
  expectColumn(
    regions.map((row) => row.pFwe),
    wanted,
    "p_fwe",
  );
  expectColumn(
    regions.map((row) => row.qFdr),
    wanted,
    "q_fdr",
  );
}

function expectNumbers(found: Comparison, { compare: wanted }: Expected): void {
  expect({
    n_a: found.nA,
    n_b: found.nB,
    df: found.df,
    distinct: found.distinct,
    // scipy 1.10 finds quantiles of t to 1e-9 only: its own sf(ppf(p)) differs from p by as much.
    cluster_threshold: expect.closeTo(found.clusterThreshold, 8),
    voxels: found.voxels.length,
    exact: found.exact,
    permutations: found.permutations,
  }).toEqual(wanted);
}

function expectAll(found: Comparison, expected: Expected): void {
  expectNumbers(found, expected);
  expectMaps(found, expected);
  expectExact(found, expected);
  expectNull(found, expected);
  expectClusters(found, expected.table("clusters"));
}

describe("two groups of four, all 70 relabellings", () => {
  const unpaired = readCase("unpaired");
  const [a, b] = ["AD", "CN"].map((group) => unpaired.maps("maps", "group", group)) as [CaseMap[], CaseMap[]];

  it("gives scipy's t, brute-force TFCE, clusters and regions, two-sided", async () => {
    const found = await compare(unpaired, a, b, {}, { cluster: { t: 2 } });
    const expected = unpaired.expected("two-sided");
    expectAll(found, expected);
    expectRegions(found, expected.table("regions"));
  });

  it("gives Welch's t one-sided, with connectivity 26 and other exponents", async () => {
    const found = await compare(
      unpaired,
      a,
      b,
      {},
      {
        statistic: "welch",
        alternative: "greater",
        connectivity: 26,
        cluster: { t: 2 },
        tfce: { E: 0.6, H: 1.5 },
      },
      false,
    );
    expectAll(found, unpaired.expected("welch-greater"));
  });

  it("forms clusters beyond a quantile of Student's t, with connectivity 18 and without TFCE", async () => {
    const options = { connectivity: 18, cluster: { p: 0.05 }, tfce: false } as const;
    expectAll(await compare(unpaired, a, b, {}, options, false), unpaired.expected("p-forming"));
  });

  it("gives the table of regions of each map and of the means", async () => {
    const all = unpaired.maps("maps");
    const expected = unpaired.expected("regions");
    expectRegionTable(
      all.flatMap(({ data }) => regionTable(data, unpaired.atlas)),
      expected.table("regions"),
    );
    const means = [all, a, b].map((maps) => meanMap(maps.map(({ data }) => data)));
    const tables = (await Promise.all(means)).flatMap((mean) => regionTable(mean, unpaired.atlas));
    expectRegionTable(tables, expected.table("regions_groups"));
    for (const [k, name] of ["mean_all", "mean_AD", "mean_CN"].entries()) {
      expectClose(await means[k]!, expected.map(name)!, name);
    }
  });
});

function expectRegionTable(found: ReturnType<typeof regionTable>, wanted: readonly Cell[]): void {
  expect(found.map(({ name }) => name)).toEqual(wanted.map(({ name }) => name));
  expectColumn(
    found.map((row) => row.voxels),
    wanted,
    "voxels",
  );
  expectColumn(
    found.map((row) => row.volume),
    wanted,
    "volume_mm3",
  );
  expectColumn(
    found.map((row) => row.coverage),
    wanted,
    "coverage",
  );
  expectColumn(
    found.map((row) => row.sum),
    wanted,
    "sum",
  );
  expectColumn(
    found.map((row) => row.mean),
    wanted,
    "mean",
  );
  expectColumn(
    found.map((row) => row.meanAbs),
    wanted,
    "mean_abs",
  );
  expectColumn(
    found.map((row) => row.share),
    wanted,
    "share",
  );
  expectColumn(
    found.map((row) => row.enrichment),
    wanted,
    "enrichment",
  );
  expectColumn(
    found.map((row) => row.peak),
    wanted,
    "peak",
  );
  ["x", "y", "z"].forEach((axis, k) => {
    expectColumn(
      found.map((row) => row.peakAt?.[k] ?? null),
      wanted,
      `peak_${axis}`,
    );
  });
}

describe("four against three with age and sex", () => {
  const covariates = readCase("covariates");
  const [a, b] = ["AD", "CN"].map((group) => covariates.maps("maps", "group", group)) as [
    CaseMap[],
    CaseMap[],
  ];
  const designed = { covariates: ["age", "sex"] };

  it("gives Freedman and Lane's p by all 5,040 relabellings", async () => {
    const found = await compare(covariates, a, b, designed, { cluster: { t: 2 }, permutations: 5040 });
    const expected = covariates.expected("exact");
    expectAll(found, expected);
    expectRegions(found, expected.table("regions"));
  });

  it("comes near the exact p with 1,000 drawn relabellings", async () => {
    const options = { cluster: { t: 2 }, permutations: 1000, seed: 3 };
    const found = await compare(covariates, a, b, designed, options);
    const expected = covariates.expected("random");
    expectNumbers(found, expected);
    expectMaps(found, expected);
    expectRegions(found, expected.table("regions"), true);
    const { pUncorrected, pFweT, pFweTfce } = found.maps;
    for (const [name, values] of Object.entries({
      p_uncorrected: pUncorrected,
      p_fwe_t: pFweT,
      p_fwe_tfce: pFweTfce!,
    })) {
      onGrid(found, values, 1).forEach((p, v) => {
        const exact = expected.map(name)![v]!;
        expect(Math.abs(p - exact)).toBeLessThanOrEqual(
          5 * Math.sqrt((exact * (1 - exact)) / 1000) + 2 / 1000,
        );
      });
      for (const p of values) expect(p * 1001 - Math.round(p * 1001)).toBeCloseTo(0, 9);
    }
  });
});

describe("individual jobs of two methods", () => {
  const jobs = readCase("jobs");
  const [gradients, lrp] = [jobs.maps("gradients"), jobs.maps("lrp")];

  it("compares pairs, sessions of a participant averaged, by all 32 sign flips", async () => {
    const found = await compare(jobs, gradients, lrp, { paired: true }, { cluster: { t: 2.5 } });
    const expected = jobs.expected("paired");
    expectAll(found, expected);
    expectRegions(found, expected.table("regions"));
    expect(found.warnings).toContainEqual(expect.stringContaining("1 map has no partner"));
  });

  it("compares absolute values of equal mass between diagnoses", async () => {
    const [a, b] = ["AD", "CN"].map((value) => jobs.maps("gradients", "diagnosis", value)) as [
      CaseMap[],
      CaseMap[],
    ];
    const options = { cluster: { t: 2 }, normalize: "mass", values: "absolute" } as const;
    expectAll(await compare(jobs, a, b, {}, options, false), jobs.expected("by-diagnosis"));
  });

  it("gives regions of each session and of each outcome", async () => {
    const expected = jobs.expected("outcomes");
    expectRegionTable(
      gradients.flatMap(({ data }) => regionTable(data, jobs.atlas)),
      expected.table("regions"),
    );
    const wanted = expected.table("regions_groups");
    for (const group of ["all", "FN", "FP", "TN", "TP"]) {
      const maps = group === "all" ? gradients : jobs.maps("gradients", "outcome", group);
      const mean = await meanMap(maps.map(({ data }) => data));
      expectRegionTable(
        regionTable(mean, jobs.atlas),
        wanted.filter((row) => row.group === group),
      );
      expectClose(mean, expected.map(`mean_${group}`)!, group);
    }
  });

  it("gives correlations and Dice coefficients of two methods", () => {
    const wanted = jobs.expected("agreement").table("agreement");
    const found = wanted.map((row) => {
      const [one, other] = [gradients, lrp].map((maps) => {
        const same = maps.find(
          ({ cells }) => cells.participant_id === row.participant_id && cells.session_id === row.session_id,
        );
        return prepareMap(same!.data, { values: "absolute" });
      });
      return agreement(one!, other!);
    });
    expectColumn(
      found.map((row) => row.voxels),
      wanted,
      "voxels",
    );
    expectColumn(
      found.map((row) => row.pearson),
      wanted,
      "pearson",
    );
    expectColumn(
      found.map((row) => row.spearman),
      wanted,
      "spearman",
    );
    [1, 5, 10].forEach((percent, k) => {
      expectColumn(
        found.map(({ dice }) => dice[k]),
        wanted,
        `dice_top${percent}`,
      );
    });
  });

  it("gives localization of both methods", () => {
    const wanted = jobs.expected("localize").table("localization");
    const found = [...gradients, ...lrp].map(({ data }) =>
      localization(prepareMap(data, { values: "absolute" }), jobs.truth!.data, jobs.grid, { tolerance: 2 }),
    );
    expectColumn(
      found.map((row) => row.massShare),
      wanted,
      "mass_share",
    );
    expectColumn(
      found.map((row) => row.volumeShare),
      wanted,
      "volume_share",
    );
    expectColumn(
      found.map((row) => row.enrichment),
      wanted,
      "enrichment",
    );
    expectColumn(
      found.map((row) => row.pointingGame),
      wanted,
      "pointing_game",
    );
    expectColumn(
      found.map((row) => row.peakDistance),
      wanted,
      "peak_distance_mm",
    );
    expectColumn(
      found.map((row) => row.auroc),
      wanted,
      "auroc",
    );
    expectColumn(
      found.map((row) => row.auprc),
      wanted,
      "auprc",
    );
    expectColumn(
      found.map((row) => row.relevanceRank),
      wanted,
      "relevance_rank",
    );
  });
});
