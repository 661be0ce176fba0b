import { methodPage } from "./method-page.mjs";

/**
 * The words behind `voxplain` that make the picture of a method's page, in the root of the repository.
 * @param {string} name - Of the method.
 */
export function pictureWords(name) {
  const options = methodPage(name).example;
  return [
    ...["interpret", "group", "sample/models/random_small", name, "--use_cpu", "--folds", "0", "--baseline"],
    ...["--nifti_template_path", "sample/template/colin27_t1_2mm.nii.gz", "--output_dir", "results"],
    ...["--method", name, ...(options.length > 0 ? ["--method_options", ...options] : [])],
  ];
}

/** Where it is, in that folder. */
export const pictureFile = (name) => `results/fold-0/gradients/best_balanced_accuracy/${name}/map.png`;
