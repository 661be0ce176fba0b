import { httpFiles } from "@voxplain/core/web";
import type { SampleFiles } from "../engine/engine.ts";
import type { Atlas } from "../viewer/atlas.ts";
import { atlasFrom } from "./atlas-files.ts";

const templatePath = "template/colin27_t1_2mm.nii.gz";
const atlasPaths = ["template/aal_2mm.nii.gz", "template/aal_labels.tsv"];

/** The sample that is shipped beside the page. */
export async function openSample(page: Document): Promise<SampleFiles & { readonly atlas: Atlas }> {
  const folder = new URL("sample/", page.baseURI);
  const response = await fetch(new URL("files.json", folder));
  if (!response.ok)
    throw new Error(`the sample is not beside the page: the server answers ${response.status}`);
  const paths: unknown = await response.json();
  if (!Array.isArray(paths)) throw new Error("the sample's list of files is damaged");
  const files = (chosen: readonly string[]) => ({ ...httpFiles(folder, chosen), name: "sample" });
  return {
    cohort: files(paths.map(String).filter((path) => !path.startsWith("template/"))),
    template: { files: files([templatePath]), path: templatePath },
    atlas: await atlasFrom(files(atlasPaths), atlasPaths),
  };
}
