/** What the images of a preprocessing have in common. */
export interface PreparedImages {
  /** [C, X, Y, Z] or [C, H, W] of a whole image; undefined where the pipeline makes images of any size. */
  readonly imageDims?: readonly number[];
  /** Millimetres between voxels, the same along each axis; undefined where it is not known, or images are in no space. */
  readonly voxelSize?: number;
}

const cropped = { imageDims: [1, 169, 208, 179], voxelSize: 1 };
const uncropped = { imageDims: [1, 193, 229, 193], voxelSize: 1 };

const prepared = {
  "t1-linear": cropped,
  "t1-linear-downsampled": { imageDims: [1, 85, 104, 90], voxelSize: 2 },
  "t1-extensive": { imageDims: [1, 121, 145, 121], voxelSize: 1.5 },
  "t1-volume": { imageDims: [1, 121, 145, 121], voxelSize: 1.5 },
  shepplogan: { imageDims: [1, 128, 128] },
  "flair-linear": cropped,
  "pet-linear": cropped,
  "dwi-dti": {},
  custom: {},
} as const satisfies Readonly<Record<string, PreparedImages>>;

/** A preprocessing of Clinica, whose images a network was trained on, by its name in commandline.json or maps.json. */
export type Preprocessing = keyof typeof prepared;

/** Every preprocessing that is known. */
export const preprocessings = Object.keys(prepared) as readonly Preprocessing[];

/** Which image of each session of a CAPS a network was trained on. */
export interface CapsImages {
  /** The pipeline that made it. */
  readonly preprocessing: Preprocessing;
  /**
   * Whose rules name images, their parts and masks: those of ClinicaDL 0.2, which 1.0.0 and 1.0.1 (with a flat maps.json)
   * share, or those of 1.0.2 and later. Default: "0.2".
   */
  readonly generation?: "0.2" | "1.x";
  /** Images that keep the template's margins, without `_desc-Crop` in their names. Default: false. */
  readonly uncropped?: boolean;
  /** The entity `trc-` of pet-linear: "18FFDG". Default: any. */
  readonly tracer?: string;
  /** The entity `suvr-` of pet-linear: "pons2". Default: any. */
  readonly suvrReferenceRegion?: string;
  /** The end of the names of dwi-dti: "FA", "MD", "AD" or "RD". Default: any. */
  readonly dtiMeasure?: string;
  /** The entity `space-` of dwi-dti. Default: any. */
  readonly dtiSpace?: string;
  /** How the names of custom images end: "_desc-mine_T1w.nii.gz". */
  readonly customSuffix?: string;
  /** For custom images: the template in the names of their masks. */
  readonly maskTemplate?: string;
  /** For custom images: the part of the names of their masks before the region. */
  readonly maskPattern?: string;
  /** For custom images: the suffix of their regions, as maps.json has it. */
  readonly maskSuffix?: string;
}

/** What the images of a preprocessing have in common. */
export function preparedImages(images: Pick<CapsImages, "preprocessing" | "uncropped">): PreparedImages {
  const usual = prepared[images.preprocessing];
  return images.uncropped && usual === cropped ? uncropped : usual;
}
