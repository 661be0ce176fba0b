import type { FileSource } from "@voxplain/core";
import { httpFiles } from "@voxplain/core/web";

/** The sample that lies beside the page. */
export interface Sample {
  /** A model folder, a CAPS and label lists. */
  readonly cohort: FileSource;
  readonly template: FileSource;
  readonly atlas: FileSource;
}

export const samplePaths = {
  template: "template/colin27_t1_2mm.nii.gz",
  atlas: ["template/aal_2mm.nii.gz", "template/aal_labels.tsv"],
} as const;

export async function openSample(page: Document): Promise<Sample> {
  const folder = new URL("sample/", page.baseURI);
  const response = await fetch(new URL("files.json", folder));
  if (!response.ok)
    throw new Error(`the sample is not beside the page: the server answers ${response.status}`);
  const paths: unknown = await response.json();
  if (!Array.isArray(paths)) throw new Error("the sample's list of files is damaged");
  const files = (chosen: readonly string[]) => ({ ...httpFiles(folder, chosen), name: "sample" });
  return {
    cohort: files(paths.map(String).filter((path) => !path.startsWith("template/"))),
    template: files([samplePaths.template]),
    atlas: files(samplePaths.atlas),
  };
}
