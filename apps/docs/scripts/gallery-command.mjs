import { methodPage } from "./method-page.mjs";

/**
 * The command that makes the map of a method in the gallery, word by word.
 * @param {string} name - Of the method.
 */
export function galleryCommand(name) {
  const options = methodPage(name).example;
  return [
    ...[
      "voxplain",
      "interpret",
      "group",
      "sample/models/random_small",
      name,
      "--use_cpu",
      "--folds",
      "0",
      "--baseline",
    ],
    ...["--nifti_template_path", "sample/template/colin27_t1_2mm.nii.gz", "--method", name],
    ...(options.length > 0 ? ["--method_options", ...options] : []),
  ];
}
