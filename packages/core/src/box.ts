/** The voxels of an image that a part is made of: a box, or what a mask leaves of it. */
export interface ImageBox {
  /** First voxel along each axis of the image. */
  readonly start: readonly number[];
  /** Voxels along each axis; 1 along the axis of a slice. */
  readonly size: readonly number[];
  /** 1 where the box belongs to the part, row-major over `size`; absent where all of it does. */
  readonly mask?: Uint8Array;
  /** For a slice, the axis that it is orthogonal to and that its values lack. */
  readonly axis?: 0 | 1 | 2;
}
