// How much is measured: full size, or with --tiny just enough to see that everything runs.
const full = {
  volume: { architecture: "Conv5_FC3", lengths: [169, 208, 179] },
  sessions: 8,
  cohorts: [5, 50],
  rounds: 7,
  processes: 3,
  slices: 16,
  steps: 32,
  windowsPerAxis: 8,
  onnxMegabytes: 300,
  starts: 15,
  threads: 2,
};

const tiny = {
  volume: { architecture: "Conv4_FC3", lengths: [50, 50, 50] },
  sessions: 1,
  cohorts: [1, 2],
  rounds: 2,
  processes: 1,
  slices: 2,
  steps: 2,
  windowsPerAxis: 2,
  onnxMegabytes: 8,
  starts: 2,
  threads: 1,
};

export const isTiny = process.env.VOXPLAIN_BENCH_TINY === "1";
export const sizes = isTiny ? tiny : full;
