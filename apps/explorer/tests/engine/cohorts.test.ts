import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directory } from "@voxplain/core/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeToyCohorts } from "../agreement/toy-cohorts.ts";
import { nodeEngine } from "./open-sample.ts";

const ad = { method: "gradients", options: {}, target: 0 };
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-engine-cohorts-"));
  await writeToyCohorts(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function opened(...names: readonly string[]) {
  const engine = nodeEngine();
  for (const name of names) await engine.open(directory(join(folder, name)));
  return engine;
}

it("has the classes, the program and the label code of a MAPS, and says which sessions its training saw", async () => {
  const engine = await opened("maps", "table");
  expect(engine.model).toMatchObject({ task: "classification", classes: ["AD", "CN", "MCI"] });
  expect(engine.model?.networks).toEqual([{ fold: 0, foldName: "split-0", selection: "best_loss" }]);
  expect(engine.model?.facts).toEqual(
    expect.arrayContaining([
      { label: "Written by", value: "ClinicaDL 1.6.1 (MAPS)" },
      { label: "Gives", value: "diagnosis: AD 0, CN 1, MCI 2" },
    ]),
  );
  const [seen, unseen] = engine.images;
  const warningsOf = async (image = seen!) => (await engine.explain(image, ad)).warnings.join("\n");
  expect(await warningsOf()).toMatch(/saw in training/);
  expect(await warningsOf(unseen)).not.toMatch(/saw in training/);
  await engine.release();
});

it("lists the same sessions whatever is opened first: the model, the table, or the images apart from it", async () => {
  const names = ["sub-01", "sub-02", "sub-03", "sub-04"].map((name) => `${name} ses-M00`);
  for (const [name, from] of [
    ["only-table", "table/scans.csv"],
    ["only-images", "table/images"],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    cpSync(join(folder, from), join(folder, name, from.slice("table/".length)), { recursive: true });
  }
  for (const order of [
    ["maps", "table"],
    ["table", "maps"],
    ["maps", "only-table", "only-images"],
    ["only-images", "maps", "only-table"],
  ]) {
    const engine = await opened(...order);
    expect(engine.images.map(({ name }) => name)).toEqual(names);
    expect(engine.images.map(({ trueNode }) => trueNode)).toEqual([0, 1, 0, 2]);
    expect(engine.absent.map(({ name }) => name)).toEqual(["sub-05 ses-M00"]);
  }
});

it("takes labels from the column that is chosen; only those of the model's own column are classes", async () => {
  const engine = await opened("maps", "bids");
  expect(engine.cohort).toMatchObject({ label: "diagnosis", columns: ["diagnosis", "sex", "age"] });
  await engine.choose({ label: "sex" });
  expect(engine.images.map(({ trueClass, trueNode }) => [trueClass, trueNode])).toEqual(
    ["F", "M", "M", "F"].map((sex) => [sex, undefined]),
  );
});

it("predicts a session whose label the model does not know, and names it when it is opened", async () => {
  cpSync(join(folder, "maps"), join(folder, "maps-of-two"), { recursive: true });
  const file = join(folder, "maps-of-two/maps.json");
  const settings = { ...JSON.parse(readFileSync(file, "utf8")), label_code: { AD: 0, CN: 1 } };
  writeFileSync(file, JSON.stringify(settings));
  const engine = await opened("maps-of-two");
  const { problems } = await engine.open(directory(join(folder, "bids")));
  expect(problems).toContain(
    "the diagnosis of 1 session has no class (those that have: AD, CN): sub-04 ses-M00 (MCI)",
  );
  const image = engine.images.find(({ name }) => name === "sub-04 ses-M00")!;
  expect((await engine.predict(image, {})).probabilities).toHaveLength(3);
  await engine.release();
});
