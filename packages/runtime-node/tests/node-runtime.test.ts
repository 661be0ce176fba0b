import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type InferenceSession, type ModelArtifact, type ModelRuntime, VoxplainError } from "@voxplain/core";
import { runtimeContract } from "@voxplain/core/testing";
import { nodeDevices, nodeRuntime } from "@voxplain/runtime-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sessionPool } from "../src/session-pool.ts";

describe("onnxruntime-node on the CPU keeps the contract of a runtime: it", () => {
  for (const { name, run } of runtimeContract(() => nodeRuntime({ executionProvider: "cpu", threads: 2 }))) {
    it(name, run);
  }
});

describe("a session for concurrent runs keeps the contract, too: it", () => {
  const several = (): ModelRuntime => {
    const runtime = nodeRuntime({ executionProvider: "cpu", threads: 3 });
    return {
      ...runtime,
      createSession: (model, options) => runtime.createSession(model, { ...options, concurrentRuns: 2 }),
    };
  };
  for (const { name, run } of runtimeContract(several)) it(name, run);
});

describe("sessionPool", () => {
  it("gives each run to the session with the fewest, and releases all", async () => {
    const log: string[] = [];
    const ends = new Map<string, () => void>();
    const session = (name: string): InferenceSession => ({
      inputNames: ["x"],
      outputNames: ["y"],
      run: () => {
        log.push(name);
        return new Promise((resolve) => {
          ends.set(name, () => resolve({}));
        });
      },
      release: async () => {
        log.push(`${name} released`);
      },
    });
    const pool = sessionPool([session("a"), session("b")]);
    const runs = [pool.run({}), pool.run({})];
    expect(log).toEqual(["a", "b"]);
    ends.get("b")?.();
    await runs[1];
    const last = pool.run({});
    expect(log).toEqual(["a", "b", "b"]);
    for (const end of ends.values()) end();
    await Promise.all([runs[0], last]);
    await pool.release();
    expect(log.slice(3)).toEqual(["a released", "b released"]);
  });

  it("counts a run that fails as ended", async () => {
    let runs = 0;
    const failing: InferenceSession = {
      ...{ inputNames: [], outputNames: [], release: async () => {} },
      run: async () => {
        runs++;
        throw new Error("broken");
      },
    };
    const other: InferenceSession = { ...failing, run: () => new Promise(() => {}) };
    const pool = sessionPool([failing, other]);
    await expect(pool.run({})).rejects.toThrow("broken");
    await expect(pool.run({})).rejects.toThrow("broken");
    expect(runs).toBe(2);
  });
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
    for (const concurrentRuns of [1, 2]) {
      const runtime = nodeRuntime({ executionProvider: "cpu", threads: 2 });
      await expect(runtime.createSession(broken, { concurrentRuns })).rejects.toThrow(VoxplainError);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it("stay within their folder, whatever a model calls its weights", async () => {
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
    expect(() => nodeRuntime(asked)).toThrow(
      'the execution provider does not exist in Node: expected one of cpu, cuda, webgpu, dml, coreml, found "tpu"',
    );
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
