import { tensor } from "@voxplain/core";
import { expect, it } from "vitest";
import { lentMemory } from "../src/lent-memory.ts";
import { type Asked, sessionRays } from "../src/session-rays.ts";

const dims = [1, 1, 2, 2, 2];

it("lets the next sum begin after one whose image cannot be taken", async () => {
  const buffer = new SharedArrayBuffer(4 * 8 * 3);
  const memory = lentMemory({
    ...{ buffer, dims, input: "x", gradient: "dx", images: [0, 32], maps: [64] },
    ...{ taken: new Int32Array(new SharedArrayBuffer(4)), hasRay: true },
  });
  const ask = async ({ giveBack }: Asked) => {
    giveBack();
    return { results: {}, begun: true };
  };
  const beginRay = sessionRays(memory, "dx", () => {}, ask);
  const lent = memory.borrow("x");
  if (!lent) throw new Error("there is no memory");
  memory.giveBack(lent);
  await expect(beginRay(lent)).rejects.toThrow("given back before the run");
  const ray = await beginRay(tensor("float32", dims, new Float32Array(8)), {
    signal: AbortSignal.timeout(2000),
  });
  expect(ray).toBeDefined();
  ray?.release();
});
