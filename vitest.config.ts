import { defineConfig } from "vitest/config";

// Tests run on the packages' sources; nothing has to be built for them.
const conditions = ["@voxplain/source", "module", "node", "import", "default"];

// Files of long tests run in `npm run test:long` only.
const isLong = process.env.VOXPLAIN_LONG_TESTS === "1";
// Those of packages that are packed and installed are run by `pnpm check:packed`.
const isInstalled = process.env.VOXPLAIN_INSTALLED !== undefined;

const include = ["packages/*/tests/**/*.test.ts", "apps/*/tests/**/*.test.ts", "tests/**/*.test.ts"];
const exclude = [
  "**/node_modules/**",
  ...(isLong ? [] : ["**/*.long.test.ts"]),
  ...(isInstalled ? [] : ["**/*.packed.test.ts"]),
];

// A process for each: they put others in the place of Node's modules, choose the libraries that native code finds, or
// measure the memory of their process.
const alone = [
  "packages/cli/tests/disk.test.ts",
  "packages/cli/tests/finished-sessions.test.ts",
  "packages/runtime-node/tests/webgpu.test.ts",
  "tests/fuzz/onnx.test.ts",
  "tests/webgpu-networks.test.ts",
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    globalSetup: "tests/built-workers.ts",
    pool: "forks",
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "alone", include: alone, exclude } },
      {
        extends: true,
        test: {
          // The others leave globals, environment and working folder as they found them, and take turns in two processes,
          // which load the sources once: 0.7 s of processor time less for each file.
          ...{ name: "together", include, exclude: [...exclude, ...alone], isolate: false },
          // Beside the others, a process would be left for each file of theirs.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
