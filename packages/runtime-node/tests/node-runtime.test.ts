import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModelArtifact, VoxplainError } from "@voxplain/core";
import { runtimeContract } from "@voxplain/core/testing";
import { nodeDevices, nodeRuntime } from "@voxplain/runtime-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

describe("onnxruntime-node on the CPU keeps the contract of a runtime: it", () => {
  for (const { name, run } of runtimeContract(() => nodeRuntime({ executionProvider: "cpu", threads: 2 }))) {
    it(name, run);
  }
});

describe("the temporary files of a session", () => {
  const before = process.env.TMPDIR;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "runtime-node-test-"));
    process.env.TMPDIR = folder;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
  });

  const broken: ModelArtifact = { proto: Uint8Array.of(1, 2, 3), externalData: [] };

  it("are gone after a model that cannot be loaded", async () => {
    await expect(nodeRuntime({ executionProvider: "cpu" }).createSession(broken)).rejects.toThrow(
      VoxplainError,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("never lie outside their folder, whatever a model calls its weights", async () => {
    const hostile: ModelArtifact = {
      proto: new Uint8Array(),
      externalData: [{ location: "../weights.bin", byteLength: 1, async *chunks() {} }],
    };
    await expect(nodeRuntime({ executionProvider: "cpu" }).createSession(hostile)).rejects.toThrow(
      '"../weights.bin" is not a file name',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("are not missed in silence when their folder cannot be written", async () => {
    process.env.TMPDIR = join(folder, "missing");
    await expect(nodeRuntime({ executionProvider: "cpu" }).createSession(broken)).rejects.toThrow(
      /cannot write .*missing/,
    );
  });
});

describe("nodeRuntime", () => {
  it("says which library computes", () => {
    expect(nodeRuntime({ executionProvider: "cpu" }).version).toMatch(/^onnxruntime-node \d+\.\d+\.\d+$/);
  });

  it("refuses a provider that it cannot use", () => {
    const asked = { executionProvider: "tpu" } as unknown as Parameters<typeof nodeRuntime>[0];
    expect(() => nodeRuntime(asked)).toThrow('the execution provider "tpu" is not available');
  });
});

describe("nodeDevices", () => {
  it("lists every provider, the CPU among the usable ones, and says of the others what to do", async () => {
    const devices = await nodeDevices();
    expect(devices.map(({ executionProvider }) => executionProvider)).toEqual([
      "cpu",
      "cuda",
      "webgpu",
      "dml",
      "coreml",
    ]);
    expect(devices[0]).toMatchObject({
      usable: true,
      software: false,
      detail: expect.stringMatching(/core/),
    });
    // No platform has both.
    const elsewhere = devices.filter(({ detail }) =>
      /has it on (win32|darwin) .* only, and this is/.test(detail),
    );
    expect(elsewhere.length).toBeGreaterThan(0);
    for (const { usable } of elsewhere) expect(usable).toBe(false);
  });

  it("agrees with what a session says: nothing is replaced by the CPU in silence", async () => {
    const unusable = (await nodeDevices()).filter(({ usable }) => !usable);
    for (const { executionProvider, detail } of unusable) {
      if (executionProvider === "cpu") continue;
      const runtime = nodeRuntime({ executionProvider: executionProvider as "cuda" });
      await expect(runtime.createSession(relu)).rejects.toMatchObject({
        code: "device-unavailable",
        message: `${executionProvider} cannot be used here: ${detail}`,
      });
    }
  });

  it("says how the libraries of CUDA are installed, where they are not", async () => {
    const [cuda] = await nodeDevices(["cuda"]);
    if (cuda?.usable || process.platform !== "linux" || process.arch !== "x64") return;
    expect(cuda?.detail).toMatch(/install\.js --onnxruntime-node-install=cuda12|nvidia-smi/);
  });
});

/** y = Relu(x), float32 of shape [1]. */
const relu: ModelArtifact = {
  proto: Uint8Array.from([
    8, 8, 58, 51, 10, 12, 10, 1, 120, 18, 1, 121, 34, 4, 82, 101, 108, 117, 18, 1, 103, 90, 15, 10, 1, 120,
    18, 10, 10, 8, 8, 1, 18, 4, 10, 2, 8, 1, 98, 15, 10, 1, 121, 18, 10, 10, 8, 8, 1, 18, 4, 10, 2, 8, 1, 66,
    2, 16, 17,
  ]),
  externalData: [],
};
