/**
 * Where the files of the sample are: two simulated brain images, the network that explains them, and an atlas on their grid.
 * `voxplain demo` copies them into a folder and explains them.
 *
 * ```ts
 * import { sample } from "@voxplain/sample";
 *
 * console.log(sample.sessions.endsWith("sessions.tsv")); // true
 * ```
 * @module @voxplain/sample
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute paths. */
export interface SamplePaths {
  /** The folder that holds all of them; they may be copied together. */
  readonly folder: string;
  /** A model folder of ClinicaDL 0.2: one fold, a network of 39,872 parameters that classifies AD (1) and CN (0). */
  readonly model: string;
  /** A table of the two sessions, with the columns participant_id, session_id, diagnosis (AD and CN) and image. */
  readonly sessions: string;
  /** The atlas AAL as a NIfTI image of labels, on the grid of the images: 85×104×90 voxels of 2 mm. */
  readonly atlas: string;
  /** The names of its regions, with the columns index and name. */
  readonly regions: string;
}

const folder = fileURLToPath(new URL("../data", import.meta.url));

/** The files of this package. */
export const sample: SamplePaths = {
  folder,
  model: join(folder, "model"),
  sessions: join(folder, "sessions.tsv"),
  atlas: join(folder, "atlas.nii.gz"),
  regions: join(folder, "atlas.tsv"),
};
