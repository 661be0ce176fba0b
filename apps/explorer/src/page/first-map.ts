import { readNifti } from "@voxplain/caps-io";
import { identityAffine, type Volume } from "@voxplain/core";
import type { Result } from "./shown-map.ts";

/**
 * The map that is shipped with the page, of the first image of the sample: made by `scripts/first-map.mjs`, its values rounded to
 * 14 bits.
 */
export async function firstMap(page: Document): Promise<Result> {
  const [anatomy, map] = await Promise.all([fetched(page, "anatomy"), fetched(page, "map")]);
  return {
    drawn: {
      anatomy: await volumeOf(anatomy),
      map: await volumeOf(map),
      isPlaced: true,
      title: "sub-SIM001 ses-M00 · Gradients",
      caption: "for AD · predicted AD >99.9 % · fold 0, best balanced accuracy · computed in advance",
      label: "Gradients · sub-SIM001 ses-M00 · AD · computed in advance",
      kind: JSON.stringify(["gradients", []]),
      fileName: "sub-SIM001_ses-M00_gradients_class-1",
    },
    explained: undefined,
    file: new Blob([map as Uint8Array<ArrayBuffer>]),
  };
}

async function volumeOf(bytes: Uint8Array): Promise<Volume> {
  const { data, shape, affine = identityAffine } = await readNifti(bytes, "the first map");
  return { data, shape, affine };
}

async function fetched(page: Document, name: string): Promise<Uint8Array> {
  const response = await fetch(new URL(`first/${name}.nii.gz`, page.baseURI));
  if (!response.ok)
    throw new Error(`the first map is not beside the page: the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
