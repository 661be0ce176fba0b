// A large ONNX file, from opening it to its first gradient.
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { onnxNetwork } from "@voxplain/model-loader";
import { graphBuilder, modelOf, openOnnxFile, writeModel } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel } from "@voxplain/saliency";
import { interleaved, timed } from "./measurement.mjs";
import { sizes } from "./sizes.mjs";

const layers = 3;

/** Reading it as a graph, and all until the first gradient. */
export async function opening() {
  const width = Math.round(Math.sqrt((sizes.onnxMegabytes * 1e6) / 4 / layers));
  const folder = join(tmpdir(), `voxplain-bench-onnx-${sizes.onnxMegabytes}`);
  if (!existsSync(join(folder, "model.onnx"))) {
    mkdirSync(folder, { recursive: true });
    await writeModel(directory(folder), "model.onnx", linearLayers(width));
  }
  const open = () => openOnnxFile(directory(folder), "model.onnx");
  const input = tensor("float32", [1, width], new Float32Array(width).fill(0.5));
  const runtime = nodeRuntime({ executionProvider: "cpu", threads: sizes.threads });
  const firstGradient = async () => {
    const model = differentiableModel(onnxNetwork(await open(), { inputDims: [width] }), runtime);
    await model.gradient(input, 1);
    await model.release();
  };
  const times = await interleaved(
    { opened: () => timed(open), explained: () => timed(firstGradient) },
    { rounds: sizes.processes, warmUp: 1 },
  );
  const what = `an ONNX file of ${sizes.onnxMegabytes} MB`;
  const row = { unit: "ms", threads: sizes.threads };
  return [
    { what: `opening ${what}`, ...row, programs: { Voxplain: times.opened } },
    { what: `${what} until its first gradient`, ...row, programs: { Voxplain: times.explained } },
  ];
}

function linearLayers(width) {
  const graph = graphBuilder("linear");
  let x = graph.input("x", "float32", ["batch", width]);
  for (let layer = 0; layer < layers; layer++) {
    const weights = Float32Array.from({ length: width * width }, (_, k) => ((k * 2654435761) % 997) / 1e6);
    const weight = graph.initializer(`weight${layer}`, tensor("float32", [width, width], weights));
    x = graph.add("Relu", [graph.add("MatMul", [x, weight])]);
  }
  const classes = tensor(
    "float32",
    [width, 2],
    Float32Array.from({ length: 2 * width }, (_, k) => (k % 2) / width),
  );
  const logits = graph.add("MatMul", [x, graph.initializer("classes", classes)]);
  graph.output(logits, "float32", ["batch", 2]);
  return modelOf(graph.build());
}
