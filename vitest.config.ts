import { defineConfig } from "vitest/config";

// Tests run on the packages' sources; nothing has to be built for them.
const conditions = ["@voxplain/source", "module", "node", "import", "default"];

// Files of long tests run in `npm run test:long` only.
const isLong = process.env.VOXPLAIN_LONG_TESTS === "1";
// Those of packages that are packed and installed are run by `pnpm check:packed`.
const isInstalled = process.env.VOXPLAIN_INSTALLED !== undefined;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/tests/**/*.test.ts", "apps/*/tests/**/*.test.ts", "tests/**/*.test.ts"],
    exclude: [
      "**/node_modules/**",
      ...(isLong ? [] : ["**/*.long.test.ts"]),
      ...(isInstalled ? [] : ["**/*.packed.test.ts"]),
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
