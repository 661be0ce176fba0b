// Who may work on a result at the same time, and whose leave has run out.
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { ownerName } from "@voxplain/core/node";
import { lockResult, type RunLock, sessionsFolder, type Worker, workersOn } from "@voxplain/results";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const isOutsideContainers =
  process.platform === "linux" && readlinkSync("/proc/self/ns/pid") === "pid:[4026531836]";

let folder = "";
let path = "";
const locks: RunLock[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-locks-"));
  path = join(folder, "AD");
});
afterEach(() => {
  for (const lock of locks.splice(0)) lock.release();
  rmSync(folder, { recursive: true, force: true });
});

const lock = (kind: Worker["kind"], shard?: string, breakLock = false) => {
  const taken = lockResult(path, { kind, ...(shard !== undefined && { shard }) }, { breakLock });
  locks.push(taken);
  return taken;
};

describe("while one works on a result", () => {
  it.each([
    ["run", "run"],
    ["run", "merge"],
    ["run", "shard"],
    ["merge", "run"],
    ["merge", "merge"],
    ["merge", "shard"],
    ["shard", "run"],
    ["shard", "merge"],
  ] as const)("a %s refuses a %s, by its machine and process", (first, second) => {
    const held = lock(first);
    expect(() => lock(second)).toThrow(
      new RegExp(`\\(?.* on ${hostname()} \\(process ${process.pid}\\) works on this result`),
    );
    held.release();
    expect(() => lock(second)).not.toThrow();
  });

  it("shards work beside each other", () => {
    lock("shard", "1/2");
    lock("shard", "2/2");
    expect(
      workersOn(path)
        .map(({ shard }) => shard)
        .sort(),
    ).toEqual(["1/2", "2/2"]);
  });
});

describe("a lock that its owner left", () => {
  const lockFile = () => join(folder, ".AD.lock");
  const own = () => {
    const held = lock("run");
    const worker = JSON.parse(readFileSync(lockFile(), "utf8")) as Worker;
    held.release();
    return worker;
  };
  const left = (change: Partial<Worker>) =>
    writeFileSync(lockFile(), JSON.stringify({ ...own(), ...change }));

  it("when its process ended is taken over", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    left({ pid });
    expect(() => lock("run")).not.toThrow();
  });

  it.runIf(process.platform === "linux")("when another process has its number now is taken over", () => {
    left({ started: "1" });
    expect(() => lock("run")).not.toThrow();
  });

  it("on another machine holds until it is broken", () => {
    left({ host: "node-17", boot: "another", pid: 1 });
    expect(() => lock("run")).toThrow(/a run on node-17 \(process 1\) works on this result; .*--break_lock/);
    expect(() => lock("shard", "1/2")).toThrow(/node-17/);
    expect(() => lock("run", undefined, true)).not.toThrow();
  });

  it("as a part on another machine holds until it is broken", () => {
    const marker = { ...own(), host: "node-17", boot: "another", kind: "shard", shard: "1/2" };
    mkdirSync(sessionsFolder(path));
    writeFileSync(join(sessionsFolder(path), "worker-00.json"), JSON.stringify(marker));
    expect(() => lock("merge")).toThrow(/a shard \(1\/2\) on node-17/);
    expect(() => lock("merge", undefined, true)).not.toThrow();
  });

  describe.runIf(process.platform === "linux")("in a container", () => {
    it("of the same name, in which another process has its number, holds: it may run", () => {
      left({ space: "pid:[4026532999]" });
      expect(() => lock("run")).toThrow(/works on this result; .*--break_lock/);
    });

    it("of the same name on another machine holds, too, whatever is counted there", () => {
      left({ boot: "another", machine: "another", pid: 1 });
      expect(() => lock("run")).toThrow(/works on this result/);
    });
  });

  it.runIf(isOutsideContainers)("before the machine was started again is taken over", () => {
    left({ boot: "before" });
    expect(() => lock("run")).not.toThrow();
  });

  it("half made is removed by the next one", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const owner = ownerName().replace(`.${process.pid}.`, `.${pid}.`);
    writeFileSync(join(folder, `.AD.lock.${owner}.0123abcd.tmp`), "");
    lock("run");
    expect(readdirSync(folder)).toEqual([".AD.lock"]);
  });

  it("is not removed by who only looks", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    left({ pid });
    expect(workersOn(path)).toEqual([]);
    expect(readdirSync(folder)).toEqual([".AD.lock"]);
  });
});
