import { readFileSync } from "node:fs";
import { bytesReader, type RangeReader } from "@voxplain/core";
import { type Attribute, type Attributes, decodeModel, readInitializer } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

const read = (name: string) => new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));
const failure = (f: () => unknown) => {
  try {
    return f();
  } catch (error) {
    return error;
  }
};

describe("weights inside the file", () => {
  const meant = JSON.parse(new TextDecoder().decode(read("tensor-encodings.json"))) as Record<
    string,
    (string | number)[]
  >;
  const { initializers } = decodeModel(read("tensor-encodings.onnx")).graph;

  it.each(Object.keys(meant).flatMap((dtype) => [`${dtype}:raw`, `${dtype}:typed`]))("%s", async (name) => {
    const value = await readInitializer(initializers.get(name)!);
    const dtype = name.split(":")[0]!;
    expect(value.dtype).toBe(dtype);
    expect(value.dims).toEqual([3, 1]);
    const found = Array.from<number | bigint, string | number>(value.data, (element) =>
      typeof meant[dtype]![0] === "string" ? String(element) : Number(element),
    );
    expect(found).toEqual(meant[dtype]);
  });

  it("reads scalars and tensors without elements", () => {
    expect(initializers.get("scalar")).toEqual({ dtype: "float32", dims: [], data: Float32Array.of(2.5) });
    expect(initializers.get("empty")).toEqual({ dtype: "float32", dims: [0, 3], data: new Float32Array() });
  });

  it("reads a Node Buffer at any offset in memory", () => {
    const bytes = readFileSync(new URL("./fixtures/tensor-encodings.onnx", import.meta.url));
    for (let shift = 0; shift < 8; shift++) {
      const shifted = Buffer.alloc(bytes.byteLength + 8).subarray(shift, shift + bytes.byteLength);
      bytes.copy(shifted);
      expect(decodeModel(shifted).graph.initializers).toEqual(initializers);
    }
  });
});

describe("a graph", () => {
  const model = decodeModel(read("attributes.onnx"));
  const node = (name: string) => model.graph.nodes.find((each) => each.name === name);
  const graphOf = (attribute: Attribute | undefined) =>
    attribute !== undefined && "graph" in attribute ? attribute.graph : undefined;

  it("says what wrote it, its operator sets and metadata", () => {
    expect(model).toMatchObject({
      producerName: "make_fixtures",
      producerVersion: "1",
      opsets: { "": 17, "com.example": 2 },
      metadata: { "class names": "CN,AD" },
    });
  });

  it("has attributes of every type", () => {
    const { graph, graphs, tensor, ...plain } = node("everything")!.attributes as Attributes;
    expect(plain).toEqual({
      float: { float: 1.25 },
      int: { int: -7 },
      zero: { int: 0 },
      string: { string: "naïve" },
      floats: { floats: [0.5, -2] },
      ints: { ints: [1, -2, 2 ** 62] },
      strings: { strings: ["a", "Ω"] },
    });
    expect(tensor).toEqual({ tensor: { dtype: "int64", dims: [3], data: BigInt64Array.of(0n, 1n, 2n) } });
    expect(graphOf(graph)?.nodes[0]).toMatchObject({ opType: "Sub", inputs: ["x", "weight"] });
    expect(graphs).toMatchObject({ graphs: [{ name: "first" }, { name: "second" }] });
  });

  it("keeps inputs and outputs that are left out, and shapes with symbols and unknown axes", () => {
    expect(node("everything")).toMatchObject({ inputs: ["x", "", "weight"], outputs: ["everything", ""] });
    expect(model.graph.inputs).toEqual([{ name: "x", dtype: "float32", dims: ["batch", 2] }]);
    expect(model.graph.valueInfo).toEqual([
      { name: "minimum", dtype: "float32", dims: [] },
      { name: "everything", dtype: "float32", dims: [null, 2] },
    ]);
  });

  it("lists no weights among its inputs, as files before IR 4 do", () => {
    const { inputs, initializers } = decodeModel(read("old-ir.onnx")).graph;
    expect(inputs.map(({ name }) => name)).toEqual(["x"]);
    expect([...initializers.keys()]).toEqual(["weight"]);
  });

  it("names nodes that have no name after their output", () => {
    // The name of the only node is at the same place, with the same length.
    const bytes = read("old-ir.onnx");
    const at = new TextDecoder("latin1").decode(bytes).indexOf("\x1a\x03add");
    bytes[at] = 0x7a; // field 15, which is none of a node's
    expect(decodeModel(bytes).graph.nodes[0]?.name).toBe("Add(y)");
  });
});

