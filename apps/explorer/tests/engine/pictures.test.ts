import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { directory } from "@voxplain/core/node";
import { expect, it } from "vitest";
import { nodeEngine } from "./open-sample.ts";

const phantoms = fileURLToPath(new URL("../../../../packages/cli/tests/fixtures/phantoms", import.meta.url));

it("phantoms, whose images are pictures without folders, are found and explained", async () => {
  const engine = nodeEngine();
  await engine.open(directory(`${phantoms}/model`));
  const { images, problems } = await engine.open(directory(`${phantoms}/caps`));
  expect(problems).toEqual([]);
  expect(images.length).toBeGreaterThan(0);
  const expected = JSON.parse(readFileSync(`${phantoms}/expected.json`, "utf8"));
  expect(expected).toBeDefined();
  const request = { network: undefined, method: "gradients", options: {}, target: 1 };
  const { map } = await engine.explain(images[0]!, request);
  expect(map.shape[2]).toBe(1);
  await engine.release();
});
