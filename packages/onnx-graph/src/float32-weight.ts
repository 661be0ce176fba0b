import {
  type DType,
  elementCount,
  float32Values,
  fromBytes,
  type LazyTensor,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";

/** Types whose values float32 holds, or rounds as PyTorch's `.float()` does. */
const convertible: readonly DType[] = ["float64", "float16", "bfloat16"];

function isFloating(dtype: DType): boolean {
  return dtype === "float32" || convertible.includes(dtype);
}

/**
 * The same weight in float32, converted while it is read; a float32 weight is given back as it is.
 * @throws VoxplainError `mismatch` for a weight of integers.
 */
export function float32Weight(key: string, weight: LazyTensor): LazyTensor {
  const { dtype, dims } = weight;
  if (dtype === "float32") return weight;
  if (!isFloating(dtype)) {
    throw new VoxplainError("mismatch", `the weight ${key} has the wrong type`, {
      expected: "floating-point numbers",
      found: dtype,
    });
  }
  return {
    dtype: "float32",
    dims,
    async read() {
      const values = new Float32Array(elementCount(dims));
      let done = 0;
      for await (const part of float32Chunks(weight)) {
        values.set(part, done);
        done += part.length;
      }
      return tensor("float32", dims, values);
    },
    async *chunks() {
      for await (const part of float32Chunks(weight)) {
        yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      }
    },
  };
}

/** A tensor of half precision in float32, without rounding, or one of float64, rounded. */
export function float32Tensor(stored: Tensor<"float16" | "bfloat16" | "float64">): Tensor<"float32"> {
  return tensor("float32", stored.dims, float32Values(stored));
}

/** Chunks may end inside an element. */
async function* float32Chunks({ dtype, chunks }: LazyTensor): AsyncIterable<Float32Array> {
  const size = dtype === "float64" ? 8 : 2;
  let rest = new Uint8Array();
  for await (const chunk of chunks()) {
    let bytes = chunk;
    if (rest.byteLength > 0) {
      bytes = new Uint8Array(rest.byteLength + chunk.byteLength);
      bytes.set(rest);
      bytes.set(chunk, rest.byteLength);
    }
    const whole = bytes.byteLength - (bytes.byteLength % size);
    rest = bytes.slice(whole);
    if (whole > 0) yield floats(dtype, bytes.subarray(0, whole));
  }
}

function floats(dtype: DType, bytes: Uint8Array): Float32Array {
  const data = fromBytes(dtype, bytes);
  return float32Values(tensor(dtype, [data.length], data));
}