describe("weights in files beside the model", () => {
  const opened: string[] = [];
  const files = (bytes: Uint8Array) => (location: string) => {
    opened.push(location);
    return location === "external.bin" ? bytesReader(bytes) : undefined;
  };
  const weight = (name: string, externalData?: (location: string) => RangeReader | undefined) =>
    decodeModel(read("external.onnx"), externalData && { externalData }).graph.initializers.get(name)!;

  it("are read when asked for, each file opened once", async () => {
    const model = decodeModel(read("external.onnx"), { externalData: files(read("external.bin")) });
    expect(opened).toEqual([]);
    const matrix = await readInitializer(model.graph.initializers.get("matrix")!);
    const numbers = await readInitializer(model.graph.initializers.get("numbers")!);
    expect(opened).toEqual(["external.bin"]);
    expect(matrix).toEqual({
      dtype: "float32",
      dims: [20, 30],
      data: Float32Array.from({ length: 600 }, (_, k) => k),
    });
    expect(numbers.data).toEqual(BigInt64Array.from({ length: 300 }, (_, k) => BigInt(k)));
    expect(model.graph.initializers.get("shape")).toMatchObject({ data: BigInt64Array.of(30n, 20n) });
  });

  it("come in pieces", async () => {
    const lazy = weight("numbers", files(read("external.bin")));
    const pieces: Uint8Array[] = [];
    if ("chunks" in lazy) for await (const piece of lazy.chunks()) pieces.push(piece);
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(read("external.bin")).subarray(2400, 4800));
  });

  it("reject when the file is missing or too short", async () => {
    const missing = { code: "not-found", file: "external.bin" };
    await expect(readInitializer(weight("matrix"))).rejects.toMatchObject(missing);
    await expect(readInitializer(weight("matrix", () => undefined))).rejects.toMatchObject(missing);
    const short = weight("numbers", files(read("external.bin").subarray(0, 4799)));
    await expect(readInitializer(short)).rejects.toMatchObject({
      code: "invalid-file",
      file: "external.bin",
      found: "4799",
    });
  });

  it.each(["../xternal.bi", "/xternal.bin", "a\\..\\..\\tc", "C:xternal.bi"])(
    "are refused at %s",
    (location) => {
      const bytes = read("external.onnx");
      const at = new TextDecoder("latin1").decode(bytes).indexOf("external.bin");
      bytes.set(new TextEncoder().encode(location.padEnd(12, "n").slice(0, 12)), at);
      expect(failure(() => decodeModel(bytes))).toMatchObject({ code: "unsafe-file" });
    },
  );
});

describe("functions of the file", () => {
  it("are inlined as onnx writes them, and ignored where no node calls them", () => {
    expect(decodeModel(read("function-used.onnx")).graph.nodes[0]).toMatchObject({
      opType: "Add",
      inputs: ["x", "x"],
      outputs: ["y"],
    });
    expect(decodeModel(read("function-unused.onnx")).graph.nodes[0]?.opType).toBe("Relu");
  });
});

describe("what is not supported", () => {
  it("says which weight is sparse", () => {
    expect(failure(() => decodeModel(read("sparse.onnx"), { name: "net.onnx" }))).toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/^net\.onnx: .*"sparse"/),
    });
  });
});

describe("a damaged file", () => {
  it.each(["attributes.onnx", "external.onnx", "export-3d.onnx"])(
    "%s cut short at any byte is refused, or read where only its end is missing",
    (name) => {
      const bytes = read(name);
      const codes = new Set<unknown>();
      for (let length = 0; length < bytes.byteLength; length++) {
        const outcome = failure(() => decodeModel(bytes.subarray(0, length)));
        if (outcome instanceof Error) codes.add((outcome as { code?: string }).code);
        // Operator sets and metadata come behind the graph: without those of its nodes it is refused.
        else expect(outcome).toMatchObject({ opsets: { "": expect.any(Number) } });
      }
      expect([...codes]).toEqual(["invalid-file"]);
    },
  );

  it("with any byte changed is read or refused by an error of ours", () => {
    for (const name of ["attributes.onnx", "external.onnx", "tensor-encodings.onnx"]) {
      const bytes = read(name);
      for (let at = 0; at < bytes.byteLength; at++) {
        for (const value of [0, 0x7f, 0x80, 0xff, bytes[at]! ^ 1]) {
          const changed = bytes.slice();
          changed[at] = value;
          const outcome = failure(() => decodeModel(changed));
          if (outcome instanceof Error && outcome.name !== "VoxplainError") throw outcome;
        }
      }
    }
  });

  it("that is another kind of file is refused", () => {
    for (const content of ["", "PK\x03\x04", "\x89PNG\r\n\x1a\n", "{}", "\x80\x02l"]) {
      const bytes = Uint8Array.from(content, (letter) => letter.charCodeAt(0));
      expect(failure(() => decodeModel(bytes, { name: "net.onnx" }))).toMatchObject({
        code: "invalid-file",
        message: expect.stringMatching(/^net\.onnx: this is not an ONNX model/),
      });
    }
  });

  it("with graphs nested in graphs a hundred times does not exhaust the stack", () => {
    let nested = new Uint8Array();
    for (let depth = 0; depth < 300; depth++) {
      const tag = [1, 5, 6][2 - (depth % 3)]!;
      nested = Uint8Array.from([tag * 8 + 2, ...length(nested.byteLength), ...nested]);
    }
    const bytes = Uint8Array.from([7 * 8 + 2, ...length(nested.byteLength), ...nested]);
    expect(failure(() => decodeModel(bytes))).toMatchObject({
      code: "invalid-file",
      message: expect.stringContaining("nested"),
    });
  });

  it("with more nodes than any network of images has is refused before one of them is made", () => {
    // Each is empty: two bytes.
    const nodes = new Uint8Array(2 * 25_001).map((_, k) => (k % 2 === 0 ? 0x0a : 0));
    const bytes = Uint8Array.from([0x3a, ...length(nodes.byteLength), ...nodes]);
    expect(failure(() => decodeModel(bytes))).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("too many nodes"),
    });
  });

  it("with a shape far larger than its data is refused without making room for it", () => {
    const tensor = [0x08, ...length(2 ** 31), 0x08, ...length(2 ** 31), 0x10, 1, 0x42, 1, 0x77];
    const graph = [0x2a, tensor.length, ...tensor];
    const bytes = Uint8Array.from([0x3a, graph.length, ...graph]);
    expect(failure(() => decodeModel(bytes))).toMatchObject({
      code: "invalid-file",
      message: expect.stringContaining('"w"'),
    });
  });
});

function length(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 0x80, ...length(Math.floor(value / 128))];
}
