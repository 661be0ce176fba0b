import { expect } from "vitest";
import type { Ended } from "./disk-faults.ts";

/**
 * A run that a disk refused something ended with one sentence, which names the place and what to do, or did without.
 * @param where - What was refused, and what the program said.
 */
export function expectSentence(run: Ended, where: string): void {
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
export function expectEnd(
  { status, signal, errors }: Pick<Ended, "status" | "signal" | "errors">,
  where: string,
): void {
  expect([signal, [0, 1].includes(status ?? -1)], where).toEqual([null, true]);
  expect(errors, where).not.toMatch(/^\s+at |node:internal|unexpected error|Node\.js v/m);
}
