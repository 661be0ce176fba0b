/** Numbers of any ONNX type, as float64; row-major. Truth values are 0 and 1. */
export interface NdArray {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

export function array(dims: readonly number[], values: ArrayLike<number>): NdArray {
  const data = Float64Array.from(values);
  if (data.length !== count(dims))
    throw new Error(`${data.length} elements do not fill [${dims.join(", ")}]`);
  return { dims, data };
}

export function count(dims: readonly number[]): number {
  return dims.reduce((product, length) => product * length, 1);
}

/** An array whose elements are computed from their positions. */
export function generate(dims: readonly number[], element: (position: readonly number[]) => number): NdArray {
  const data = new Float64Array(count(dims));
  let k = 0;
  for (const position of positions(dims)) data[k++] = element(position);
  return { dims, data };
}

/** All positions in scan order, the last axis fastest. The array that is given is the same each time. */
export function* positions(dims: readonly number[]): Generator<number[]> {
  if (count(dims) === 0) return;
  const position = dims.map(() => 0);
  for (;;) {
    yield position;
    let axis = dims.length - 1;
    while (axis >= 0 && ++position[axis]! === dims[axis]) position[axis--] = 0;
    if (axis < 0) return;
  }
}

export function offset(dims: readonly number[], position: readonly number[]): number {
  return position.reduce((sum, index, axis) => sum * dims[axis]! + index, 0);
}

export function at({ dims, data }: NdArray, position: readonly number[]): number {
  return data[offset(dims, position)]!;
}

/** The element that broadcasting puts at a position of a larger array. */
export function broadcastAt({ dims, data }: NdArray, position: readonly number[]): number {
  const own = position.slice(position.length - dims.length);
  return data[
    offset(
      dims,
      own.map((index, axis) => (dims[axis] === 1 ? 0 : index)),
    )
  ]!;
}

export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const length = lengths.find((each) => each !== 1) ?? 1;
    if (lengths.some((each) => each !== 1 && each !== length)) throw new Error(`${lengths} do not fit`);
    return length;
  });
}

/** Applies a function element by element, with broadcasting. */
export function zip(f: (...values: number[]) => number, ...arrays: readonly NdArray[]): NdArray {
  return generate(broadcastDims(...arrays.map(({ dims }) => dims)), (position) =>
    f(...arrays.map((each) => broadcastAt(each, position))),
  );
}
