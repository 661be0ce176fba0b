import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { directory } from "@voxplain/core/node";
import { expect, it } from "vitest";
import { nodeEngine, relativeError } from "./open-sample.ts";

const phantoms = fileURLToPath(new URL("../../../../packages/cli/tests/fixtures/phantoms", import.meta.url));

it("phantoms, whose images are pictures without folders, are found and explained", async () => {
  const engine = nodeEngine();
  await engine.open(directory(`${phantoms}/model`));
  const { images, problems } = await engine.open(directory(`${phantoms}/caps`));
  expect(problems).toEqual([]);
  expect(images.length).toBeGreaterThan(0);
  const expected: Record<string, { logits: number[]; gradient: number[] }> = JSON.parse(
    readFileSync(`${phantoms}/expected.json`, "utf8"),
  );
  const request = { network: undefined, method: "gradients", options: {}, target: 0 };
  for (const [participant, { logits, gradient }] of Object.entries(expected)) {
    const image = images.find(({ name }) => name.startsWith(`${participant} `))!;
    const { map, stored, prediction } = await engine.explain(image, request);
    expect(map.shape).toEqual([...stored.dims.slice(1), 1]);
    // Float32 against torch's float64.
    expect(relativeError(stored.data, Float32Array.from(gradient))).toBeLessThan(1e-5);
    const [cn = 0, ad = 0] = logits;
    expect(prediction.probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(cn - ad)), 6);
  }
  const single = await engine.open(directory(`${phantoms}/caps/subjects`));
  expect(single.problems).toEqual([]);
  const [first] = single.images;
  const [participant = ""] = first!.name.split("_");
  const { stored } = await engine.explain(first!, request);
  expect(relativeError(stored.data, Float32Array.from(expected[participant]!.gradient))).toBeLessThan(1e-5);
  await engine.release();
});
