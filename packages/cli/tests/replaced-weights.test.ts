// Weights beside an ONNX file: at every moment of a replacement, the ONNX file that is there names weights that are there.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tensor } from "@voxplain/core";
import { encodeModel, externalDataFiles, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { weightsBeside } from "../src/differentiate/weights-beside.ts";
import { temporaryFolder } from "./part-fixtures.ts";

const folder = temporaryFolder();
const path = () => join(folder.path, "x.onnx");
const beside = (name: string) => join(folder.path, name);
/** The weights of an ONNX file that replaces the one that is there, if there is one. */
const newWeights = (overwrite = true) =>
  weightsBeside(path(), {
    ...{ older: existsSync(path()) ? externalDataFiles(readFileSync(path())) : new Set(), overwrite },
    fsync: false,
  });
const bytes = (text: string) => new TextEncoder().encode(text);

/** An ONNX file whose weights are in a file of a name. */
async function naming(location: string): Promise<Uint8Array> {
  const graph = graphBuilder("weighted");
  const x = graph.input("x", "float32", [4096]);
  const w = graph.initializer("w", tensor("float32", [4096], new Float32Array(4096).fill(2)));
  graph.output(graph.add("Mul", [x, w], {}, { outputs: ["y"] }), "float32", [4096]);
  return (await encodeModel(modelOf(graph.build()), { externalData: { location } })).proto;
}

/** One replacement, and what is in the folder before the ONNX file is replaced, and at the end. */
async function replace(content: string): Promise<readonly [string, readonly string[]]> {
  const weights = newWeights();
  await weights.sink.write(weights.name, bytes(content));
  const before = readFileSync(path()).toString("latin1");
  const named = ["x.onnx.data", "x.onnx.2.data"].find((name) => before.includes(name)) ?? "";
  const older = existsSync(beside(named)) ? readFileSync(beside(named), "utf8") : "missing";
  await weights.sink.write("x.onnx", await naming(weights.name));
  await weights.removeOlder();
  return [older, readdirSync(folder.path).sort()];
}

it("the older weights stay until the ONNX file is replaced, whatever a killed process left", async () => {
  writeFileSync(path(), await naming("x.onnx.data"));
  writeFileSync(beside("x.onnx.data"), "first");
  expect(await replace("second")).toEqual(["first", ["x.onnx", "x.onnx.2.data"]]);
  expect(await replace("third")).toEqual(["second", ["x.onnx", "x.onnx.data"]]);
  // Killed before the ONNX file is replaced, and after it.
  writeFileSync(beside("x.onnx.2.data"), "never named");
  expect(await replace("fourth")).toEqual(["third", ["x.onnx", "x.onnx.2.data"]]);
  writeFileSync(beside("x.onnx.data"), "not removed");
  expect((await replace("fifth"))[0]).toBe("fourth");
  expect(readdirSync(folder.path).sort()).toEqual(["x.onnx", "x.onnx.data"]);
});

it("weights that another program wrote are not removed where the new network has none beside it", async () => {
  writeFileSync(path(), await naming("x.onnx.data"));
  writeFileSync(beside("x.onnx.data"), "of another program");
  await newWeights().removeOlder();
  expect(readdirSync(folder.path).sort()).toEqual(["x.onnx", "x.onnx.data"]);
});

it("weights are in use that the ONNX file has at ./x.onnx.data", async () => {
  const text = Buffer.from(await naming("__x.onnx.data")).toString("latin1");
  writeFileSync(path(), text.replaceAll("__x.onnx.data", "./x.onnx.data"), "latin1");
  writeFileSync(beside("x.onnx.data"), "first");
  expect(await replace("second")).toEqual(["first", ["x.onnx", "x.onnx.2.data"]]);
});

it("weights that an ONNX file of another name may use are neither replaced nor removed without --overwrite", async () => {
  writeFileSync(beside("x.onnx.data"), "of y.onnx");
  writeFileSync(beside("x.onnx.2.data"), "of z.onnx");
  const weights = newWeights(false);
  await expect(weights.sink.write(weights.name, bytes("new"))).rejects.toThrow(
    /x\.onnx\.data: the file exists; choose another name, or replace it \(--overwrite\)/,
  );
  // A small network needs none.
  await weights.sink.write("x.onnx", await naming("unused"));
  await weights.removeOlder();
  const contents = ["x.onnx.data", "x.onnx.2.data"].map((name) => readFileSync(beside(name), "utf8"));
  expect(contents).toEqual(["of y.onnx", "of z.onnx"]);
  const replacing = newWeights();
  await replacing.sink.write(replacing.name, bytes("new"));
  expect(readFileSync(beside("x.onnx.data"), "utf8")).toBe("new");
});
