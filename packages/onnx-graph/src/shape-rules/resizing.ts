import { elementAt } from "@voxplain/core";
import { floatAttribute, intsAttribute, stringAttribute } from "../builder.ts";
import type { Attributes, Dim } from "../model.ts";
import { fromFront } from "./axes.ts";
import { numbersOf, type ShapeContext, type ShapeRule, type ShapeRules, typeOf } from "./known.ts";
import { unified } from "./lengths.ts";

/** Inputs since operator set 11: x, roi, scales, sizes; 10: x, scales; Upsample 9: x, scales; before: an attribute. */
const resize: ShapeRule = (context) => {
  const { inputs, node, opset } = context;
  const [x] = inputs;
  const from = x?.dims;
  if (from === undefined) return [{ dtype: typeOf(x), dims: undefined }];
  const axes = fromFront(intsAttribute(node.attributes, "axes", [...from.keys()]), from.length);
  const sizes = opset < 11 ? undefined : inputs[3];
  const lengths = axes.map((axis) => elementAt(from, axis));
  const resized =
    sizes === undefined || sizes.dims?.[0] === 0
      ? scaled(lengths, scalesOf(context))
      : sizesOf(lengths, sizes.elements, node.attributes);
  if (resized !== undefined && resized.length !== axes.length) {
    throw new RangeError(`${resized.length} scales or sizes are given for ${axes.length} axes`);
  }
  const dims = [...from];
  for (const [k, axis] of axes.entries()) dims[axis] = resized?.[k] ?? null;
  return [{ dtype: typeOf(x), dims }];
};

function scalesOf({ inputs, node, opset }: ShapeContext): readonly number[] | undefined {
  const attribute = node.attributes.scales;
  if (attribute !== undefined && "floats" in attribute) return attribute.floats;
  return numbersOf(inputs[node.opType === "Upsample" || opset < 11 ? 1 : 2]);
}

function scaled(lengths: readonly Dim[], scales: readonly number[] | undefined): readonly Dim[] | undefined {
  return scales?.map((scale, k) => {
    const length = lengths[k] ?? null;
    if (scale === 1) return length;
    // In float32, as onnx.shape_inference and ONNX Runtime have it: 10 times 0.7 is 7.
    return typeof length === "number" ? Math.floor(Math.fround(length * Math.fround(scale))) : null;
  });
}

function sizesOf(
  lengths: readonly Dim[],
  sizes: readonly Dim[] | undefined,
  attributes: Attributes,
): readonly Dim[] | undefined {
  const policy = stringAttribute(attributes, "keep_aspect_ratio_policy", "stretch");
  if (sizes === undefined || policy === "stretch") return sizes;
  const ratios = sizes.map((size, k) => Number(size) / Number(lengths[k]));
  const scale = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return lengths.map((length) =>
    typeof length === "number" && Number.isFinite(scale) ? Math.floor(length * scale + 0.5) : null,
  );
}

/** Upsample 1 had one scale for each of the two image axes. */
const upsample: ShapeRule = (context) => {
  const { node, inputs, opset } = context;
  if (opset >= 7) return resize(context);
  const [x] = inputs;
  const { attributes } = node;
  const scales = [
    1,
    1,
    floatAttribute(attributes, "height_scale", 1),
    floatAttribute(attributes, "width_scale", 1),
  ];
  return [{ dtype: typeOf(x), dims: x?.dims && scaled(x.dims, scales) }];
};

/** x: [N, C, …space]; grid: [N, …places, axes of space]. */
const gridSample: ShapeRule = ({ inputs: [x, grid] }) => {
  if (x?.dims === undefined || grid?.dims === undefined) return [{ dtype: typeOf(x), dims: undefined }];
  unified(grid.dims.at(-1), x.dims.length - 2, "axes of space and the last axis of the grid");
  const batch = unified(x.dims[0], grid.dims[0], "batches of the input and the grid");
  return [{ dtype: x.dtype, dims: [batch, x.dims[1] ?? null, ...grid.dims.slice(1, -1)] }];
};

export const resizingRules: ShapeRules = { Resize: resize, Upsample: upsample, GridSample: gridSample };
