import { encodeNpy, memoryFiles, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { decodeMap, readMapGeometry, readMapTable } from "../src/index.ts";
import { niftiOf } from "./nifti-of.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const map = niftiOf([3, 2, 2], (x, y, z) => 100 * x + 10 * y + z);

function table(
  text: string,
  files: Readonly<Record<string, Uint8Array>> = { "maps/a.nii": map, "maps/b.nii": map },
) {
  const source = memoryFiles(new Map(Object.entries({ ...files, "maps.tsv": bytesOf(text) })));
  return readMapTable({ source, below: "maps.tsv" });
}

describe("a table of maps", () => {
  it("lists a map for each participant, with all its columns", async () => {
    const { columns, maps } = await table(
      "participant_id\tage\tmap\nsub-01\t70\tmaps/a.nii\nsub-02\tn/a\t./maps/b.nii\n",
    );
    expect(columns).toEqual(["participant_id", "age", "map"]);
    expect(
      maps.map(({ participantId, sessionId, place }) => [participantId, sessionId, place.below]),
    ).toEqual([
      ["sub-01", "", "maps/a.nii"],
      ["sub-02", "", "maps/b.nii"],
    ]);
    expect(maps[0]?.cells.age).toBe("70");
  });

  it.each([
    [
      "has no column of maps",
      "participant_id\timage\nsub-01\tmaps/a.nii\n",
      /maps\.tsv: it has no column "map"/,
    ],
    ["lists no map", "participant_id\tmap\n", /maps\.tsv: it lists no map/],
    [
      "lists a session twice, even with the same map",
      "participant_id\tmap\nsub-01\tmaps/a.nii\nsub-01\tmaps/a.nii\n",
      /sub-01 is listed twice: in lines 2 and 3/,
    ],
    ["names a missing map", "participant_id\tmap\nsub-01\tc.nii\n", /c\.nii: there is no such file/],
    [
      "has an empty participant",
      "participant_id\tmap\n\tmaps/a.nii\n",
      /line 2: the participant_id is empty/,
    ],
    ["has an empty map", "participant_id\tmap\nsub-01\tn/a\n", /sub-01: .*line 2: no map is given/],
    [
      "leads out of its folder",
      "participant_id\tmap\nsub-01\t../a.nii\n",
      /not in the folder that was opened/,
    ],
  ])("is refused when it %s", async (_, text, message) => {
    await expect(table(text)).rejects.toThrow(message);
  });

  it("is refused with all its problems at once", async () => {
    const text = "participant_id\tmap\nsub-01\tc.nii\nsub-02\td.nii\nsub-03\tmaps/a.nii\n";
    await expect(table(text)).rejects.toThrow(/c\.nii.*\n.*d\.nii/);
  });
});

describe("a map", () => {
  it("is row-major over x, y and z", async () => {
    expect(Array.from(await decodeMap(map, "a.nii", "a.nii"))).toEqual([
      0, 1, 10, 11, 100, 101, 110, 111, 200, 201, 210, 211,
    ]);
  });

  it("keeps NaN and infinity: voxels without a value", async () => {
    const floats = new Uint8Array(352 + 4 * 12);
    floats.set(map.subarray(0, 352));
    const view = new DataView(floats.buffer);
    view.setInt16(70, 16, true);
    view.setInt16(72, 32, true);
    view.setFloat32(352, Number.NaN, true);
    view.setFloat32(356, Number.POSITIVE_INFINITY, true);
    const values = await decodeMap(floats, "a.nii", "a.nii");
    expect([values[0], values[4]]).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
  });

  it("may be the array of a job, with one channel and no position", async () => {
    const array = encodeNpy(tensor("float32", [1, 2, 2, 2], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)));
    const files = memoryFiles(new Map([["map.npy", array]]));
    expect(await readMapGeometry(files, "map.npy")).toMatchObject({ shape: [2, 2, 2] });
    expect(Array.from(await decodeMap(array, "map.npy", "map.npy"))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it.each([
    ["a plane in a NIfTI", "a.nii", niftiOf([3, 2, 1], () => 1)],
    ["a plane in an array", "a.npy", encodeNpy(tensor("float32", [1, 3, 2], new Float32Array(6)))],
    ["several channels", "a.npy", encodeNpy(tensor("float32", [2, 3, 2, 2], new Float32Array(24)))],
  ])("is refused, by its name, for %s", async (_, path, bytes) => {
    const files = memoryFiles(new Map([[path, bytes]]));
    await expect(readMapGeometry(files, path)).rejects.toThrow(`memory/${path}: only maps of volumes`);
  });
});
