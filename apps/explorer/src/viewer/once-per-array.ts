/** What is found in the values of an image or a map, which stay what they are: looked for once. */
export function oncePerArray<T>(find: (values: Float32Array) => T): (values: Float32Array) => T {
  const found = new WeakMap<Float32Array, { readonly result: T }>();
  return (values) => {
    const known = found.get(values) ?? { result: find(values) };
    found.set(values, known);
    return known.result;
  };
}
