import { Block } from "./block";

/**
 * Which of the eight positions of a 2×2×2 window of a 3×3×3 convolution read the same value everywhere in each channel, around the image too:
 * bit id of each. All eight read the 2×2×2 values in the middle of the 4×4×4 that the window reads.
 */
export function constantPositions(b: Block, px: i32, py: i32, pz: i32): i32 {
  const x = 2 * px - b.beforeX - b.padX, y = 2 * py - b.beforeY - b.padY, z = 2 * pz - b.beforeZ - b.padZ;
  const isWhole = z >= 0 && z + 4 <= b.z;
  // Bit 4 × (y of 4) + (z of 4) of each plane.
  let plane0 = 0xffff, plane1 = 0xffff, plane2 = 0xffff, plane3 = 0xffff;
  for (let n = 0; n < b.channels; n++) {
    const channel = n * b.x;
    // A middle value that is outside is 0, as all around the image are.
    const middle = valueAt(b, channel, x + 1, y + 1, z + 1), all = f32x4.splat(middle), isZero = middle == 0;
    for (let u = 0; u < 4; u++) {
      let bits = 0;
      for (let v = 0; v < 4; v++) {
        let row = 0;
        if (<u32>(x + u) >= <u32>b.x || <u32>(y + v) >= <u32>b.y) row = isZero ? 15 : 0;
        else if (isWhole) row = i32x4.bitmask(f32x4.eq(v128.load(b.input + (<usize>(((channel + x + u) * b.y + y + v) * b.z + z) << 2)), all));
        else for (let t = 0; t < 4; t++) if (valueAt(b, channel, x + u, y + v, z + t) == middle) row |= 1 << t;
        bits |= row << (v << 2);
      }
      if (u == 0) plane0 &= bits;
      else if (u == 1) plane1 &= bits;
      else if (u == 2) plane2 &= bits;
      else plane3 &= bits;
    }
    if (!(plane1 & plane2 & 0x0660)) return 0;
  }
  const first = plane0 & plane1 & plane2, second = plane1 & plane2 & plane3;
  return positionsIn(first) | (positionsIn(second) << 4);
}

/** The four positions along y and z of which 3×3 bits are set. */
// @ts-ignore: decorator
@inline
function positionsIn(bits: i32): i32 {
  return (
    i32((bits & 0x0777) == 0x0777) | (i32((bits & 0x0eee) == 0x0eee) << 1) |
    (i32((bits & 0x7770) == 0x7770) << 2) | (i32((bits & 0xeee0) == 0xeee0) << 3)
  );
}

/** Are all values of each channel equal that the windows of four cells of a row read, and inside the image? */
export function areConstant(b: Block, px: i32, py: i32, pz: i32): bool {
  const x = 2 * px - b.beforeX - b.padX, y = 2 * py - b.beforeY - b.padY, z = 2 * pz - b.beforeZ - b.padZ;
  if (x < 0 || x + 4 > b.x || y < 0 || y + 4 > b.y || z < 0 || z + 10 > b.z) return false;
  const line = <usize>b.z << 2, plane = <usize>b.y * line, channel = <usize>b.x * plane;
  let p = b.input + (<usize>((x * b.y + y) * b.z + z) << 2);
  for (let n = 0; n < b.channels; n++, p += channel) {
    const all = v128.load_splat<f32>(p);
    let q = p;
    for (let u = 0; u < 4; u++, q += plane) {
      let other = f32x4.splat(0);
      for (let v = 0, r = q; v < 4; v++, r += line) {
        other = v128.or(other, v128.or(f32x4.ne(v128.load(r), all), v128.or(f32x4.ne(v128.load(r, 16), all), f32x4.ne(v128.load(r, 24), all))));
      }
      if (v128.any_true(other)) return false;
    }
  }
  return true;
}

function valueAt(b: Block, channel: i32, x: i32, y: i32, z: i32): f32 {
  if (<u32>x >= <u32>b.x || <u32>y >= <u32>b.y || <u32>z >= <u32>b.z) return 0;
  return f32.load(b.input + (<usize>(((channel + x) * b.y + y) * b.z + z) << 2));
}
