/** Exchanges the ends of each element; a copy. */
export function swapBytes(bytes: Uint8Array, elementBytes: number): Uint8Array {
  // Not bytes.slice(), which of a Node Buffer is no copy.
  const swapped = new Uint8Array(bytes);
  const half = elementBytes >> 1;
  for (let start = 0; start + elementBytes <= swapped.length; start += elementBytes) {
    for (let low = start, high = start + elementBytes - 1; low < start + half; low++, high--) {
      const byte = swapped[low]!;
      swapped[low] = swapped[high]!;
      swapped[high] = byte;
    }
  }
  return swapped;
}
