// A CAPS of the small images of fixtures/parts, and what torch, torchvision, Pillow and nibabel made of them.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type ImageInput,
  imagePaths,
  isFailure,
  locateSessions,
  type PartInput,
  type PartSettings,
  readSessions,
  type Session,
  type SessionReadOptions,
} from "@voxplain/caps-io";
import { type FileSource, memoryFiles } from "@voxplain/core";

const folder = fileURLToPath(new URL("fixtures/parts/", import.meta.url));

export const partFixture = (name: string) => new Uint8Array(readFileSync(`${folder}${name}`));
export const partExpectations = JSON.parse(readFileSync(`${folder}expected.json`, "utf8"));
export const participant = "sub-1";
export const sessionFolder = `subjects/${participant}/ses-M00/deeplearning_prepare_data`;
export const imagePath = imagePaths({ preprocessing: "t1-linear" }, participant, "ses-M00").tensor;
export const maskPath = (name: string) =>
  `masks/roi_based/tpl-MNI152NLin2009cSym/tpl-MNI152NLin2009cSym_desc-Crop_res-1x1x1_roi-${name}_mask.nii.gz`;

export function partSession(participantId = participant, cohort = "single"): Session {
  return {
    name: `${participantId} ses-M00`,
    participantId,
    sessionId: "ses-M00",
    diagnosis: "AD",
    cohort,
    row: {},
  };
}

/** Paths with names of fixtures, or with bytes. */
export async function partCaps(content: Readonly<Record<string, string | Uint8Array>>) {
  const caps = memoryFiles(undefined, "caps");
  for (const [path, file] of Object.entries(content)) {
    await caps.write(path, typeof file === "string" ? partFixture(file) : file);
  }
  return caps;
}

export interface Packed {
  readonly dims: readonly number[];
  readonly float32?: string;
  readonly float64?: string;
}

export function unpack({ float32, float64 }: Packed): Float32Array | Float64Array {
  const bytes = new Uint8Array(Buffer.from(float32 ?? float64!, "base64"));
  return float32 === undefined ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
}

export function sha256(...arrays: readonly (Float32Array | Uint8ClampedArray)[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}

/** Reads the one session of a CAPS. */
export async function readOne(
  caps: FileSource,
  settings: PartSettings,
  options: Partial<SessionReadOptions> = {},
): Promise<ImageInput> {
  const { found, failures } = await locateSessions([partSession()], {
    images: { preprocessing: "t1-linear" },
    settings,
    capsOf: () => caps,
  });
  for (const { error } of failures) throw error;
  for await (const item of readSessions(found, { normalize: true, readAhead: 0, ...options })) {
    if (isFailure(item)) throw item.error;
    return item;
  }
  throw new Error("nothing was read");
}

export async function readParts(
  caps: FileSource,
  settings: PartSettings,
  options: Partial<SessionReadOptions> = {},
): Promise<PartInput[]> {
  const session = await readOne(caps, settings, options);
  return Promise.all(session.parts.map(({ index }) => session.read(index)));
}
