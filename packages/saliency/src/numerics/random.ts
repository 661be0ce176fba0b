/**
 * Random numbers that are the same on every platform: Philox4x32-10 (Salmon et al. 2011,
 * doi:10.1145/2063384.2063405), a function of a key and a counter, so that any draw can be computed without
 * those before it. The key is the seed, [seed mod 2³², ⌊seed / 2³²⌋]; the counter is
 * [index of a block of four words, sample, purpose, 0].
 */
export interface RandomStream {
  /** A whole number from 0 to 2⁵³ − 1. */
  readonly seed: number;
  /** Which of the method's samples. */
  readonly sample: number;
  /** What is drawn, in a word of one's own: two things that are drawn for the same sample are independent. */
  readonly purpose: string;
}

/** The numbers of some purposes; every other word has its hash. */
const purposes: ReadonlyMap<string, number> = new Map([
  ["noise", 0],
  ["position", 1],
  ["reference", 2],
  ["coalition", 3],
  ["weights", 4],
  ["order", 5],
  ["perturbation", 6],
  ["sensitivity", 7],
]);

/** The hash is FNV-1a of 32 bits (Fowler, Noll, Vo), over the word's code units. */
function purposeNumber(purpose: string): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < purpose.length; k++) hash = Math.imul(hash ^ purpose.charCodeAt(k), 0x01000193) >>> 0;
  return purposes.get(purpose) ?? hash;
}

/** `count` words of 32 bits of the stream, from its first one or from a later multiple of four on. */
export function randomWords({ seed, sample, purpose }: RandomStream, count: number, from = 0): Uint32Array {
  const words = new Uint32Array(Math.ceil(count / 4) * 4);
  const number = purposeNumber(purpose);
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;
  for (let block = 0; block < words.length / 4; block++) {
    philox(from / 4 + block, sample, number, 0, key[0], key[1], words, block * 4);
  }
  return words.subarray(0, count);
}

/** Uniform deviates (word + ½) / 2³², between 0 and 1 and neither of them. */
export function uniforms(stream: RandomStream, count: number): Float64Array {
  return Float64Array.from(randomWords(stream, count), uniformOf);
}

/** Standard normal deviates, from the first or a later multiple of four on: the normal quantile of each uniform one. */
export function normals(stream: RandomStream, count: number, from = 0): Float64Array {
  const words = randomWords(stream, count, from);
  const deviates = new Float64Array(count);
  for (let k = 0; k < count; k++) deviates[k] = normalQuantile(uniformOf(words[k]!));
  return deviates;
}

function uniformOf(word: number): number {
  return (word + 0.5) / 2 ** 32;
}

/** Writes the four words of one counter (c0, c1, c2, c3) under the key (k0, k1). */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  into: Uint32Array,
  at: number,
): void {
  for (let round = 0; round < 10; round++) {
    const high0 = highWord(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = highWord(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  into[at] = c0;
  into[at + 1] = c1;
  into[at + 2] = c2;
  into[at + 3] = c3;
}

/** ⌊a·b / 2³²⌋ by halves of 16 bits: the product itself has more bits than a double. */
function highWord(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const rest = (middle % 65536) + aLow * bHigh;
  return aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(rest / 65536);
}

/**
 * Φ⁻¹(p) for 2⁻³³ ≤ p ≤ 1 − 2⁻³³, to 1e-15 relative: Wichura 1988, algorithm AS 241 (PPND16), without its
 * branch for p < 1e-11. Only + − × ÷ √, which IEEE 754 rounds in one way, so every engine gives the same bits.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * horner(central.numerator, r)) / horner(central.denominator, r);
  }
  const r = Math.sqrt(-naturalLog(q < 0 ? p : 1 - p)) - 1.6;
  const value = horner(tail.numerator, r) / horner(tail.denominator, r);
  return q < 0 ? -value : value;
}

/** Coefficients by falling power. */
const central = {
  numerator: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  denominator: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
};
const tail = {
  numerator: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  denominator: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
};

function horner(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let k = 0; k < coefficients.length; k++) value = value * x + coefficients[k]!;
  return value;
}

/** ln x for 0 < x < 1; Math.log may differ by a bit between engines. x = m·2⁻ᵉ, ln m = 2·artanh((m−1)/(m+1)). */
function naturalLog(x: number): number {
  let m = x;
  let e = 0;
  while (m < Math.SQRT1_2) {
    m *= 2;
    e++;
  }
  const s = (m - 1) / (m + 1);
  return 2 * s * horner(artanhSeries, s * s) - e * Math.LN2;
}

/** 1/(2k+1) by falling power of s²; s² ≤ 0.0295, so the first term left out is below 1e-17. */
const artanhSeries = [21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1].map((odd) => 1 / odd);
