/**
 * Options with which a method is shown where its defaults do not fit the sample, whose images have 85×104×90 voxels.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const exampleOptions = {
  "expected-gradients": ["references=CN"],
  occlusion: ["window=16", "stride=12"],
  "region-occlusion": ["labels=sample/template/aal_2mm.nii.gz"],
  "kernel-shap": ["labels=sample/template/aal_2mm.nii.gz", "samples=256"],
};
