import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { startResult } from "../src/job/result-folder.ts";

// /proc says of a new folder that the one above it is not there.
it.runIf(existsSync("/proc/self"))("a folder that the system refuses ends in a sentence", async () => {
  await expect(startResult("/proc/voxplain/fold-0/gradients/x")).rejects.toThrow(
    /^cannot write \/proc\/voxplain\/fold-0\/gradients\/x: the folder that it belongs into does not exist$/,
  );
});
