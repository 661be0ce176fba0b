import { intAttribute } from "../builder.ts";
import { dtypeOf } from "../data-type.ts";
import { axisFromFront } from "./axes.ts";
import { rounded } from "./elements.ts";
import {
  dimsFrom,
  type Known,
  knownOf,
  mostElements,
  numbersOf,
  type ShapeRule,
  type ShapeRules,
  typeOf,
} from "./known.ts";
import { productOf } from "./lengths.ts";

const constant: ShapeRule = ({ node: { attributes } }) => {
  const { value, value_int, value_ints, value_float, value_floats } = attributes;
  if (value !== undefined && "tensor" in value) return [knownOf(value.tensor)];
  if (value_int !== undefined && "int" in value_int) return [scalar("int64", value_int.int)];
  if (value_ints !== undefined && "ints" in value_ints) return [vector("int64", value_ints.ints)];
  if (value_float !== undefined && "float" in value_float) return [scalar("float32", value_float.float)];
  if (value_floats !== undefined && "floats" in value_floats) return [vector("float32", value_floats.floats)];
  return [];
};

const scalar = (dtype: Known["dtype"], value: number): Known => ({ dtype, dims: [], elements: [value] });
const vector = (dtype: Known["dtype"], values: readonly number[]): Known => ({
  dtype,
  dims: [values.length],
  elements: values,
});

const constantOfShape: ShapeRule = ({ inputs: [shape], node: { attributes } }) => {
  const filler: Known =
    attributes.value !== undefined && "tensor" in attributes.value
      ? knownOf(attributes.value.tensor)
      : scalar("float32", 0);
  const dims = dimsFrom(shape);
  const count = dims && productOf(dims);
  const isSmall = typeof count === "number" && count <= mostElements;
  const elements = isSmall ? new Array(count).fill(filler.elements?.[0] ?? null) : undefined;
  return [{ dtype: filler.dtype, dims, elements }];
};

const shapeOf: ShapeRule = ({ inputs: [x], node: { attributes } }) => {
  if (x?.dims === undefined) return [{ dtype: "int64", dims: [null] }];
  const start = intAttribute(attributes, "start", 0);
  const end = intAttribute(attributes, "end", x.dims.length);
  return [vectorOf(x.dims.slice(start, end))];
};

const vectorOf = (elements: NonNullable<Known["elements"]>): Known => ({
  dtype: "int64",
  dims: [elements.length],
  elements,
});

const size: ShapeRule = ({ inputs: [x] }) => [
  { dtype: "int64", dims: [], elements: x?.dims && [productOf(x.dims)] },
];

const range: ShapeRule = ({ inputs }) => {
  const dtype = typeOf(inputs[0]);
  const [start, limit, delta] = inputs.map((input) => numbersOf(input)?.[0]);
  if (start === undefined || limit === undefined || delta === undefined) {
    const [zero, end, one] = inputs.map((input) => input?.elements?.[0]);
    return [{ dtype, dims: [zero === 0 && one === 1 && typeof end === "string" ? end : null] }];
  }
  if (delta === 0) throw new RangeError("a step cannot be 0");
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  const values = Array.from({ length: count <= mostElements ? count : 0 }, (_, k) => start + k * delta);
  const elements = values.length === count ? values.map((value) => rounded(dtype, value)) : undefined;
  return [{ dtype, dims: [count], elements }];
};

/** One more axis, of the depth. */
const oneHot: ShapeRule = ({ inputs: [indices, depth, values], node }) => {
  if (indices?.dims === undefined) return [{ dtype: typeOf(values), dims: undefined }];
  const rank = indices.dims.length + 1;
  const axis = axisFromFront(intAttribute(node.attributes, "axis", -1), rank);
  const dims = indices.dims.toSpliced(axis, 0, depth?.elements?.[0] ?? null);
  return [{ dtype: typeOf(values), dims }];
};

/** Values of its own in the shape of the input. */
const filledLike: ShapeRule = ({ inputs: [x], node: { attributes, name } }) => {
  const dtype = "dtype" in attributes ? dtypeOf(intAttribute(attributes, "dtype", 1), name) : typeOf(x);
  return [{ dtype, dims: x?.dims }];
};

const nonZero: ShapeRule = ({ inputs: [x] }) => [{ dtype: "int64", dims: [x?.dims?.length ?? null, null] }];

export const constantRules: ShapeRules = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Shape: shapeOf,
  Size: size,
  Range: range,
  OneHot: oneHot,
  EyeLike: filledLike,
  RandomNormalLike: filledLike,
  RandomUniformLike: filledLike,
  NonZero: nonZero,
};
