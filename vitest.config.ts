import { defineConfig } from "vitest/config";

// Tests run on the packages' sources; nothing has to be built for them.
const conditions = ["@voxplain/source", "module", "node", "import", "default"];

// Files of long tests run in `npm run test:long` only.
const isLong = process.env.VOXPLAIN_LONG_TESTS === "1";
// Those of packages that are packed and installed are run by `pnpm check:packed`.
const isInstalled = process.env.VOXPLAIN_INSTALLED !== undefined;

const exclude = [
  "**/node_modules/**",
  ...(isLong ? [] : ["**/*.long.test.ts"]),
  ...(isInstalled ? [] : ["**/*.packed.test.ts"]),
];

// Their tests compute, and change nothing that another file of tests would see: they take turns in two processes, which load
// the sources once. A process for each file takes 0.35 s longer.
const computing = [
  ...["core", "torch-checkpoint", "onnx-graph", "onnx-autodiff", "lowering", "model-loader", "caps-io"],
  ...["saliency", "writers", "kernels", "group-analysis", "results", "report", "study"],
].map((name) => `packages/${name}/tests/**/*.test.ts`);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "processes",
          include: ["packages/*/tests/**/*.test.ts", "apps/*/tests/**/*.test.ts", "tests/**/*.test.ts"],
          exclude: [...exclude, ...computing],
        },
      },
      {
        extends: true,
        test: {
          ...{ name: "computing", include: computing, exclude, isolate: false },
          // Beside the others, a process would be left for each file of theirs.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
