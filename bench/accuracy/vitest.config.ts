import { defineConfig, mergeConfig } from "vitest/config";
import workspace from "../../vitest.config.ts";

/** The measurement runs as a test so that it reads the sources and the fixtures of the tests. */
export default mergeConfig(
  { ...workspace, test: { ...workspace.test, projects: undefined } },
  defineConfig({
    test: {
      include: ["bench/accuracy/*.measure.ts"],
      testTimeout: 3_600_000,
      hookTimeout: 3_600_000,
      maxWorkers: 1,
    },
  }),
);
