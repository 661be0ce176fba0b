import type { ActivationRule, BlockRelevance, ConvolutionBlock, RelevanceBound } from "@voxplain/core";
import { geometryOf, product } from "../src/geometry.ts";

/** A block in float64, as PyTorch defines it: the first maximum wins, NaN before all others; the gradient at 0 takes the slope. */
export function referenceBlock(block: ConvolutionBlock, dims: readonly number[], input: ArrayLike<number>) {
  const geometry = geometryOf(block, dims);
  const {
    channels,
    outputs,
    kernel,
    strides,
    pads,
    conv,
    window,
    steps,
    before,
    zeros,
    zerosAfter,
    out,
    pooling,
  } = geometry;
  const [X, Y, Z] = geometry.input;
  const taps = product(kernel);
  /** Calls back for every product of output channel c at (x, y, z): index of the weight and of the input. */
  function products(c: number, x: number, y: number, z: number, visit: (weight: number, at: number) => void) {
    for (let n = 0; n < channels; n++)
      for (let i = 0; i < kernel[0]; i++)
        for (let j = 0; j < kernel[1]; j++)
          for (let l = 0; l < kernel[2]; l++) {
            const [u, v, t] = [
              x * strides[0] + i - pads[0],
              y * strides[1] + j - pads[1],
              z * strides[2] + l - pads[2],
            ];
            if (u < 0 || u >= X || v < 0 || v >= Y || t < 0 || t >= Z) continue;
            const tap = (i * kernel[1] + j) * kernel[2] + l;
            visit((c * channels + n) * taps + tap, ((n * X + u) * Y + v) * Z + t);
          }
  }
  const [CX, CY, CZ] = conv;
  const sums = new Float64Array(outputs * product(conv));
  for (let c = 0, k = 0; c < outputs; c++)
    for (let x = 0; x < CX; x++)
      for (let y = 0; y < CY; y++)
        for (let z = 0; z < CZ; z++, k++) {
          let sum = block.bias[c] ?? 0;
          products(c, x, y, z, (w, at) => {
            sum += (block.weights[w] ?? 0) * (input[at] ?? 0);
          });
          sums[k] = sum;
        }
  const slope = (k: number) => block.slopes?.[Math.floor(k / product(conv))] ?? 1;
  const factor = (k: number) => ((sums[k] ?? 0) <= 0 ? slope(k) : 1);
  const active = sums.map((s, k) => (s <= 0 ? (slope(k) === 0 ? 0 : s * slope(k)) : s));
  /** Positions of a window that take part; -1 is a zero. */
  function members(c: number, p: readonly number[]): number[] {
    const list: number[] = [];
    for (let i = 0; i < window[0]; i++)
      for (let j = 0; j < window[1]; j++)
        for (let l = 0; l < window[2]; l++) {
          const at = [i, j, l].map((offset, a) => (p[a] ?? 0) * (steps[a] ?? 1) + offset - (before[a] ?? 0));
          const within = (low: readonly number[], high: readonly number[]) =>
            at.every((v, a) => v >= -(low[a] ?? 0) && v < (conv[a] ?? 0) + (high[a] ?? 0));
          const [x = 0, y = 0, z = 0] = at;
          if (within([0, 0, 0], [0, 0, 0])) list.push(((c * CX + x) * CY + y) * CZ + z);
          else if (within(zeros, zerosAfter)) list.push(-1);
        }
    return list;
  }
  const output = new Float64Array(outputs * product(out));
  const back: ((g: number, add: (k: number, value: number) => void) => void)[] = [];
  for (let c = 0, cell = 0; c < outputs; c++)
    for (let x = 0; x < out[0]; x++)
      for (let y = 0; y < out[1]; y++)
        for (let z = 0; z < out[2]; z++, cell++) {
          const list = pooling === "none" ? [cell] : members(c, [x, y, z]);
          const value = (k: number) => (k < 0 ? 0 : (active[k] ?? 0));
          if (pooling === "max") {
            const first = list.reduce((a, b) =>
              Number.isNaN(value(a)) || !(value(b) > value(a) || Number.isNaN(value(b))) ? a : b,
            );
            output[cell] = value(first);
            back[cell] = (g, add) => first >= 0 && add(first, g);
          } else {
            output[cell] = list.reduce((sum, k) => sum + value(k), 0) / list.length;
            back[cell] = (g, add) => {
              for (const k of list) if (k >= 0) add(k, g / list.length);
            };
          }
        }
  return {
    output,
    dims: out,
    /** What the shares hand from the output to the input. */
    relevance(atOutput: ArrayLike<number>, shares: BlockRelevance): Float64Array {
      const atSums = new Float64Array(sums.length);
      back.forEach((give, cell) => {
        give(atOutput[cell] ?? 0, (k, r) => {
          atSums[k] = (atSums[k] ?? 0) + r;
        });
      });
      const [lowest, highest] = [Math.min(...Array.from(input)), Math.max(...Array.from(input))];
      const bound = (given: RelevanceBound, channel: number) => {
        if (typeof given === "number") return given;
        if (typeof given === "string") return given === "lowest" ? lowest : highest;
        return given[given.length === 1 ? 0 : channel] ?? 0;
      };
      const atInput = new Float64Array(channels * X * Y * Z);
      for (const { parts, factor, epsilon, where } of shares) {
        const bounded = parts.map((part) => ({
          ...part,
          values: Float64Array.from(input, (value, at) => {
            const channel = Math.floor(at / (X * Y * Z));
            return Math.min(Math.max(value, bound(part.low, channel)), bound(part.high, channel));
          }),
        }));
        for (let c = 0, k = 0; c < outputs; c++)
          for (let x = 0; x < CX; x++)
            for (let y = 0; y < CY; y++)
              for (let z = 0; z < CZ; z++, k++) {
                const r = atSums[k] ?? 0;
                if (r === 0 || (where && !((sums[k] ?? 0) * (where === "above" ? 1 : -1) > 0))) continue;
                let sum = 0;
                for (const { bias, weights, values } of bounded) {
                  sum += bias?.[c] ?? 0;
                  products(c, x, y, z, (w, at) => {
                    sum += (weights[w] ?? 0) * (values[at] ?? 0);
                  });
                }
                const quotient = (factor * r) / (sum < 0 ? sum - epsilon : sum + epsilon);
                for (const { weights, values } of bounded)
                  products(c, x, y, z, (w, at) => {
                    atInput[at] = (atInput[at] ?? 0) + (values[at] ?? 0) * (weights[w] ?? 0) * quotient;
                  });
              }
      }
      return atInput;
    },
    backward(gradient: ArrayLike<number>, rule?: ActivationRule): Float64Array {
      const atSums = new Float64Array(sums.length);
      back.forEach((give, cell) => {
        give(gradient[cell] ?? 0, (k, g) => {
          atSums[k] = (atSums[k] ?? 0) + g;
        });
      });
      atSums.forEach((g, k) => {
        const isRuled = rule !== undefined && block.slopes !== undefined;
        atSums[k] = (isRuled ? Math.max(g, 0) : g) * (rule === "deconvolution" ? 1 : factor(k));
      });
      const atInput = new Float64Array(channels * X * Y * Z);
      for (let c = 0, k = 0; c < outputs; c++)
        for (let x = 0; x < CX; x++)
          for (let y = 0; y < CY; y++)
            for (let z = 0; z < CZ; z++, k++) {
              const g = atSums[k] ?? 0;
              if (g === 0) continue;
              products(c, x, y, z, (w, at) => {
                atInput[at] = (atInput[at] ?? 0) + g * (block.weights[w] ?? 0);
              });
            }
      return atInput;
    },
  };
}

/** All blocks in float64, one after the other. */
export function referenceBlocks(
  blocks: readonly ConvolutionBlock[],
  dims: readonly number[],
  input: ArrayLike<number>,
) {
  const passes: ReturnType<typeof referenceBlock>[] = [];
  for (const block of blocks) {
    passes.push(referenceBlock(block, passes.at(-1)?.dims ?? dims, passes.at(-1)?.output ?? input));
  }
  return {
    output: passes.at(-1)?.output ?? new Float64Array(),
    backward: (gradient: ArrayLike<number>, rule?: ActivationRule) =>
      passes.reduceRight((g: ArrayLike<number>, pass) => pass.backward(g, rule), gradient),
    relevance: (atOutput: ArrayLike<number>, shares: readonly BlockRelevance[]) =>
      passes.reduceRight((r: ArrayLike<number>, pass, k) => pass.relevance(r, shares[k] ?? []), atOutput),
  };
}
