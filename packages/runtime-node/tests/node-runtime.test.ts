import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModelArtifact, VoxplainError } from "@voxplain/core";
import { runtimeContract } from "@voxplain/core/testing";
import { nodeRuntime } from "@voxplain/runtime-node";
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
