import type { Report, ReportedComparison, ReportedJob, ReportedPicture } from "@voxplain/report";

const hash = "28be2d9865ed39083347edae7339ad566043650aa071dc3842a3a710f3c29f1b";

/** One black pixel. */
const pixel = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="),
  (letter) => letter.charCodeAt(0),
);

const picture = (of: string): ReportedPicture => ({
  ...{ bytes: pixel, type: "image/png" },
  ...{ alternative: `Planes of ${of}.`, caption: `The map of ${of}.` },
});

/** Maps of participants by integrated gradients. */
export function toyJob(participants: readonly string[]): ReportedJob {
  const rows = participants.map((participant_id, k) => ({
    ...{ participant_id, session_id: "ses-M00", true_label: "1", predicted_label: String(k % 2) },
    ...{ proba0: "0.25", proba1: "0.75" },
  }));
  return {
    ...{ kind: "maps", name: "AD", folder: "/results/AD" },
    command: ["voxplain", "interpret", "individual", `/caps/${participants[0]}/model`, "AD", "it's"],
    started: "2026-05-02T10:00:00.000Z",
    options: { task: "individual", use_cpu: true, layer: null },
    versions: { "@voxplain/cli": "0.3.0", "@voxplain/core": "0.3.0" },
    warnings: [`${participants[0]} ses-M00: its map is weak`],
    inputs: participants.map((participant) => ({
      file: `/caps/${participant}_ses-M00_T1w.nii.gz`,
      sha256: hash,
    })),
    outputs: [{ file: `${participants[0]}/ses-M00/map.nii.gz`, sha256: hash }],
    explained: "the logit of AD",
    method: {
      ...{ title: "Integrated gradients", summary: "each voxel's share of the difference" },
      paper: "Sundararajan, Taly, Yan 2017, arXiv:1703.01365",
      options: [{ name: "steps", value: "8" }],
    },
    model: {
      ...{ file: "/models/model_best.pth.tar", sha256: hash, architecture: "Conv5_FC3", isOfClinicaDl: true },
      facts: [{ name: "fold", value: "0" }],
    },
    cohort: {
      ...{
        sessions: participants.length,
        participants: participants.length,
        facts: [{ name: "diagnosis", value: "AD 2" }],
      },
      leftOut: [{ session: `${participants.at(-1)} ses-M12`, reason: "the image is damaged" }],
    },
    predictions: {
      columns: ["participant_id", "session_id", "true_label", "predicted_label", "proba0", "proba1"],
      rows,
    },
    pictures: [picture("all")],
    typicality: {
      typical: [picture(participants[0] ?? "")],
      extreme: [picture(participants.at(-1) ?? "")],
      table: {
        columns: ["session", "correlation", "strength"],
        rows: participants.map((name) => ({ session: `${name} ses-M00`, correlation: 0.5, strength: 1e-5 })),
      },
    },
    checks: {
      columns: ["check", "quantity", "maps", "mean"],
      rows: [{ check: "infidelity", quantity: "infidelity", maps: 2, mean: 0.1 }],
    },
    curves: [],
  };
}

/** A comparison with one significant cluster. */
export function toyComparison(options: ReportedComparison["options"] = {}): ReportedComparison {
  return {
    ...{ kind: "comparison", name: "AD_CN", folder: "/results/AD_CN", warnings: [], inputs: [], outputs: [] },
    started: "2026-05-02T11:00:00.000Z",
    command: ["voxplain", "compare", "AD:AD", "AD:CN", "AD_CN"],
    versions: {},
    options: {
      ...{ values: "signed", paired: false, repeated: "mean", normalize: "mass", fwhm: 6, statistic: "t" },
      ...{ alternative: "two-sided", permutations: 5000, seed: 0, no_tfce: false, tfce_E: 0.5, tfce_H: 2 },
      ...{ connectivity: "6", atlas: "/atlases/aal.nii.gz", region_value: "mean", ...options },
    },
    sources: [
      { text: "AD:AD", maps: 20 },
      { text: "AD:CN", maps: 20 },
    ],
    facts: {
      n_a: 20,
      n_b: 20,
      df: 38,
      exact: false,
      permutations: 5000,
      seed: 0,
      voxels: 1000,
      cluster_threshold: 3.57,
    },
    voxels: [
      { by: "t", significant: 0, smallest: 0.07 },
      { by: "TFCE", significant: 12, smallest: 0.002 },
    ],
    clusters: {
      columns: [
        "cluster",
        "sign",
        "voxels",
        "peak",
        "peak_x",
        "peak_y",
        "peak_z",
        "p_fwe_size",
        "p_fwe_mass",
      ],
      rows: [
        {
          cluster: "1",
          sign: "positive",
          voxels: "8",
          peak: "3.9",
          peak_x: "1",
          peak_y: "2",
          peak_z: "3",
          p_fwe_size: "0.9",
          p_fwe_mass: "0.8",
        },
        {
          cluster: "2",
          sign: "negative",
          voxels: "5",
          peak: "-7.1",
          peak_x: "-26",
          peak_y: "-18",
          peak_z: "-16",
          p_fwe_size: "0.03",
          p_fwe_mass: "0.002",
        },
      ],
    },
    regions: {
      columns: ["name", "t", "p", "p_fwe", "q_fdr"],
      rows: [{ name: "Hippocampus_L", t: "5.1", p: "0.0002", p_fwe: "0.002", q_fdr: "0.004" }],
    },
    nullMaxima: { values: [3, 4, 4.5, 5, 6], observed: 7.1 },
    pictures: [picture("t")],
  };
}

/** A report of these results. */
export function toyReport(results: Report["results"]): Report {
  return {
    ...{ title: "A study", made: new Date("2026-05-02T12:00:00Z"), participants: "identified", results },
    program: {
      name: "Voxplain",
      version: "0.3.0",
      citation: "Voxplain contributors (2026). Voxplain [software].",
    },
  };
}
