// Disk calls of every command that writes a result are refused, one or all from there on: many calls, and all of those around the
// replacement of an older result.
import { constants } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CallKind, changingCalls, type Ended, hasDiskFaults } from "./disk-faults.ts";
import { momentsOf, rehearsed, replacements } from "./replacements.ts";

const errors = ["ENOSPC", "EIO", "EACCES", "EDQUOT", "EROFS"] as const;
/** What a disk that is full or read-only refuses. */
const ofFullDisk: readonly CallKind[] = ["open", "write", "mkdir", "link", "rename"];

describe.runIf(hasDiskFaults).each(replacements)("$name, refused at its disk calls", (replacement) => {
  const given = rehearsed(replacement);

  it.each([
    ["once", changingCalls, false],
    ["from there on", ofFullDisk, true],
  ] as const)(
    "says in one sentence what and what to do, or does without it; a result is whole (%s)",
    { timeout: 3_600_000 },
    (_, kinds, stays) => {
      const { disk, rehearsal } = given();
      const { argv } = rehearsal;
      const calls = rehearsal.calls.filter((call) => kinds.includes(call.split(" ")[0] as CallKind));
      const ended = { done: 0, refused: 0 };
      const seen = new Set<string>();
      for (const at of momentsOf(calls, 30)) {
        rehearsal.reset();
        const act = errors[at % errors.length] ?? "EIO";
        const run = disk.run(argv, { at, act, kinds, stays });
        const where = `${act} (${constants.errno[act]}) at ${at} of ${calls.length}: ${run.calls[at - 1]}\n${run.errors}`;
        expectSentence(run, where);
        expect([rehearsal.found(), where], where).toEqual([run.status === 0 ? "newer" : "older", where]);
        ended[run.status === 0 ? "done" : "refused"]++;
        const left = [run.status, ...rehearsal.leftovers()].join("\n");
        if (seen.has(left)) continue;
        seen.add(left);
        const next = disk.run(argv);
        expect(next.status, `${where}\n${next.errors}`).toBe(0);
        expect([rehearsal.found(), ...rehearsal.leftovers()], where).toEqual(["newer"]);
      }
      process.stderr.write(
        `${replacement.name}, ${stays ? "from there on" : "once"}: ${ended.refused} times refused in one sentence, ${ended.done} times done without\n`,
      );
    },
  );
});

describe.runIf(hasDiskFaults).each(replacements)("$name, whose folder of results goes", (replacement) => {
  const given = rehearsed(replacement);

  it("fails in one sentence, unless its result was complete", { timeout: 3_600_000 }, () => {
    const { disk, rehearsal } = given();
    const { argv, calls } = rehearsal;
    const gone = join(disk.folder, "out.gone");
    const ended = { done: 0, refused: 0 };
    for (const at of momentsOf(calls, 20)) {
      rehearsal.reset();
      const { status, signal, errors: said } = disk.run(argv, { at, act: "move" });
      const where = `at ${at} of ${calls.length}: ${calls[at - 1]}\n${said}`;
      expectEnd({ status, signal, errors: said }, where);
      ended[status === 0 ? "done" : "refused"]++;
      if (status === 0) expect([rehearsal.found(), rehearsal.found(gone)], where).toContain("newer");
      else expect([rehearsal.found(), rehearsal.found(gone)], where).toEqual(["nothing", "older"]);
      expect(said.match(/^voxplain: /gm) ?? [], where).toHaveLength(status ?? 0);
    }
    process.stderr.write(
      `${replacement.name}, folder gone: ${ended.refused} times refused in one sentence, ${ended.done} times complete\n`,
    );
    expect(ended.refused).toBeGreaterThan(0);
  });
});

/** @param where - Which call was refused, and what the program said. */
function expectSentence(run: Ended, where: string): void {
  expectEnd(run, where);
  const { status, errors: said } = run;
  const sentences = said.split("\n").filter((line) => line.startsWith("voxplain: "));
  if (status === 1) {
    expect(sentences, where).toHaveLength(1);
    expect(sentences[0], where).toMatch(/^voxplain: .*\/out\b.*: .*; \w+/);
  } else {
    expect(sentences, where).toEqual([]);
  }
}

/** The program ended by itself, with a status and no trace of its code. */
function expectEnd(
  { status, signal, errors }: Pick<Ended, "status" | "signal" | "errors">,
  where: string,
): void {
  expect([signal, [0, 1].includes(status ?? -1)], where).toEqual([null, true]);
  expect(errors, where).not.toMatch(/^\s+at |node:internal|unexpected error|Node\.js v/m);
}
