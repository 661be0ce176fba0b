import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eager, type LazyTensor, type ModelArtifact, tensor, VoxplainError } from "@voxplain/core";
import { openFile } from "@voxplain/core/node";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { openCheckpoint, rootTensor, stateDicts } from "@voxplain/torch-checkpoint";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

describe("a tensor of a checkpoint on this machine", () => {
  const fixtures = fileURLToPath(new URL("../packages/torch-checkpoint/tests/fixtures/", import.meta.url));

  it.each(["zip", "legacy"])(
    "is in the file at the place that it states, views included (%s)",
    async (format) => {
      const path = join(fixtures, `views.${format}.pt`);
      const checkpoint = await openCheckpoint((await openFile(path))!);
      expect(checkpoint.format).toBe(format);
      const file = readFileSync(path);
      const tensors = stateDicts(checkpoint).flatMap(({ tensors }) => [...tensors.values()]);
      let compared = 0;
      for (const { stored, chunks } of tensors) {
        if (stored === undefined) continue;
        const pieces: Uint8Array[] = [];
        for await (const piece of chunks()) pieces.push(piece);
        const bytes = Buffer.concat(pieces);
        expect(file.subarray(stored.offset, stored.offset + bytes.length).equals(bytes)).toBe(true);
        compared++;
      }
      expect(compared).toBeGreaterThan(0);
    },
  );

  it("states no place where its bytes are in another order than its values", async () => {
    const strided = stateDicts(await openCheckpoint((await openFile(join(fixtures, "views.zip.pt")))!));
    expect(strided[0]?.tensors.get("whole")?.stored).toBeDefined();
    expect(strided[0]?.tensors.get("transposed")?.stored).toBeUndefined();
    const turned = await openCheckpoint((await openFile(join(fixtures, "big_endian.zip.pt")))!);
    expect(rootTensor(turned).stored).toBeUndefined();
  });

  it("states no place where its bytes are read from memory", async () => {
    const checkpoint = await openCheckpoint(new Uint8Array(readFileSync(join(fixtures, "views.zip.pt"))));
    for (const { tensors } of stateDicts(checkpoint))
      for (const { stored } of tensors.values()) expect(stored).toBeUndefined();
  });
});

describe("weights in a checkpoint", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "stored-weights-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** y = x + w for 512 numbers, whose weights begin at byte 64 of a file. */
  async function inFile(check: () => AsyncIterable<Uint8Array>): Promise<ModelArtifact> {
    const weights = Float32Array.from({ length: 512 }, (_, k) => k / 4);
    const path = join(folder, "weights of a model.pth.tar");
    writeFileSync(path, Buffer.concat([Buffer.alloc(64, 1), new Uint8Array(weights.buffer)]));
    symlinkSync(path, join(folder, "link"));
    const reader = await openFile(join(folder, "link"));
    const lazy: LazyTensor = {
      ...eager(tensor("float32", [512], weights)),
      chunks: check,
      stored: { realPath: () => reader!.realPath!(), offset: 64 },
    };
    const graph = graphBuilder("sum");
    graph.input("x", "float32", [512]);
    graph.initializer("w", lazy);
    graph.output(graph.add("Add", ["x", "w"]), "float32", [512]);
    return encodeModel(modelOf(graph.build()), { stored: true });
  }

  it("are computed with from there, also through a link, and nothing is written", async () => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = join(folder, "missing");
    try {
      const model = await inFile(async function* () {});
      const session = await nodeRuntime({ executionProvider: "cpu" }).createSession(model);
      const [sum] = Object.values(
        await session.run({ x: tensor("float32", [512], new Float32Array(512).fill(1)) }),
      );
      expect([...(sum?.data ?? [])].slice(0, 4)).toEqual([1, 1.25, 1.5, 1.75]);
      await session.release();
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });

  it("are checked while the network computes, which gives nothing where they are damaged", async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first piece
    const model = await inFile(async function* () {
      throw new VoxplainError("invalid-file", "its checksum is wrong");
    });
    const session = await nodeRuntime({ executionProvider: "cpu" }).createSession(model);
    const x = tensor("float32", [512], new Float32Array(512));
    await expect(session.run({ x })).rejects.toThrow("its checksum is wrong");
    await expect(session.run({ x })).rejects.toThrow("its checksum is wrong");
    await session.release();
  });

  it("say that they are damaged where the network cannot be opened", async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first piece
    const model = await inFile(async function* () {
      throw new VoxplainError("invalid-file", "its checksum is wrong");
    });
    const broken = { ...model, proto: Uint8Array.of(1, 2, 3) };
    await expect(nodeRuntime({ executionProvider: "cpu" }).createSession(broken)).rejects.toThrow(
      "its checksum is wrong",
    );
  });
});
