/** One of the three axes of a volume, or of the world: 0 right, 1 anterior, 2 superior. */
export type Axis = 0 | 1 | 2;

/** What a function gives for each of the three axes. */
export function forAxes<T>(find: (axis: Axis) => T): readonly [T, T, T] {
  return [find(0), find(1), find(2)];
}
