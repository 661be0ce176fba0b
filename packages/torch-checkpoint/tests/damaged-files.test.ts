import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isVoxplainError } from "@voxplain/core";
import { type CheckpointValue, isTensor, openCheckpoint } from "@voxplain/torch-checkpoint";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("fixtures/", import.meta.url));
const good = readdirSync(folder).filter((name) => /\.(zip|legacy)\.pt$/.test(name));

/** Reads every tensor, both ways. */
async function readAll(value: CheckpointValue): Promise<void> {
  if (isTensor(value)) {
    await value.read();
    for await (const _ of value.chunks());
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      await readAll(key);
      await readAll(item);
    }
  } else if (Array.isArray(value)) {
    for (const item of value) await readAll(item);
  }
}

const failureOf = (bytes: Uint8Array): Promise<unknown> =>
  openCheckpoint(bytes)
    .then(({ root }) => readAll(root))
    .then(
      () => undefined,
      (error: unknown) => error,
    );

describe.each(good)("%s", (name) => {
  const whole = new Uint8Array(readFileSync(`${folder}${name}`));

  it("is refused in words at every length it may be cut to", async () => {
    // All lengths of a small file; of others about 400, which do not fall on the same place of every record.
    const step = whole.length < 1000 ? 1 : Math.ceil(whole.length / 400);
    for (let length = 0; length < whole.length; length += step) {
      const failure = await failureOf(whole.subarray(0, length));
      expect(isVoxplainError(failure, "invalid-file"), `${length} bytes: ${failure}`).toBe(true);
    }
  });

  it("with bytes changed is read or refused in words", async () => {
    // Steps of a linear congruential generator: the same bytes in every run.
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 400; round++) {
      const damaged = whole.slice();
      for (let change = 0; change <= round % 3; change++) damaged[random(whole.length)] = random(256);
      const failure = await failureOf(damaged);
      expect(failure === undefined || isVoxplainError(failure), `round ${round}: ${failure}`).toBe(true);
    }
  });
});
