/** The bytes of a .nii of uint8 voxels on a grid of 1 mm, without compression. */
export function niftiOf(
  [sizeX, sizeY, sizeZ]: readonly [number, number, number],
  voxel: (x: number, y: number, z: number) => number,
): Uint8Array {
  const bytes = new Uint8Array(352 + sizeX * sizeY * sizeZ);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  [3, sizeX, sizeY, sizeZ, 1, 1, 1, 1].forEach((size, k) => {
    view.setInt16(40 + 2 * k, size, true);
  });
  view.setInt16(70, 2, true); // uint8
  view.setInt16(72, 8, true); // bits
  [1, 1, 1, 1].forEach((zoom, k) => {
    view.setFloat32(76 + 4 * k, zoom, true);
  });
  view.setFloat32(108, 352, true); // first voxel
  view.setInt16(254, 1, true); // the sform holds
  for (let row = 0; row < 3; row++) view.setFloat32(280 + 20 * row, 1, true);
  bytes.set(new TextEncoder().encode("n+1\0"), 344);
  let to = 352;
  for (let z = 0; z < sizeZ; z++) {
    for (let y = 0; y < sizeY; y++) for (let x = 0; x < sizeX; x++) bytes[to++] = voxel(x, y, z);
  }
  return bytes;
}
