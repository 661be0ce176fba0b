// Every command that replaces an older result is killed at its disk calls: all of those around the replacement, and many others.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultyDisk, faultyDisk, hasDiskFaults, withoutExchange } from "./disk-faults.ts";
import { momentsOf, rehearsed, replacementOf, replacements } from "./replacements.ts";

describe.runIf(hasDiskFaults).each(replacements)("$name, killed at its disk calls", (replacement) => {
  const given = rehearsed(replacement);

  it("leaves the older or the newer result whole under its name; the next run removes the rest", {
    timeout: 3_600_000,
  }, () => {
    const { disk, rehearsal } = given();
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

describe.runIf(hasDiskFaults).each(["regions", "merge"])(
  "%s, killed where folders cannot change places in one step",
  (name) => {
    const given = rehearsed(replacementOf(name));

    it("leaves a result whole; one that lost its name has it back after the next command, which finds it", {
      timeout: 3_600_000,
    }, () => {
      const { disk, rehearsal } = given();
      const { argv } = rehearsal;
      const withoutOverwrite = argv.filter((word) => word !== "--overwrite");
      rehearsal.reset();
      const { calls } = disk.run(argv, {}, withoutExchange);
      const found = { older: 0, newer: 0, nothing: 0 };
      const seen = new Set<string>();
      for (const at of momentsOf(calls, 1)) {
        rehearsal.reset();
        const { signal, calls: made } = disk.run(argv, { at, act: "kill" }, withoutExchange);
        if (signal === null) continue;
        const where = `at ${at} of ${calls.length}: ${made.at(-1)}`;
        const now = rehearsal.found();
        expect(["older", "newer", "nothing"], `${where}\n${now}`).toContain(now);
        found[now as keyof typeof found]++;
        if (now === "nothing") {
          const { status, errors } = disk.run(withoutOverwrite, {}, withoutExchange);
          // A merge goes on with the replacement that it was asked for.
          const goesOn = name === "merge" && status === 0;
          if (goesOn) expect(rehearsal.found(), where).toBe("newer");
          else
            expect([errors, rehearsal.found()], where).toEqual([
              expect.stringMatching(/the result exists/),
              "older",
            ]);
        }
        const left = [now, ...rehearsal.leftovers()].join("\n");
        if (now !== "nothing" && seen.has(left)) continue;
        seen.add(left);
        const { status, errors } = disk.run(argv, {}, withoutExchange);
        // A merge that was killed when it was complete has no job any more.
        if (name === "merge" && now === "newer" && status === 1) expect(errors, where).toMatch(/no job/);
        else expect(status, `${where}\n${errors}`).toBe(0);
        expect([rehearsal.found(), ...rehearsal.leftovers()], where).toEqual(["newer"]);
      }
      process.stderr.write(`${name} without exchange: ${JSON.stringify(found)}\n`);
      expect(Math.min(found.older, found.newer, found.nothing)).toBeGreaterThan(0);
    });
  },
);

describe.runIf(hasDiskFaults)("demo, killed at its disk calls", () => {
  let disk: FaultyDisk;
  beforeAll(() => {
    disk = faultyDisk();
  });
  afterAll(() => disk.remove());

  it("leaves its folder whole or not at all", { timeout: 3_600_000 }, () => {
    const out = join(disk.folder, "out");
    const argv = ["demo", "--output_dir", join(out, "demo")];
    const emptied = () => {
      rmSync(out, { recursive: true, force: true });
      mkdirSync(out);
    };
    emptied();
    const { status, errors, calls } = disk.run(argv);
    expect(status, errors).toBe(0);
    const last = calls.findIndex((call) => call.endsWith("/demo"));
    for (let at = 1; at <= last + 2; at += 5) {
      emptied();
      expect(disk.run(argv, { at, act: "kill" }).signal).toBe("SIGKILL");
      const isThere = readdirSync(out).includes("demo");
      expect(isThere).toBe(at > last + 1);
      if (isThere) continue;
      const next = disk.run(argv);
      expect(next.status, next.errors).toBe(0);
      expect(readdirSync(out)).toEqual(["demo"]);
    }
  });
});
