import { identityAffine, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { sharedAnatomy } from "../../src/engine/shared-anatomy.ts";
import { packedResult, parkedResult } from "../../src/page/parked-result.ts";
import type { ExplainedMap, Result } from "../../src/page/shown-map.ts";

const volume = (data: Float32Array) => ({ data, shape: [3, 1, 1] as const, affine: identityAffine });

describe("a map that is not shown", () => {
  const values = Float32Array.of(9, 1, Number.NaN, 3);
  // A view, as maps of a batch are.
  const map = volume(values.subarray(1));
  const anatomy = volume(Float32Array.of(0, 0.5, 1));
  const stored = tensor("float32", [1, 3, 1, 1], map.data);
  const drawn: Result["drawn"] = {
    ...{ map, anatomy, title: "title", caption: "caption", label: "label" },
    ...{ isPlaced: true, kind: "gradients", fileName: "map" },
  };
  const explained = { explanation: { map, anatomy, stored }, versions: {} } as unknown as ExplainedMap;

  it("is what it was, in new memory, as often as it is asked for", async () => {
    const parked = parkedResult(await packedResult({ drawn, explained }));
    for (const restored of [await parked.restore(), await parked.restore()]) {
      expect(restored).toEqual({ drawn, explained });
      expect(restored.drawn.map.data).not.toBe(map.data);
      // What shared memory shares it again.
      expect(restored.explained?.explanation.stored.data.buffer).toBe(restored.drawn.map.data.buffer);
    }
  });

  it("may be one that explains no single image", async () => {
    const found: Result = { drawn, explained: undefined, file: new Blob(["file"]) };
    expect(await parkedResult(await packedResult(found)).restore()).toEqual(found);
  });
});

describe("the anatomy of maps", () => {
  it("is one in memory for maps of one image, and another for another image or position", () => {
    const { of } = sharedAnatomy();
    const first = volume(Float32Array.of(0, 0.5, 1));
    expect(of(first)).toBe(first);
    expect(of(volume(Float32Array.of(0, 0.5, 1)))).toBe(first);
    const brighter = volume(Float32Array.of(0, 0.6, 1));
    expect(of(brighter)).toBe(brighter);
    const moved = {
      ...brighter,
      affine: [[1, 0, 0, 5], ...identityAffine.slice(1)] as unknown as typeof identityAffine,
    };
    expect(of(moved)).toBe(moved);
  });
});
