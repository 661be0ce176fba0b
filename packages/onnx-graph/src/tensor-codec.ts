import {
  allocate,
  bytesPerElement,
  type DType,
  elementCount,
  fromBytes,
  type Tensor,
  tensor,
  toBytes,
  VoxplainError,
} from "@voxplain/core";
import { dataTypeNumber, dtypeOf } from "./data-type.ts";
import { type ExternalFiles, externalTensor } from "./external-data.ts";
import type { Initializer } from "./model.ts";
import type { Message } from "./protobuf.ts";

/** Weights from this size on are given as lazy ones: then an unaligned view into the file needs no copy. */
const lazyBytes = 2 ** 20;

interface Header {
  /** For messages. */
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly byteLength: number;
}

/** A weight: external data stay where they are, raw data are views, small or typed ones copies. */
export function decodeWeight(proto: Message, files: ExternalFiles): Initializer {
  const header = headerOf(proto, `the weight "${(proto.name as string | undefined) ?? ""}"`);
  if (proto.dataLocation === 1) return externalTensor(header, proto, files);
  const raw = proto.rawData as Uint8Array | undefined;
  if (raw === undefined || header.byteLength < lazyBytes) return inlineTensor(header, proto);
  checkBytes(header, raw.byteLength);
  return {
    dtype: header.dtype,
    dims: header.dims,
    read: async () => inlineTensor(header, proto),
    async *chunks() {
      yield raw;
    },
  };
}

/** The tensor of an attribute, always in memory. */
export function decodeConstant(proto: Message, where: string): Tensor {
  if (proto.dataLocation === 1) {
    throw new VoxplainError("unsupported", `the attribute ${where} is in an external file`, {
      hint: "save the model with only its weights there",
    });
  }
  return inlineTensor(headerOf(proto, `the attribute ${where}`), proto);
}

function headerOf(proto: Message, name: string): Header {
  const dims = ((proto.dims as readonly (number | bigint)[] | undefined) ?? []).map((length) =>
    checkLength(length, name),
  );
  const dtype = dtypeOf((proto.dataType as number | undefined) ?? 0, name);
  return { name, dtype, dims, byteLength: elementCount(dims) * bytesPerElement(dtype) };
}

function inlineTensor(header: Header, proto: Message): Tensor {
  const { dtype, dims } = header;
  const raw = proto.rawData as Uint8Array | undefined;
  const data = raw ?? typedData(dtype, proto);
  checkBytes(header, data.byteLength);
  return tensor(dtype, dims, (raw === undefined ? data : fromBytes(dtype, raw)) as never);
}

function checkBytes({ name, dtype, dims, byteLength }: Header, found: number): void {
  if (found === byteLength) return;
  throw new VoxplainError(
    "invalid-file",
    `${name} of type ${dtype} and shape [${dims.join(", ")}] has data of another length`,
    { expected: `${byteLength} bytes`, found: String(found) },
  );
}

/** Values in the fields of their own type; float16 as bits and all integers up to 32 bits are in int32_data. */
function typedData(dtype: DType, proto: Message): Tensor["data"] {
  const field =
    (
      {
        float32: "floatData",
        float64: "doubleData",
        int64: "int64Data",
        uint64: "uint64Data",
        uint32: "uint64Data",
      } as Readonly<Partial<Record<DType, string>>>
    )[dtype] ?? "int32Data";
  const values = (proto[field] as readonly (number | bigint)[] | undefined) ?? [];
  const data = allocate(dtype, values.length);
  const isWide = dtype === "int64" || dtype === "uint64";
  for (const [k, value] of values.entries()) data[k] = isWide ? BigInt(value) : Number(value);
  return data;
}

function checkLength(length: number | bigint, name: string): number {
  if (typeof length !== "number" || length < 0) {
    throw new VoxplainError("invalid-file", `${name} has an axis of length ${length}`);
  }
  return length;
}

/** A tensor in memory as a TensorProto with its data in it. */
export function encodeTensor(name: string, value: Tensor): Message {
  return {
    dims: value.dims,
    dataType: dataTypeNumber(value.dtype),
    ...(name !== "" && { name }),
    rawData: toBytes(value),
  };
}
