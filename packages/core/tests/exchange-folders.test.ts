// A new result and the older one change places in one step, where a program of the system can do that.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exchangeFolders } from "../src/node/exchange-folders.ts";

const hasPerl = process.platform === "linux" && spawnSync("perl", ["-e", "1"]).status === 0;

it.runIf(hasPerl)("two folders change places in one step", () => {
  const root = mkdtempSync(join(tmpdir(), "voxplain-exchange-"));
  const [one, other] = [join(root, "a folder"), join(root, "other")];
  for (const folder of [one, other]) mkdirSync(folder);
  writeFileSync(join(one, "new"), "");
  writeFileSync(join(other, "old"), "");
  expect(exchangeFolders(one, other)).toBe(true);
  expect([readdirSync(one), readdirSync(other)]).toEqual([["old"], ["new"]]);
  rmSync(root, { recursive: true });
});

it.runIf(hasPerl)("one that is missing leaves the other where it is", () => {
  const root = mkdtempSync(join(tmpdir(), "voxplain-exchange-"));
  const one = join(root, "one");
  mkdirSync(one);
  expect(exchangeFolders(one, join(root, "missing"))).toBe(false);
  expect(readdirSync(root)).toEqual(["one"]);
  rmSync(root, { recursive: true });
});
