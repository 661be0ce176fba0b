import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import { claimGroup, claimIndividual } from "./part-claims.ts";
import {
  expectedNpy,
  expectedOf,
  expectMap,
  interpretModel,
  interpretParts,
  modelOf,
  npy,
  partFixtures,
  row,
  temporaryFolder,
} from "./part-fixtures.ts";

const folder = temporaryFolder();

// Float32 against float64, two convolutions.
const tolerance = 1e-5;

describe("a multi-CNN model, one network per part,", () => {
  it.each([false, true])(
    "has torch's group map, each patch from its own network (through normalization: %s)",
    async (throughNormalization) => {
      await claimGroup(folder.path, { model: "patch-multicnn", tolerance, throughNormalization });
    },
  );

  it.each(casesOf([false, true], (through) => !through))(
    "has torch's maps of each session and patch (through normalization: %s)",
    async (throughNormalization) => {
      await claimIndividual(folder.path, { model: "patch-multicnn", tolerance, throughNormalization });
    },
  );

  it.each(casesOf([false, true], (through) => !through))(
    "of slices has torch's maps on the planes (through normalization: %s)",
    async (throughNormalization) => {
      // As exact as the maps of one network for all slices.
      const claim = { model: "slice-multicnn", tolerance: 1e-4, throughNormalization };
      await claimGroup(folder.path, claim);
      await claimIndividual(folder.path, claim);
    },
  );

  it("of regions of different sizes has a map per region and the recomposed one, but no mean of what cannot be averaged", async () => {
    const model = "roi-multicnn";
    const { ad } = expectedOf(model);
    const drawn = ["--pictures", "all"];
    const result = await interpretParts(folder.path, "individual", model, "i", ...drawn);
    for (const [k, { key, parts }] of ad.entries()) {
      const own = join(result, key[0]!, key[1]!);
      expect(readdirSync(own).sort()).toEqual([
        "coverage.nii.gz",
        "parts",
        "recomposed.nii.gz",
        "recomposed.npy",
        "recomposed.png",
      ]);
      expectMap(npy(join(own, "recomposed.npy")), row(expectedNpy(model, "recomposed.npy"), k), tolerance);
      for (const [p, { name }] of parts.entries()) {
        const expected = row(expectedNpy(model, `part-${p}.npy`), k);
        expectMap(npy(join(own, "parts", name, "map.npy")), expected, tolerance);
      }
    }
    const group = await interpretParts(folder.path, "group", model, "g");
    expectMap(npy(join(group, "recomposed.npy")), expectedNpy(model, "group-recomposed.npy"), tolerance);
    expect(readdirSync(group)).not.toContain("map.npy");
  });

  it("names the networks in its provenance", async () => {
    const { readFileSync } = await import("node:fs");
    const result = await interpretParts(folder.path, "group", "patch-multicnn", "g");
    const text = readFileSync(join(result, "provenance.json"), "utf8");
    for (const k of [0, 1, 2, 3]) {
      expect(text).toContain(`fold-0/models/cnn-${k}/best_balanced_accuracy/model_best.pth.tar`);
    }
  });

  it("that lacks a network is refused with the number of it", async () => {
    const model = join(folder.path, "models/lacking");
    cpSync(modelOf("patch-multicnn"), model, { recursive: true });
    for (const shared of ["caps", "labels"]) {
      cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
    }
    rmSync(join(model, "fold-0/models/cnn-2"), { recursive: true });
    const { errors, status } = await interpretModel(folder.path, "group", model, "x");
    expect(status).toBe(1);
    expect(errors).toMatch(/no network cnn-2|has 4 parts, but the model has 3 networks/);
    expect(readdirSync(folder.path)).not.toContain("fold-0");
  });
});
