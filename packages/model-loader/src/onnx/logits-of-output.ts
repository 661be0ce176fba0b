import { type Dim, type Graph, graphBuilder } from "@voxplain/onnx-graph";
import { meanOverRegion, type OutputRegion } from "./output-region.ts";

/** Logits [batch, classes] made of an output of another shape. */
export interface LogitsOfOutput {
  readonly graph: Graph;
  readonly name: string;
  readonly dims: readonly [Dim, number];
  /** The axes over which the mean was taken. */
  readonly positions: readonly Dim[];
}

/**
 * Logits of an output [batch], which a regressor without an axis of classes has, or [batch, classes, ...grid], or
 * one with its classes on another axis: the mean of each class over the grid, as Captum's and pytorch-grad-cam's
 * targets for segmentation take its sum. undefined for any other shape.
 * @param classAxis the axis of the classes; undefined where it is not known.
 * @param region the positions that count, of an image with these spatial axes.
 */
export function logitsOfOutput(
  base: Graph,
  output: string,
  dims: readonly Dim[] | undefined,
  classAxis: number | undefined,
  { region, spatial }: { readonly region: OutputRegion; readonly spatial: readonly number[] },
): LogitsOfOutput | undefined {
  if (dims === undefined || dims.length === 0 || dims.length === 3) return undefined;
  const axis = dims.length < 3 ? 1 : (classAxis ?? onlyLongAxis(dims));
  if (axis === undefined || axis === 0) return undefined;
  const [batch] = dims;
  const { [axis]: classCount = 1 } = dims;
  const positions = dims.filter((_, k) => k !== 0 && k !== axis);
  if (typeof classCount !== "number") return undefined;
  const logits: readonly [Dim, number] = [batch ?? "batch", classCount];
  if (dims.length === 2) return { graph: base, name: output, dims: logits, positions };
  const builder = graphBuilder(base.name, base);
  const name = builder.fresh("logits");
  if (dims.length === 1) {
    builder.add("Unsqueeze", [output, builder.int64([1])], {}, { outputs: [name] });
  } else {
    const perm = [0, axis, ...[...dims.keys()].slice(1).filter((k) => k !== axis)];
    const front = axis === 1 ? output : builder.add("Transpose", [output], { perm });
    const mean = isGrid(positions)
      ? meanOverRegion(builder, front, positions, spatial, region)
      : builder.add("GlobalAveragePool", [front]);
    builder.add("Flatten", [mean], { axis: 1 }, { outputs: [name] });
  }
  return { graph: builder.build(), name, dims: logits, positions };
}

/** Whether an output has several positions. */
export function isGrid(positions: readonly Dim[]): boolean {
  return positions.some((length) => length !== 1);
}

/** Where all positions are one there is nothing to confuse the classes with. */
function onlyLongAxis(dims: readonly Dim[]): number | undefined {
  const long = [...dims.keys()].filter((axis) => axis > 0 && dims[axis] !== 1);
  return long.length > 1 ? undefined : (long[0] ?? 1);
}
