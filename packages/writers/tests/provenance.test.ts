import {
  describeOutput,
  encodeJson,
  encodeProvenance,
  mapStatistics,
  type Provenance,
  sha256,
} from "@voxplain/writers";
import { describe, expect, it } from "vitest";

const inputs = [{ participant: "sub-01", session: "ses-M00", file: "a.pt", sha256: "01" }];
const provenance: Provenance = {
  tool: { name: "voxplain", version: "1.2.3" },
  packages: { "@voxplain/saliency": "1.0.0" },
  command: ["voxplain", "interpret", "group", "model", "map"],
  options: { vmax: 0.5, baseline: false, target_diagnosis: "AD" },
  model: {
    file: "fold-0/models/best_loss/model_best.pth.tar",
    sha256: "00",
    architecture: "Conv5_FC3",
    fold: 0,
    selection: "best_loss",
    epoch: null,
    weights_key: null,
    parameters: 42,
  },
  inputs,
  runtime: { name: "onnxruntime-node", version: "1.30.0", provider: "cpu", kernels: [], threads: 2 },
  platform: { system: "linux", architecture: "x64", host: "node 20.20.2" },
  seed: null,
  started: new Date(0),
  finished: new Date(1500),
  durations: { explain: 1.25 },
  warnings: [],
  outputs: [],
};

describe("encodeProvenance", () => {
  const textOf = async (one: Provenance) => {
    let text = "";
    for await (const piece of encodeProvenance(one)) text += new TextDecoder().decode(piece);
    return text;
  };

  it("says first what it is, and keeps everything it was given", async () => {
    const text = await textOf(provenance);
    expect(text.startsWith('{\n    "format": "voxplain-provenance",\n    "version": 1,\n')).toBe(true);
    expect(JSON.parse(text)).toEqual({
      format: "voxplain-provenance",
      version: 1,
      ...provenance,
      started: "1970-01-01T00:00:00.000Z",
      finished: "1970-01-01T00:00:01.500Z",
    });
    expect(text).toBe(new TextDecoder().decode(encodeJson(JSON.parse(text))));
  });

  it("has the same bytes when inputs and outputs are read while it is written", async () => {
    async function* each<Item>(items: Iterable<Item>) {
      yield* items;
    }
    const many = Array.from({ length: 2000 }, (_, k) => ({
      ...{
        file: `sub-${k}/ä.npy`,
        byteLength: k,
        sha256: "0".repeat(64),
        nested: { empty: [], values: [1.5] },
      },
    }));
    for (const outputs of [[], many]) {
      const held = await textOf({ ...provenance, outputs });
      expect(await textOf({ ...provenance, inputs: each(inputs), outputs: each(outputs) })).toBe(held);
    }
  });
});

describe("describeOutput", () => {
  it("gives the SHA-256 of the bytes, and statistics of a map", async () => {
    // The digest of "abc" is the example of FIPS 180-2.
    const bytes = new TextEncoder().encode("abc");
    expect(await describeOutput("map.npy", bytes, Float32Array.of(3, -4))).toEqual({
      file: "map.npy",
      byteLength: 3,
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      statistics: { count: 2, nonFinite: 0, min: -4, max: 3, mean: -0.5, l2: 5 },
    });
    expect(await describeOutput("data.tsv", bytes)).not.toHaveProperty("statistics");
  });
});

describe("sha256", () => {
  it("hashes a view of a larger array, and not the bytes around it", async () => {
    const around = new TextEncoder().encode("xabcx");
    expect(await sha256(around.subarray(1, 4))).toBe(await sha256(around.slice(1, 4)));
  });
});

describe("mapStatistics", () => {
  it("counts what is not finite and leaves it out", () => {
    const values = Float32Array.of(1, Number.NaN, 2, Number.POSITIVE_INFINITY);
    expect(mapStatistics(values)).toEqual({
      count: 4,
      nonFinite: 2,
      min: 1,
      max: 2,
      mean: 1.5,
      l2: Math.sqrt(5),
    });
  });

  it("has no minimum, maximum or mean where nothing is finite", () => {
    const nothing = { min: null, max: null, mean: null, l2: 0 };
    expect(mapStatistics(Float32Array.of(Number.NaN))).toEqual({ count: 1, nonFinite: 1, ...nothing });
    expect(mapStatistics(new Float32Array(0))).toEqual({ count: 0, nonFinite: 0, ...nothing });
  });
});
