import type { Tensor } from "@voxplain/core";
import {
  type Graph,
  intAttribute,
  intsAttribute,
  isInMemory,
  type Node,
  windowOf,
} from "@voxplain/onnx-graph";
import type { Reference } from "./reference.ts";

/** A node that decides which way the gradient takes. */
export interface Decider {
  readonly kind: "relu" | "max";
  readonly node: Node;
  /** Name of the value on which it decides. */
  readonly value: string;
}

const activations: Readonly<Record<string, readonly number[]>> = {
  Relu: [0],
  LeakyRelu: [0],
  PRelu: [0],
  Elu: [0],
  HardSwish: [-3, 3],
  HardSigmoid: [-3, 3],
};

export function decidersOf({ nodes }: Graph): Decider[] {
  return nodes.flatMap((node): Decider[] => {
    const value = node.inputs[0] ?? "";
    if (node.opType === "MaxPool") return [{ kind: "max", node, value }];
    return node.opType in activations || node.opType === "Clip" ? [{ kind: "relu", node, value }] : [];
  });
}

/** What a node decides about its input, in the form of the reference. */
export function decide(
  { kind, node }: Decider,
  input: Tensor<"float32">,
  graph: Graph,
): Uint8Array | Int32Array {
  return kind === "max" ? firstMaxima(node, input) : reached(input.data, thresholdsOf(node, graph));
}

function thresholdsOf(node: Node, { initializers }: Graph): readonly number[] {
  if (node.opType !== "Clip") return activations[node.opType] ?? [];
  return [1, 2].flatMap((k) => {
    const bound = initializers.get(node.inputs[k] ?? "");
    return bound !== undefined && isInMemory(bound) ? [Number(bound.data[0])] : [];
  });
}

function reached(values: Float32Array, thresholds: readonly number[]): Uint8Array {
  return Uint8Array.from(
    values,
    (value) =>
      thresholds.filter((threshold) => (threshold <= 0 ? value > threshold : value >= threshold)).length,
  );
}

/**
 * Position of the first maximum of each window, in the plane or volume of its channel, as PyTorch counts them. Keras'
 * padding ("SAME") is a padding of its own in the reference: positions count it there.
 */
function firstMaxima({ attributes }: Node, { data, dims }: Tensor<"float32">): Int32Array {
  const grid = dims.slice(2);
  const window = windowOf(attributes, intsAttribute(attributes, "kernel_shape", []), grid);
  const { kernel, strides: stride, padsBefore: pads, padsAfter } = window;
  const rank = kernel.length;
  const ceil = intAttribute(attributes, "ceil_mode", 0) === 1;
  const steps = grid.map((length, axis) => {
    const span = length + pads[axis]! + padsAfter[axis]! - kernel[axis]!;
    return (ceil ? Math.ceil : Math.floor)(span / stride[axis]!) + 1;
  });
  // Two axes are three, the first of length 1.
  const three = (values: readonly number[], filler: number) => [...Array(3 - rank).fill(filler), ...values];
  const [kx, ky, kz] = three(kernel, 1);
  const [sx, sy, sz] = three(stride, 1);
  const [px, py, pz] = three(pads, 0);
  const [gx, gy, gz] = three(grid, 1);
  const [nx, ny, nz] = three(steps, 1);
  const isPadded = attributes.auto_pad !== undefined;
  const [bx, by, bz] = isPadded ? [px, py, pz] : [0, 0, 0];
  const [, ay, az] = isPadded ? three(padsAfter, 0) : [0, 0, 0];
  const planes = dims[0]! * dims[1]!;
  const found = new Int32Array(planes * nx * ny * nz);
  let at = 0;
  for (let plane = 0; plane < planes; plane++) {
    const base = plane * gx * gy * gz;
    for (let i = 0; i < nx; i++) {
      for (let j = 0; j < ny; j++) {
        for (let k = 0; k < nz; k++) {
          let best = -Infinity;
          let where = -1;
          for (let x = Math.max(0, i * sx - px); x < Math.min(gx, i * sx - px + kx); x++) {
            for (let y = Math.max(0, j * sy - py); y < Math.min(gy, j * sy - py + ky); y++) {
              for (let z = Math.max(0, k * sz - pz); z < Math.min(gz, k * sz - pz + kz); z++) {
                const value = data[base + (x * gy + y) * gz + z]!;
                if (value > best || where < 0) {
                  best = value;
                  where = ((x + bx) * (gy + by + ay) + y + by) * (gz + bz + az) + z + bz;
                }
              }
            }
          }
          found[at++] = where;
        }
      }
    }
  }
  return found;
}

/** Decisions of a ReLU or a max-pooling. */
export interface Decided {
  readonly kind: "relu" | "max";
  readonly decided: Uint8Array | Int32Array;
}

/** How many of two lists of decisions differ. */
export function countDifferent(exact: Decided["decided"], found: Decided["decided"]): number {
  let count = 0;
  for (let i = 0; i < exact.length; i++) if (found[i] !== exact[i]) count++;
  return count;
}

/** How many decisions differ from float64, from the `first` of the reference on. Nodes are matched with PyTorch's calls by kind, size and likeness. */
export function countFlips(reference: Reference, first: number, found: readonly Decided[]): Flips {
  const flips = { relu: 0, max: 0 };
  const left = [...found];
  reference.decisions.forEach((kind, k) => {
    if (k < first) return;
    const exact = reference.decision(k);
    let fewest = Infinity;
    let chosen = -1;
    left.forEach((candidate, at) => {
      if (candidate.kind !== kind || candidate.decided.length !== exact.length || fewest === 0) return;
      const count = countDifferent(exact, candidate.decided);
      if (count < fewest) [fewest, chosen] = [count, at];
    });
    // Another node would differ in about half of them.
    if (chosen < 0 || fewest > 0.1 * exact.length) {
      throw new Error(
        `no node decides as PyTorch's ${k}-th ${kind} (${exact.length} decisions, ${fewest} differ)`,
      );
    }
    left.splice(chosen, 1);
    flips[kind] += fewest;
  });
  return flips;
}

/** Decisions that differ from float64. */
export type Flips = Readonly<Record<"relu" | "max", number>>;
