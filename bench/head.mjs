// A head's brain mask and noise in it, for the benchmarks of group analysis.
import { smooth } from "@voxplain/group-analysis";

export const shape = [169, 208, 179];
export const affine = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];

/** An ellipsoid about as large as a head's brain mask: indices of 1.496 M voxels. */
export function head() {
  const found = [];
  for (let x = 0, index = 0; x < shape[0]; x++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let z = 0; z < shape[2]; z++, index++) {
        if (((x - 84) / 66) ** 2 + ((y - 104) / 82) ** 2 + ((z - 89) / 66) ** 2 < 1) found.push(index);
      }
    }
  }
  return Int32Array.from(found);
}

let state = 1;
export function uniform() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state + 0.5) / 2 ** 32;
}
export const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

/** Noise over the grid, smoothed by so many mm. */
export function smoothNoise(fwhm) {
  const white = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, normal);
  return fwhm > 0 ? Float32Array.from(smooth(white, { shape, affine }, fwhm)) : white;
}
