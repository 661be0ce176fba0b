import type { Tensor } from "./tensor.ts";

/**
 * The values of a tensor as float32: the array itself where they are float32 already, without loss from half precision,
 * rounded once from wider types. Booleans are 0 and 1.
 */
export function float32Values({ dtype, data }: Tensor): Float32Array {
  switch (dtype) {
    case "float32":
      return data;
    case "float16":
      return floatsOfBits(new Uint32Array(data).map(float32Bits));
    case "bfloat16":
      // The upper half of a float32.
      return floatsOfBits(new Uint32Array(data).map((half) => half << 16));
    case "int64":
    case "uint64": {
      const values = new Float32Array(data.length);
      for (const [k, value] of data.entries()) values[k] = Number(value);
      return values;
    }
    default:
      return new Float32Array(data);
  }
}

function floatsOfBits(bits: Uint32Array): Float32Array {
  return new Float32Array(bits.buffer, bits.byteOffset, bits.length);
}

/** The float32 with the value of an IEEE 754 binary16 (1 bit sign, 5 bits exponent, 10 bits fraction), as bits. */
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
