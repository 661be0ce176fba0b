import type { Tensor } from "@voxplain/core";

/** The values as float32; the array itself where they are float32 already. */
export function toFloat32({ dtype, data }: Tensor): Float32Array {
  switch (dtype) {
    case "float32":
      return data;
    case "float16":
      return Float32Array.from(data, halfToNumber);
    case "bfloat16":
      // The upper half of a float32.
      return new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer);
    case "int64":
    case "uint64":
      return Float32Array.from(data as ArrayLike<bigint>, Number);
    default:
      return Float32Array.from(data);
  }
}

/** IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (fraction + 0x400) * 2 ** (exponent - 25);
}
