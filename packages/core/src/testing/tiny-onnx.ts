import type { ModelArtifact } from "../runtime.ts";

/** A node of a tiny model: its attributes are lists of integers. */
export interface TinyNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly ints?: Readonly<Record<string, readonly number[]>>;
}

export interface TinyModel {
  readonly nodes: readonly TinyNode[];
  /** Shapes of float32 values; a string is a symbol. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: Readonly<Record<string, "float32" | "int64">>;
  /** A float32 weight stored in the external file "weights.bin". */
  readonly weight?: { readonly name: string; readonly values: Float32Array };
}

/**
 * Just enough of the ONNX protobuf for the contract's models, so that this package needs no other.
 * Field numbers: onnx.proto3.
 */
export function tinyOnnx({ nodes, inputs, outputs, weight }: TinyModel): ModelArtifact {
  const tensorType = (elementType: number, dims?: readonly (number | string)[]) =>
    message(2, [
      message(1, [
        varint(1, elementType),
        ...(dims === undefined
          ? []
          : [
              message(
                2,
                dims.map((dim) => message(1, [typeof dim === "number" ? varint(1, dim) : text(2, dim)])),
              ),
            ]),
      ]),
    ]);
  const graph = message(7, [
    ...nodes.map((node) =>
      message(1, [
        ...node.inputs.map((name) => text(1, name)),
        ...node.outputs.map((name) => text(2, name)),
        text(4, node.op),
        ...Object.entries(node.ints ?? {}).map(([name, values]) =>
          message(5, [text(1, name), ...values.map((value) => varint(8, value)), varint(20, 7)]),
        ),
      ]),
    ),
    text(2, "tiny"),
    ...(weight === undefined ? [] : [externalWeight(weight.name, weight.values)]),
    ...Object.entries(inputs).map(([name, dims]) => message(11, [text(1, name), tensorType(1, dims)])),
    ...Object.entries(outputs).map(([name, dtype]) =>
      message(12, [text(1, name), tensorType(dtype === "int64" ? 7 : 1)]),
    ),
  ]);
  return {
    proto: Uint8Array.from([varint(1, 8), graph, message(8, [varint(2, 17)])].flat()),
    externalData: weight === undefined ? [] : [externalData(weight.values)],
  };
}

function externalWeight(name: string, values: Float32Array): number[] {
  const entry = (key: string, value: string) => message(13, [text(1, key), text(2, value)]);
  return message(5, [
    varint(1, values.length),
    varint(2, 1),
    text(8, name),
    entry("location", "weights.bin"),
    entry("offset", "0"),
    entry("length", String(values.byteLength)),
    varint(14, 1),
  ]);
}

function externalData(values: Float32Array): ModelArtifact["externalData"][number] {
  return {
    location: "weights.bin",
    byteLength: values.byteLength,
    async *chunks() {
      // Two pieces, so that a runtime that takes only the first is found out.
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      yield bytes.subarray(0, 4);
      yield bytes.subarray(4);
    },
  };
}

function varint(field: number, value: number): number[] {
  return [...rawVarint(field << 3), ...rawVarint(value)];
}

function text(field: number, value: string): number[] {
  return lengthDelimited(field, [...new TextEncoder().encode(value)]);
}

function message(field: number, parts: readonly (readonly number[])[]): number[] {
  return lengthDelimited(field, parts.flat());
}

function lengthDelimited(field: number, bytes: readonly number[]): number[] {
  return [...rawVarint((field << 3) | 2), ...rawVarint(bytes.length), ...bytes];
}

function rawVarint(value: number): number[] {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return [...bytes, value];
}
