import { readTemplate, type Template } from "@voxplain/caps-io";
import { fileAt } from "@voxplain/study/node";

/** The image whose affine the maps get. @throws VoxplainError as `readTemplate`. */
export async function templateAt(path: string | undefined): Promise<Template | undefined> {
  if (path === undefined) return undefined;
  const { source, below } = fileAt(path, "nifti_template_path");
  return readTemplate(source, below);
}
