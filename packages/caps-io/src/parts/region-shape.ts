/** A region of interest, and how large it is. */
export interface RegionShape {
  /** As the model names it. */
  readonly name: string;
  /** [1, X, Y, Z] */
  readonly dims: readonly number[];
  /** Its voxels in the images. */
  readonly mask: RegionBox;
}

/** The smallest box around the voxels of a region. */
export interface RegionBox {
  /** The index of its first voxel along each axis. */
  readonly start: readonly number[];
  /** Voxels along each axis. */
  readonly size: readonly number[];
  /** Row-major over the box: 1 in the region. */
  readonly inBox: Uint8Array;
}
