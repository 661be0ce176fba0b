import { describe, expect, it } from "vitest";
import { parseMaps } from "../src/maps.ts";
import { maps } from "./memory-model-folder.ts";

const parse = (object: unknown) => parseMaps(JSON.stringify(object), "maps.json").settings;

describe("maps.json of ClinicaDL 1.x", () => {
  it("numbers the classes by label_code, not by the order of 0.2", () => {
    expect(parse(maps).labelCode).toEqual(
      new Map([
        ["AD", 0],
        ["CN", 1],
      ]),
    );
  });

  it("says how images are cut", () => {
    const ofImages = { ...maps.preprocessing_dict, mode: "patch", patch_size: 24, stride_size: 16 };
    const written = { ...maps, mode: "patch", input_size: [1, 24, 24, 24], preprocessing_dict: ofImages };
    expect(parse(written).patch).toEqual({ size: 24, stride: 16, extracted: false });
  });

  it("names every key that is wrong", () => {
    expect(() => parse({ ...maps, network_task: "guess", normalize: 1 })).toThrow(
      /value of "network_task".*found "guess"; .*value of "normalize".*found 1/,
    );
  });
});
