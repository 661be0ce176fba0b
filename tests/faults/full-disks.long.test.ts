// Real disks that are full or read-only. They are mounted where results go, which takes root.
import { spawnSync } from "node:child_process";
import { rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultyDisk, hasDiskFaults } from "./disk-faults.ts";
import { expectSentence } from "./endings.ts";
import { rehearsed, replacements } from "./replacements.ts";

const megabytes = 32;

/** A disk of this machine that refuses something. */
interface RealDisk {
  readonly name: string;
  /**
   * Mounts it at a folder that is there.
   * @param scratch - For files of its own.
   * @returns Whether this machine can do that.
   */
  mount(folder: string, scratch: string): boolean;
}

const succeeds = (program: string, ...argv: readonly string[]) =>
  spawnSync(program, argv, { stdio: "ignore" }).status === 0;

const disks: readonly RealDisk[] = [
  {
    name: "a full disk in memory (tmpfs)",
    mount: (folder) => succeeds("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder),
  },
  {
    name: "a full disk (ext4)",
    mount(folder, scratch) {
      const image = join(scratch, "disk.img");
      return (
        succeeds("truncate", "--size", `${megabytes}M`, image) &&
        succeeds("mkfs.ext4", "-q", "-m", "0", image) &&
        succeeds("mount", "-o", "loop", image, folder)
      );
    },
  },
];

const isRoot = process.getuid?.() === 0;

describe.runIf(hasDiskFaults && isRoot).each(disks)("on $name", (real) => {
  describe.each(replacements)("$name", (replacement) => {
    const given = rehearsed(replacement);
    const { mounted } = onDisk(given, real);

    it("says in one sentence that there is no room, or does without; a result is whole", {
      timeout: 3_600_000,
    }, (context) => {
      if (!mounted()) return context.skip("this machine cannot mount it");
      const { disk, rehearsal } = given();
      const { argv } = rehearsal;
      const out = join(disk.folder, "out");
      const filler = join(out, "filler");
      const ended = { done: 0, refused: 0 };
      for (let free = 0; ended.done < 2; free = Math.ceil(Math.max(8 * 1024, free * 1.4) / 4096) * 4096) {
        rehearsal.reset();
        fill(filler, free);
        const run = disk.run(argv);
        rmSync(filler);
        const where = `${free} bytes free\n${run.errors}`;
        expectSentence(run, where);
        expect(rehearsal.found(), where).toBe(run.status === 0 ? "newer" : "older");
        ended[run.status === 0 ? "done" : "refused"]++;
        const next = disk.run(argv);
        expect(next.status, `${where}\n${next.errors}`).toBe(0);
        expect([rehearsal.found(), ...rehearsal.leftovers()], where).toEqual(["newer"]);
      }
      process.stderr.write(
        `${replacement.name} on ${real.name}: ${ended.refused} times refused in one sentence, ${ended.done} times done\n`,
      );
      expect(ended.refused).toBeGreaterThan(0);
    });
  });
});

describe.runIf(hasDiskFaults && isRoot).each(replacements)("on a read-only mount, $name", (replacement) => {
  const given = rehearsed(replacement);

  it("says so in one sentence, and leaves the older result", (context) => {
    const { disk, rehearsal } = given();
    const out = join(disk.folder, "out");
    rehearsal.reset();
    if (!succeeds("mount", "--bind", out, out)) return context.skip("this machine cannot mount it");
    try {
      expect(succeeds("mount", "-o", "remount,bind,ro", out)).toBe(true);
      const run = disk.run(rehearsal.argv);
      expectSentence(run, run.errors);
      expect([run.status, rehearsal.found()]).toEqual([1, "older"]);
      expect(run.errors).toMatch(/the file system is read-only/);
    } finally {
      expect(succeeds("umount", out)).toBe(true);
    }
  });
});

/** Mounts a disk where results go before the tests of a group. */
function onDisk(given: () => { readonly disk: FaultyDisk }, real: RealDisk): { mounted(): boolean } {
  let isMounted = false;
  const out = () => join(given().disk.folder, "out");
  beforeAll(() => {
    isMounted = real.mount(out(), given().disk.folder);
  });
  // Before the folder is removed.
  afterAll(() => {
    if (isMounted) expect(succeeds("umount", out())).toBe(true);
  });
  return { mounted: () => isMounted };
}

/** Leaves so many bytes of a disk: fills it until that is refused, then gives some back. */
function fill(filler: string, free: number): void {
  expect(succeeds("dd", "if=/dev/zero", `of=${filler}`, "bs=16k")).toBe(false);
  truncateSync(filler, Math.max(0, statSync(filler).size - free));
  expect(succeeds("sync", "--file-system", filler)).toBe(true);
}
