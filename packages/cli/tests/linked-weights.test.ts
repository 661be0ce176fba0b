// Weights beside an ONNX file that are links, as caches of model hubs have them, and those that are elsewhere.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tensor } from "@voxplain/core";
import { decodeModel, encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();
const values = Float32Array.from({ length: 4096 }, (_, k) => k);

/** Differentiates a network, in a folder "network", whose file says that its weights are at a location. */
async function differentiated(location: string) {
  const graph = graphBuilder("weighted");
  const x = graph.input("x", "float32", [4096]);
  const w = graph.initializer("w", tensor("float32", [4096], values));
  graph.output(graph.add("Mul", [x, w], {}, { outputs: ["y"] }), "float32", [4096]);
  const { proto } = await encodeModel(modelOf(graph.build()), { externalData: { location: "0123456789" } });
  const text = Buffer.from(proto).toString("latin1").replaceAll("0123456789", location);
  writeFileSync(join(folder.path, "network/x.onnx"), text, "latin1");
  const output = join(folder.path, "gradient.onnx");
  const argv = ["differentiate", join(folder.path, "network/x.onnx"), "-o", output, "--overwrite"];
  return { ...(await voxplain(...argv)), output };
}

it("a link of that name is followed, and a location that leads out of the folder is not", async () => {
  mkdirSync(join(folder.path, "network"));
  writeFileSync(join(folder.path, "blob123"), new Uint8Array(values.buffer));
  symlinkSync("../blob123", join(folder.path, "network/weights.12"));
  const followed = await differentiated("weights.12");
  expect(followed).toMatchObject({ status: 0, errors: "" });
  const { graph } = await decodeModel(readFileSync(followed.output), { name: "gradient.onnx" });
  expect(graph.initializers.get("w")).toMatchObject({ data: values });

  expect(await differentiated("../blob123")).toMatchObject({
    status: 1,
    errors: expect.stringContaining('the path "../blob123" would leave its folder'),
  });
});

it("a link that leads nowhere, or to itself, is refused in one sentence", async () => {
  mkdirSync(join(folder.path, "network"));
  symlinkSync("../nowhere", join(folder.path, "network/weights.12"));
  symlinkSync("itself.123", join(folder.path, "network/itself.123"));
  for (const location of ["weights.12", "itself.123"]) {
    const { status, errors } = await differentiated(location);
    expect(status).toBe(1);
    expect(errors.trimEnd().split("\n")).toEqual([expect.stringContaining(location)]);
  }
});
