import { intAttribute } from "../builder.ts";
import { dtypeOf } from "../data-type.ts";
import {
  arithmeticOperators,
  comparisonOperators,
  truthOperators,
  unaryOperators,
} from "../elementwise-operators.ts";
import { entryFor } from "../operator-name.ts";
import { select, shapeArithmetic } from "./arithmetic.ts";
import { computed, rounded } from "./elements.ts";
import { type ShapeRule, type ShapeRules, typeOf } from "./known.ts";
import { broadcast } from "./lengths.ts";

const unary: ShapeRule = ({ inputs: [x], node }) => {
  const compute = entryFor(shapeArithmetic, node);
  return [
    { dtype: typeOf(x), dims: x?.dims, elements: compute && computed(compute, [x], x?.dims, typeOf(x)) },
  ];
};

/** Numpy-style broadcasting; before operator set 7 the second input was fitted to the first. */
const arithmetic: ShapeRule = ({ inputs, node, opset }) => {
  const dtype = typeOf(inputs[0]);
  const dims = opset < 7 ? inputs[0]?.dims : broadcast(inputs.map((input) => input?.dims));
  const compute = entryFor(shapeArithmetic, node);
  return [{ dtype, dims, elements: compute && computed(compute, inputs, dims, dtype) }];
};

const comparison: ShapeRule = (context) => {
  const [{ dims }] = arithmetic(context) as [ReturnType<ShapeRule>[number]];
  const compute = entryFor(shapeArithmetic, context.node);
  return [{ dtype: "bool", dims, elements: compute && computed(compute, context.inputs, dims, "bool") }];
};

const truth: ShapeRule = ({ inputs: [x] }) => [{ dtype: "bool", dims: x?.dims }];

const where: ShapeRule = ({ inputs }) => {
  const dtype = typeOf(inputs[1]);
  const dims = broadcast(inputs.map((input) => input?.dims));
  return [{ dtype, dims, elements: computed(select, inputs, dims, dtype) }];
};

const cast: ShapeRule = ({ inputs: [x], node }) => {
  const dtype = dtypeOf(
    intAttribute(node.attributes, "to", 1),
    `the output of ${node.opType} "${node.name}"`,
  );
  return [{ dtype, dims: x?.dims, elements: x?.elements?.map((element) => rounded(dtype, element)) }];
};

const castLike: ShapeRule = ({ inputs: [x, like] }) => [{ dtype: typeOf(like), dims: x?.dims }];

const identity: ShapeRule = ({ inputs: [x] }) => (x === undefined ? [] : [x]);

/** The mask marks what was kept; it had the input's type before operator set 10. */
const dropout: ShapeRule = ({ inputs: [x], opset }) => [
  { ...x, dtype: typeOf(x), dims: x?.dims },
  { dtype: opset < 10 ? typeOf(x) : "bool", dims: x?.dims },
];

const named = (names: string, rule: ShapeRule): ShapeRules =>
  Object.fromEntries(names.split(" ").map((name) => [name, rule]));

export const elementwiseRules: ShapeRules = {
  ...named(unaryOperators, unary),
  // They compute along an axis, and keep the shape all the same.
  ...named("Softmax LogSoftmax Hardmax CumSum Trilu", unary),
  ...named(arithmeticOperators, arithmetic),
  ...named(comparisonOperators, comparison),
  ...named(truthOperators, truth),
  Where: where,
  Cast: cast,
  CastLike: castLike,
  Identity: identity,
  Dropout: dropout,
};
