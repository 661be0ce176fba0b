// What is left of a result when its command is stopped or refused at one of its disk calls: some calls of `voxplain merge`. The other
// calls and commands are in the long tests.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasDiskFaults, program } from "./disk-faults.ts";
import { rehearsed, replacementOf } from "./replacements.ts";

describe.runIf(hasDiskFaults)("voxplain merge --overwrite", () => {
  const given = rehearsed(replacementOf("merge"));
  /** The call of a kind, the first or last whose path ends so. */
  const callAt = (pattern: RegExp, which: "first" | "last" = "first") => {
    const { calls } = given().rehearsal;
    const at =
      which === "first"
        ? calls.findIndex((call) => pattern.test(call))
        : calls.findLastIndex((call) => pattern.test(call));
    expect(at, `${pattern} in\n${calls.join("\n")}`).toBeGreaterThanOrEqual(0);
    return at + 1;
  };

  it.each([
    ["its files are on the disk", /^rename .*publishing$/, "older"],
    ["it changed places with the older one", /^rename .*\.removed-/, "newer"],
    ["the older one is removed", /^remove .*\.removed-.*map/, "newer"],
    ["its sessions are removed", /^remove .*\.sessions\/session/, "newer"],
  ] as const)("killed when %s, leaves one result whole, and nothing behind the next run", (_, call, left) => {
    const { disk, rehearsal } = given();
    rehearsal.reset();
    const { signal } = disk.run(rehearsal.argv, { at: callAt(call), act: "kill" });
    expect([signal, rehearsal.found()]).toEqual(["SIGKILL", left]);
    const { status, errors } = disk.run(rehearsal.argv);
    expect(status, errors).toBe(0);
    expect([rehearsal.found(), ...rehearsal.leftovers()]).toEqual(["newer"]);
  });

  it.each([
    ["ENOSPC", /^open .*\.lock/, /cannot write \S*\.x\.lock: no space is left on the disk; make room/],
    [
      "EIO",
      /^sync .*map\.npy/,
      /cannot write \S*map\.(?:npy|nii\.gz): the disk reports an error; choose another place/,
    ],
    [
      "EDQUOT",
      /^write .*provenance/,
      /cannot write \S*provenance\.json: the disk quota is used up; make room/,
    ],
    ["EROFS", /^open .*publishing/, /cannot write \S*publishing: the file system is read-only; choose/],
  ] as const)(
    "refused by %s says what and what to do, and leaves the older result",
    (act, call, sentence) => {
      const { disk, rehearsal } = given();
      rehearsal.reset();
      const { status, errors } = disk.run(rehearsal.argv, { at: callAt(call), act });
      expect([status, rehearsal.found()], errors).toEqual([1, "older"]);
      expect(errors).toMatch(sentence);
      expect(errors).not.toMatch(/^\s+at |unexpected/m);
    },
  );

  it("goes on where what is left of the older result cannot be removed", () => {
    const { disk, rehearsal } = given();
    rehearsal.reset();
    const { status, errors } = disk.run(rehearsal.argv, {
      at: callAt(/^remove .*\.removed-.*map/),
      act: "EIO",
    });
    expect([status, rehearsal.found(), errors]).toEqual([
      0,
      "newer",
      expect.not.stringContaining("voxplain:"),
    ]);
  });
});

describe.runIf(existsSync("/dev/full"))("what cannot be printed", () => {
  it("is said once, with the status 1", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [program, "--help"], {
      ...{ stdio: ["ignore", full, "pipe"], encoding: "utf8" },
    });
    closeSync(full);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^voxplain: cannot print to standard output: ENOSPC: .*\n$/),
    ]);
  });
});
