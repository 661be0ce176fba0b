// How much is measured: full size, or with --tiny just enough to see that everything runs.
const full = {
  volume: { architecture: "Conv5_FC3", lengths: [169, 208, 179] },
  sessions: 8,
  cohorts: [8, 50, 200],
  manySessions: 1000,
  rounds: 7,
  processes: 3,
  longProcesses: 2,
  slices: 16,
  steps: 32,
  samples: 25,
  few: [1, 4],
  fewPasses: [4, 16],
  fewWindows: [8, 64],
  windowsPerAxis: 8,
  onnxMegabytes: 300,
  starts: 15,
  threads: 2,
};

const tiny = {
  volume: { architecture: "Conv4_FC3", lengths: [50, 50, 50] },
  sessions: 2,
  cohorts: [1, 2, 3],
  manySessions: 3,
  rounds: 2,
  processes: 1,
  longProcesses: 1,
  slices: 2,
  steps: 2,
  samples: 2,
  few: [1, 2],
  fewPasses: [1, 2],
  fewWindows: [1, 8],
  windowsPerAxis: 2,
  onnxMegabytes: 8,
  starts: 2,
  threads: 1,
};

export const isTiny = process.env.VOXPLAIN_BENCH_TINY === "1";
export const sizes = isTiny ? tiny : full;
