import { bytesReader, type FileSink, type FileSource, memoryFiles, tensor } from "@voxplain/core";
import { decodeModel, encodeModel, graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { differentiate, differentiateFile } from "../src/index.ts";

/** Σ x² over the axes behind the batch, of open lengths or not. */
function sumOfSquares(height: number | string = 3): Model {
  const graph = graphBuilder("squares");
  const x = graph.input("x", "float32", ["batch", 2, height]);
  graph.output(
    graph.add("ReduceSumSquare", [x], { axes: [1, 2], keepdims: 0 }, { outputs: ["y"] }),
    "float32",
    ["batch"],
  );
  return modelOf(graph.build());
}

async function filesWith(path: string, model: Model) {
  const { proto } = await encodeModel(model, { externalData: "inline" });
  return memoryFiles(new Map([[path, proto]]));
}

async function written(files: FileSource, path: string): Promise<Model> {
  const reader = await files.open(path);
  if (reader === undefined) throw new Error(`${path} was not written`);
  return decodeModel(await reader.read(0, reader.byteLength), { name: path });
}

it("an ONNX file becomes an ONNX file with the gradient, in one call", async () => {
  const files = await filesWith("nets/squares.onnx", sumOfSquares());
  const result = await differentiateFile(
    { source: files, path: "nets/squares.onnx" },
    { sink: files, path: "nets/gradient.onnx" },
  );
  expect(result).toMatchObject({ cotangent: "cotangent:y", gradients: { x: "gradient:x" } });
  const { "gradient:x": gradient } = await runOnnx(await written(files, "nets/gradient.onnx"), {
    x: tensor("float32", [1, 2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)),
    "cotangent:y": tensor("float32", [1], Float32Array.of(1)),
  });
  expect(Array.from(gradient?.data ?? [], Number)).toEqual([2, 4, 6, 8, 10, 12]);
  expect((await files.list("nets"))?.map(({ name }) => name)).toEqual(["gradient.onnx", "squares.onnx"]);
});

it("what is differentiated, and at what, are those of differentiate", async () => {
  const graph = graphBuilder("two");
  const a = graph.input("a", "float32", [2]);
  const b = graph.input("b", "float32", [2]);
  const product = graph.add("Mul", [a, b], {}, { outputs: ["product"] });
  graph.output(graph.add("Exp", [product], {}, { outputs: ["y"] }), "float32", [2]);
  const model = modelOf(graph.build());
  const options = { output: "product", withRespectTo: ["b"] };
  const files = await filesWith("two.onnx", model);
  await differentiateFile({ source: files, path: "two.onnx" }, { sink: files, path: "g.onnx" }, options);
  const expected = await filesWith("g.onnx", differentiate(model, options).model);
  expect(await written(files, "g.onnx")).toEqual(await written(expected, "g.onnx"));
});

it("lengths that the file leaves open are those of the shape that is given", async () => {
  const files = await filesWith("open.onnx", sumOfSquares("height"));
  const from = { source: files, path: "open.onnx" };
  const to = { sink: files, path: "g.onnx" };
  await differentiateFile(from, to, { shape: [2, 5] });
  expect((await written(files, "g.onnx")).graph.inputs[0]?.dims).toEqual(["batch", 2, 5]);
  await expect(differentiateFile(from, to, { shape: [7, 5] })).rejects.toThrow(
    'the shape 7,5 does not fit the input "x", [batch, 2, height]; give the lengths of its axes behind the batch',
  );
});

it("open lengths that a gradient needs are asked for, and nothing is written", async () => {
  const graph = graphBuilder("open");
  const x = graph.input("x", "float32", ["batch", 1, "h", "w"]);
  const kernel = graph.initializer("w", tensor("float32", [2, 1, 3, 3], new Float32Array(18).fill(1)));
  graph.output(graph.add("Conv", [x, kernel], { strides: [2, 2] }), "float32", undefined);
  const files = await filesWith("open.onnx", modelOf(graph.build()));
  const advise = () => new Error("advice for another trouble") as never;
  await expect(
    differentiateFile({ source: files, path: "open.onnx" }, { sink: files, path: "g.onnx" }, { advise }),
  ).rejects.toMatchObject({
    code: "unsupported",
    hint: "give the lengths of the axes behind the batch by the option shape, such as 1,64,64",
  });
  expect(await files.open("g.onnx")).toBeUndefined();
});

it("a quantized network is refused by name, with the advice of the caller", async () => {
  const graph = graphBuilder("quantized");
  const x = graph.input("x", "float32", [4]);
  const [rounded = "", scale = "", zero = ""] = graph.addMany("DynamicQuantizeLinear", [x], 3);
  graph.output(graph.add("DequantizeLinear", [rounded, scale, zero], {}, { outputs: ["y"] }), "float32", [4]);
  const files = await filesWith("q.onnx", modelOf(graph.build()));
  const seen: unknown[] = [];
  const refused = differentiateFile(
    { source: files, path: "q.onnx" },
    { sink: files, path: "g.onnx" },
    {
      advise: (refusal) => {
        seen.push(refusal.hint);
        return refusal;
      },
    },
  );
  await expect(refused).rejects.toThrow(
    "the network is quantized, and the gradient of DynamicQuantizeLinear is not known; take the network's float32 export",
  );
  expect(seen).toEqual(["take the network's float32 export"]);
});

it("from 1 GiB on, weights go into a second file, piece by piece and before the ONNX file", async () => {
  const gibibyte = 2 ** 30;
  const graph = graphBuilder("large");
  const x = graph.input("x", "float32", [gibibyte / 4]);
  graph.initializer("w", {
    ...{ dtype: "float32", dims: [gibibyte / 4] },
    read: () => Promise.reject(new Error("read as a whole")),
    async *chunks() {},
  });
  graph.output(graph.add("Mul", [x, "w"], {}, { outputs: ["y"] }), "float32", [gibibyte / 4]);
  const { proto } = await encodeModel(modelOf(graph.build()));
  // Bytes that never exist all at once.
  const weights = { byteLength: gibibyte, read: async (_: number, length: number) => new Uint8Array(length) };
  const source: FileSource = {
    name: "imagined",
    list: async () => undefined,
    open: async (path) => (path === "large.onnx" ? bytesReader(proto) : weights),
  };
  const writes: [string, number, number][] = [];
  const sink: FileSink = {
    name: "counted",
    async write(path, content) {
      const sizes: number[] = [];
      if (content instanceof Uint8Array) sizes.push(content.byteLength);
      else for await (const piece of content) sizes.push(piece.byteLength);
      writes.push([path, sizes.reduce((sum, size) => sum + size, 0), Math.max(...sizes)]);
    },
  };
  await differentiateFile({ source, path: "large.onnx" }, { sink, path: "out/g.onnx" });
  expect(writes).toEqual([
    ["out/g.onnx.data", gibibyte, 4 * 2 ** 20],
    ["out/g.onnx", expect.any(Number), expect.any(Number)],
  ]);
  expect(writes[1]?.[1]).toBeLessThan(2000);
});
