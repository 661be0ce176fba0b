import { intAttribute } from "../builder.ts";
import { axisFromFront } from "./axes.ts";
import { type ShapeRule, type ShapeRules, typeOf } from "./known.ts";
import { unified } from "./lengths.ts";

/** Scale and shift per channel (axis 1). */
const perChannel: ShapeRule = ({ inputs: [x, ...parameters] }) => {
  for (const parameter of parameters) {
    unified(x?.dims?.[1], parameter?.dims?.[0], "channels of the input and of its statistics or scales");
  }
  return [{ dtype: typeOf(x), dims: x?.dims }];
};

/** y, then mean and inverse deviation over the axes that are normalized. */
const layerNormalization: ShapeRule = ({ inputs: [x], node }) => {
  if (x?.dims === undefined) return [{ dtype: typeOf(x), dims: undefined }];
  const first = axisFromFront(intAttribute(node.attributes, "axis", -1), x.dims.length);
  const statistics = { dtype: x.dtype, dims: x.dims.map((dim, axis) => (axis < first ? dim : 1)) };
  return [{ dtype: x.dtype, dims: x.dims }, statistics, statistics];
};

const unchanged: ShapeRule = ({ inputs: [x] }) => [{ dtype: typeOf(x), dims: x?.dims }];

export const normalizationRules: ShapeRules = {
  BatchNormalization: perChannel,
  InstanceNormalization: perChannel,
  LayerNormalization: layerNormalization,
  GroupNormalization: unchanged,
  LRN: unchanged,
  LpNormalization: unchanged,
  MeanVarianceNormalization: unchanged,
};
