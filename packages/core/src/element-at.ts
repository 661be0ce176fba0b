/**
 * The element at a place that exists. Too slow for loops over voxels (about nine times a plain read).
 * @throws RangeError where it does not exist, which is a fault of the program.
 */
export function elementAt<Element>(elements: ArrayLike<Element>, index: number): Element {
  const element = elements[index];
  if (element === undefined) throw new RangeError(`there is no element ${index} among ${elements.length}`);
  return element;
}
