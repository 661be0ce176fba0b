import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { encodeModel } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { type LoadedNetwork, loadNetwork, openModelFolder } from "../src/index.ts";
import { spread } from "./portable-random.ts";

/** Another folder of make_checkpoints.py, such as the one with all of them. */
const folder =
  process.env.VOXPLAIN_CHECKPOINTS ?? fileURLToPath(new URL("fixtures/checkpoints", import.meta.url));

interface Written {
  /** Which of two networks was read, or "error". */
  readonly which: "network" | "twin" | "error";
  /** Below which the weights are, with dots between them. */
  readonly keys?: string;
  readonly message?: string;
  readonly weightsKey?: string;
}

const expected: {
  readonly inputDims: number[];
  readonly input: string;
  readonly network: number[];
  readonly twin: number[];
  readonly checkpoints: Readonly<Record<string, Written>>;
} = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8"));
const { inputDims } = expected;

describe("a checkpoint as training scripts write it", async () => {
  const opened = await openModelFolder(directory(folder));

  it.each(Object.entries(expected.checkpoints))("%s", async (name, { which, keys, message, weightsKey }) => {
    const loading = loadNetwork(opened, 0, name, { inputDims, weightsKey });
    if (which === "error") return expect(loading).rejects.toThrow(message);
    const network = await loading;
    expect(network.weightsKeys?.join(".")).toBe(keys);
    for (const [k, value] of (await logitsOf(network)).entries()) {
      // Float32 against float64; the twin is another network by far.
      expect(Math.abs(value - expected[which][k]!)).toBeLessThan(1e-6);
    }
  });
});

async function logitsOf({ model, input, logits }: LoadedNetwork): Promise<number[]> {
  const session = await directRuntime().createSession(await encodeModel(model));
  try {
    const image = tensor("float32", [1, ...inputDims], spread(expected.input, 990, 0.5, 0.5));
    return Array.from((await session.run({ [input]: image }))[logits]?.data ?? [], Number);
  } finally {
    await session.release();
  }
}
