import type { RuleContext } from "@voxplain/onnx-autodiff";

/** The view of a node in which other values, of the same shapes, stand for its inputs. */
export function withInputs(g: RuleContext, inputs: readonly string[]): RuleContext {
  const [first, ...others] = inputs;
  if (first === undefined) throw g.unsupported("it has no input");
  const original = (value: string) => g.x[inputs.indexOf(value)] ?? value;
  return {
    ...g,
    x: [first, ...others],
    dims: (value) => g.dims(original(value)),
    lengths: (value, first) => g.lengths(original(value), first),
    shapeOf: (value) => g.shapeOf(original(value)),
    constantOf: (value) => (value === undefined ? undefined : g.constantOf(original(value))),
    unbroadcast: (cotangent, from, to) => g.unbroadcast(cotangent, from, original(to)),
  };
}
