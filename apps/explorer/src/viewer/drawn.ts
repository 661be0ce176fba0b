import type { Volume } from "@voxplain/core";

/** A map over its anatomy, with what is said of it. */
export interface Drawn {
  readonly title: string;
  readonly caption: string;
  /** In the list of maps. */
  readonly label: string;
  readonly map: Volume;
  readonly anatomy: Volume;
  /** False where nothing says where the voxels are, and the affine is the identity. */
  readonly isPlaced: boolean;
  /** Values of maps of one kind can be compared: beside each other they have one scale. */
  readonly kind: string;
  /** Without an ending. */
  readonly fileName: string;
}
