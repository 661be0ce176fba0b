// What is left of a result when its command is stopped or refused at one of its disk calls: some calls of `voxplain merge`. The other
// calls and commands are in the long tests.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultyDisk, faultyDisk, hasDiskFaults } from "./disk-faults.ts";
import { type Rehearsal, rehearse, replacementOf } from "./replacements.ts";

describe.runIf(hasDiskFaults)("voxplain merge --overwrite", () => {
  let disk: FaultyDisk;
  let rehearsal: Rehearsal;
  beforeAll(() => {
    disk = faultyDisk();
    rehearsal = rehearse(disk, replacementOf("merge"));
  });
  afterAll(() => disk.remove());
  /** The call of a kind, the first or last whose path ends so. */
  const callAt = (pattern: RegExp, which: "first" | "last" = "first") => {
    const { calls } = rehearsal;
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
    rehearsal.reset();
    const { signal } = disk.run(rehearsal.argv, { at: callAt(call), act: "kill" });
    expect([signal, rehearsal.found()]).toEqual(["SIGKILL", left]);
    const { status, errors } = disk.run(rehearsal.argv);
    expect(status, errors).toBe(0);
    expect([rehearsal.found(), ...rehearsal.leftovers()]).toEqual(["newer"]);
  });
});
