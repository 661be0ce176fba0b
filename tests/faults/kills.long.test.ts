// Every command that replaces an older result is killed at its disk calls: all of those around the replacement, and many others.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultyDisk, faultyDisk, hasDiskFaults } from "./disk-faults.ts";
import { momentsOf, type Rehearsal, rehearse, replacements } from "./replacements.ts";

describe.runIf(hasDiskFaults).each(replacements)("$name, killed at its disk calls", (replacement) => {
  let disk: FaultyDisk;
  let rehearsal: Rehearsal;
  beforeAll(() => {
    disk = faultyDisk();
    rehearsal = rehearse(disk, replacement);
  });
  afterAll(() => disk.remove());

  it("leaves the older or the newer result whole under its name; the next run removes the rest", {
    timeout: 3_600_000,
  }, () => {
    const { argv, calls } = rehearsal;
    const found = { older: 0, newer: 0 };
    const seen = new Set<string>();
    for (const at of momentsOf(calls, replacement.name.startsWith("interpret") ? 80 : 30)) {
      rehearsal.reset();
      // Before a call is after the one before it; there is none after the last.
      const act = at === calls.length ? "kill-after" : "kill";
      const { signal, calls: made } = disk.run(argv, { at, act });
      // Threads may need a call less.
      if (signal === null) continue;
      const where = `at ${at} of ${calls.length}: ${made.at(-1)}`;
      const now = rehearsal.found();
      expect(["older", "newer"], `${where}\n${now}`).toContain(now);
      found[now as "older" | "newer"]++;
      // The same files are left at many of the calls.
      const left = [now, ...rehearsal.leftovers()].join("\n");
      if (seen.has(left)) continue;
      seen.add(left);
      // A replacement that goes on is as good as one that begins again.
      const keeps = replacement.name !== "merge" && /\.sessions\/job$/m.test(left);
      const goesOn = keeps && seen.size % 2 === 0;
      const { status, errors } = disk.run(goesOn ? [...argv, "--resume"] : argv);
      expect(status, `${where}\n${errors}`).toBe(0);
      expect([rehearsal.found(), ...rehearsal.leftovers()], where).toEqual(["newer"]);
    }
    process.stderr.write(
      `${replacement.name}: ${found.older} kills left the older result, ${found.newer} the newer; ${seen.size} states\n`,
    );
    expect(found.older).toBeGreaterThan(0);
  });
});
