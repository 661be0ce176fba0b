/** Images as a pipeline of Clinica prepares them: all are of one shape. */
export interface PreparedImages {
  /** [C, X, Y, Z] or [C, H, W] of a whole image. */
  readonly imageDims: readonly number[];
  /** Millimetres between voxels, the same along each axis; undefined where the images are in no space. */
  readonly voxelSize?: number;
}

const prepared = {
  "t1-linear": { imageDims: [1, 169, 208, 179], voxelSize: 1 },
  "t1-linear-downsampled": { imageDims: [1, 85, 104, 90], voxelSize: 2 },
  "t1-extensive": { imageDims: [1, 121, 145, 121], voxelSize: 1.5 },
  "t1-volume": { imageDims: [1, 121, 145, 121], voxelSize: 1.5 },
  shepplogan: { imageDims: [1, 128, 128] },
} as const satisfies Readonly<Record<string, PreparedImages>>;

/** A preprocessing of Clinica, whose images a network was trained on, by its name in commandline.json. */
export type Preprocessing = keyof typeof prepared;

/** Every preprocessing that is known. */
export const preprocessings = Object.keys(prepared) as readonly Preprocessing[];

/** What the images of a preprocessing have in common. */
export function preparedImages(preprocessing: Preprocessing): PreparedImages {
  return prepared[preprocessing];
}
