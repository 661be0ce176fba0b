// Operators that compute each element of their output from the elements at its place, as texts for `forOperators`.

const activations =
  "Relu LeakyRelu PRelu Elu Selu Celu Gelu ThresholdedRelu Sigmoid HardSigmoid HardSwish Mish Swish Softplus Softsign Shrink Clip";
const functions = "Erf Exp Log Sqrt Reciprocal Abs Neg Sign Floor Ceil Round Not BitwiseNot";
const trigonometric = "Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh";

/** Of one input, with its type; further inputs are parameters. */
export const unaryOperators = `${activations} ${functions} ${trigonometric}` as const;

/** Of several inputs, which are broadcast, with their type. */
export const arithmeticOperators =
  "Add Sub Mul Div Pow Mod Max Min Sum Mean BitShift BitwiseAnd BitwiseOr BitwiseXor";

/** Of two inputs, which are broadcast; they give truth values. */
export const comparisonOperators = "Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor";

/** Of one input; they give truth values. */
export const truthOperators = "IsNaN IsInf";
