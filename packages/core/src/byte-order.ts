/**
 * Reverses the bytes of each element: little-endian numbers become big-endian and the other way round. A copy.
 * @param elementBytes - Of one element. Bytes after the last whole element stay as they are.
 */
export function swapBytes(bytes: Uint8Array, elementBytes: number): Uint8Array {
  // Not bytes.slice(), which of a Node Buffer is no copy.
  const swapped = new Uint8Array(bytes);
  const view = new DataView(swapped.buffer);
  const end = swapped.byteLength - (swapped.byteLength % elementBytes);
  switch (elementBytes) {
    case 1:
      break;
    case 2:
      for (let at = 0; at < end; at += 2) view.setUint16(at, view.getUint16(at, true));
      break;
    case 4:
      for (let at = 0; at < end; at += 4) view.setUint32(at, view.getUint32(at, true));
      break;
    case 8:
      for (let at = 0; at < end; at += 8) {
        const low = view.getUint32(at, true);
        view.setUint32(at, view.getUint32(at + 4, true));
        view.setUint32(at + 4, low);
      }
      break;
    default:
      throw new RangeError(`elements have 1, 2, 4 or 8 bytes, not ${elementBytes}`);
  }
  return swapped;
}
