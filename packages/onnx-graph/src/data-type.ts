import { type DType, VoxplainError } from "@voxplain/core";

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

const numbers = Object.fromEntries(
  Object.entries(dataTypes).map(([number, dtype]) => [dtype, Number(number)]),
) as Readonly<Record<DType, number>>;

/** ONNX's number of an element type. */
export function dataTypeNumber(dtype: DType): number {
  return numbers[dtype];
}

/** undefined for types that are not supported. */
export function knownDtype(dataType: number): DType | undefined {
  return dataTypes[dataType];
}

/** @throws VoxplainError `unsupported` for strings, complex numbers and 8- and 4-bit floats. */
export function dtypeOf(dataType: number, where: string): DType {
  const dtype = dataTypes[dataType];
  if (dtype !== undefined) return dtype;
  const what = dataType === 8 ? "text" : `the ONNX data type ${dataType}`;
  throw new VoxplainError("unsupported", `${where} holds ${what}, which is not supported`);
}
