import {
  type DType,
  elementCount,
  fromBytes,
  type LazyTensor,
  type Tensor,
  tensor,
  toBytes,
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
    throw new VoxplainError("mismatch", `the weight ${key} holds ${dtype}, not floating point numbers`);
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
export function float32Tensor({
  dtype,
  dims,
  data,
}: Tensor<"float16" | "bfloat16" | "float64">): Tensor<"float32"> {
  return tensor("float32", dims, toFloat32(dtype, toBytes({ dtype, dims, data } as Tensor)));
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
    if (whole > 0) yield toFloat32(dtype, bytes.subarray(0, whole));
  }
}

function toFloat32(dtype: DType, bytes: Uint8Array): Float32Array {
  if (dtype === "float64") return Float32Array.from(fromBytes("float64", bytes));
  const bits = fromBytes("uint16", bytes);
  // bfloat16 is the upper half of float32.
  const words = Uint32Array.from(bits, dtype === "bfloat16" ? (half) => half << 16 : float32Bits);
  return new Float32Array(words.buffer);
}

/** The float32 of the same value as an IEEE 754 binary16, as bits. */
function float32Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: shift the leading one into place.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
