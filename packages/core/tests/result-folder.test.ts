import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startResult } from "@voxplain/core/node";
import { afterEach, beforeEach, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-result-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// /proc says of a new folder that the one above it is not there.
it.runIf(existsSync("/proc/self"))("a folder that the system refuses ends in a sentence", async () => {
  await expect(startResult("/proc/voxplain/fold-0/gradients/x")).rejects.toThrow(
    /^cannot write \/proc\/voxplain\/fold-0\/gradients\/x: the folder that it belongs into does not exist$/,
  );
});

it("an older result is back under its name where the new one cannot take it", async () => {
  const path = join(folder, "AD");
  mkdirSync(path);
  writeFileSync(join(path, "map.npy"), "older");
  const result = await startResult(path);
  // Somebody cleans up hidden folders while the network computes.
  for (const name of readdirSync(folder).filter((each) => each.startsWith("."))) {
    rmSync(join(folder, name), { recursive: true });
  }
  await expect(result.publish()).rejects.toThrow(/^cannot write .*AD/);
  result.discard();
  expect(readdirSync(folder)).toEqual(["AD"]);
  expect(readFileSync(join(path, "map.npy"), "utf8")).toBe("older");
});

it("nothing of the older result is left beside the new one", async () => {
  const path = join(folder, "AD");
  mkdirSync(path);
  const result = await startResult(path);
  await result.files.write("map.npy", new Uint8Array());
  await result.publish();
  expect(readdirSync(folder)).toEqual(["AD"]);
  expect(readdirSync(path)).toEqual(["map.npy"]);
});

it("a signal that comes while the folders above the result are made leaves none of them", async () => {
  const before = process.listeners("exit");
  const starting = startResult(join(folder, "fold-0", "gradients", "AD"));
  for (const listener of process.listeners("exit").filter((each) => !before.includes(each))) listener(0);
  await starting;
  expect(readdirSync(folder)).toEqual([]);
});
