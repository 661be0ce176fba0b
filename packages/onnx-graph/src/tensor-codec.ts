import {
  allocate,
  type DType,
  elementCount,
  fromBytes,
  type LazyTensor,
  type RangeReader,
  type Tensor,
  tensor,
  toBytes,
  VoxplainError,
} from "@voxplain/core";
import type { Initializer } from "./model.ts";
import type { Message } from "./protobuf.ts";

/** TensorProto.DataType. */
const dataTypes: Readonly<Record<number, DType>> = {
  1: "float32",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "float64",
  12: "uint32",
  13: "uint64",
  16: "bfloat16",
};

const dataTypeNumbers = Object.fromEntries(
  Object.entries(dataTypes).map(([number, dtype]) => [dtype, Number(number)]),
);

export function dataTypeNumber(dtype: DType): number {
  return dataTypeNumbers[dtype]!;
}

/** @throws VoxplainError `unsupported` for strings, complex numbers and 8- and 4-bit floats. */
export function dtypeOf(dataType: number, where: string): DType {
  const dtype = dataTypes[dataType];
  if (dtype === undefined) {
    throw new VoxplainError(
      "unsupported",
      `${where} has the ONNX data type ${dataType}, which is not supported`,
    );
  }
  return dtype;
}

export type OpenExternalData = (
  location: string,
) => RangeReader | undefined | Promise<RangeReader | undefined>;

/**
 * A TensorProto as an initializer: external data stays where it is, everything else is a view or a
 * small copy.
 */
export function decodeTensor(proto: Message, open: OpenExternalData | undefined): Initializer {
  const name = (proto.name as string | undefined) ?? "a tensor";
  const dims = ((proto.dims as readonly number[] | undefined) ?? []).map((length) =>
    checkLength(length, name),
  );
  const dtype = dtypeOf((proto.dataType as number | undefined) ?? 0, name);
  if (proto.dataLocation === 1) return externalTensor(name, dtype, dims, proto, open);
  const expected = elementCount(dims);
  const data = inlineData(dtype, proto, name);
  if (data.length !== expected) {
    throw new VoxplainError(
      "invalid-file",
      `the tensor ${name} holds ${data.length} values, but its shape [${dims.join(", ")}] needs ${expected}`,
    );
  }
  return tensor(dtype, dims, data as never);
}

function inlineData(dtype: DType, proto: Message, name: string): Tensor["data"] {
  const raw = proto.rawData as Uint8Array | undefined;
  if (raw !== undefined) {
    try {
      return fromBytes(dtype, raw);
    } catch (cause) {
      throw new VoxplainError(
        "invalid-file",
        `the data of the tensor ${name} ends in the middle of a value`,
        { cause },
      );
    }
  }
  const field =
    dtype === "float32"
      ? "floatData"
      : dtype === "float64"
        ? "doubleData"
        : dtype === "int64"
          ? "int64Data"
          : dtype === "uint64" || dtype === "uint32"
            ? "uint64Data"
            : "int32Data";
  const values = (proto[field] as readonly (number | bigint)[] | undefined) ?? [];
  const data = allocate(dtype, values.length);
  const wide = dtype === "int64" || dtype === "uint64";
  for (let k = 0; k < values.length; k++) data[k] = wide ? BigInt(values[k]!) : Number(values[k]);
  return data;
}

function externalTensor(
  name: string,
  dtype: DType,
  dims: readonly number[],
  proto: Message,
  open: OpenExternalData | undefined,
): LazyTensor {
  const entries = Object.fromEntries(
    ((proto.externalData as readonly Message[] | undefined) ?? []).map(({ key, value }) => [key, value]),
  ) as Record<string, string | undefined>;
  const location = entries.location ?? "";
  if (
    location === "" ||
    location.startsWith("/") ||
    /(^|[/\\])\.\.([/\\]|$)|\\|\0|^[A-Za-z]:/.test(location)
  ) {
    throw new VoxplainError(
      "unsafe-file",
      `the tensor ${name} lies in "${location}", outside the model's folder`,
    );
  }
  const offset = Number(entries.offset ?? 0);
  const byteLength = elementCount(dims) * allocate(dtype, 0).BYTES_PER_ELEMENT;
  const stated = entries.length === undefined ? byteLength : Number(entries.length);
  if (stated !== byteLength || !Number.isSafeInteger(offset) || offset < 0) {
    throw new VoxplainError(
      "invalid-file",
      `the tensor ${name} of shape [${dims.join(", ")}] needs ${byteLength} bytes, its external data has ${stated} at ${offset}`,
    );
  }
  const reader = async () => {
    const found = await open?.(location);
    if (found === undefined) {
      throw new VoxplainError(
        "not-found",
        `the weights of ${name} are in the file "${location}", which is missing`,
      );
    }
    if (offset + byteLength > found.byteLength) {
      throw new VoxplainError("invalid-file", `the file "${location}" ends before the weights of ${name} do`);
    }
    return found;
  };
  return {
    dtype,
    dims,
    read: async () =>
      tensor(dtype, dims, fromBytes(dtype, await (await reader()).read(offset, byteLength)) as never),
    async *chunks() {
      const source = await reader();
      for (let at = 0; at < byteLength; at += chunkBytes) {
        yield await source.read(offset + at, Math.min(chunkBytes, byteLength - at));
      }
    },
  };
}

const chunkBytes = 4 * 2 ** 20;

function checkLength(length: number | bigint, name: string): number {
  if (typeof length !== "number" || length < 0) {
    throw new VoxplainError("invalid-file", `the tensor ${name} has an axis of ${length}`);
  }
  return length;
}

/** A tensor in memory as a TensorProto with its data in it. */
export function encodeTensor(name: string, value: Tensor): Message {
  return {
    ...(value.dims.length > 0 && { dims: value.dims }),
    dataType: dataTypeNumber(value.dtype),
    name,
    rawData: toBytes(value),
  };
}
