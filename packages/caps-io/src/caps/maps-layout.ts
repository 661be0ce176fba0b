import type { CapsImages } from "@voxplain/core";
import type { Layout } from "./pipeline-layout.ts";
import { twoNames } from "./two-names.ts";

const template = "MNI152NLin2009cSym";

/** Where images are that ClinicaDL 1.x is trained on. */
export function mapsLayout(images: CapsImages): Layout {
  switch (images.preprocessing) {
    case "flair-linear":
      return linear(images, { pipeline: "flair_linear", suffix: "flair" });
    case "pet-linear":
      return petLinear(images);
    case "dwi-dti":
      return dwiDti(images);
    case "custom":
      return custom(images);
    default:
      return linear(images, { pipeline: "t1_linear", suffix: "T1w" });
  }
}

function linear(images: CapsImages, { pipeline, suffix }: { pipeline: string; suffix: string }): Layout {
  const name = `${spaceOf(images)}_${suffix}`;
  return {
    ...{ pipeline, suffixes: twoNames(`_${name}`, suffix), glob: `*${name}` },
    ...{ nifti: { folder: pipeline, depth: "here" }, template, maskPattern: "res-1x1x1" },
  };
}

function petLinear(images: CapsImages): Layout {
  const { tracer = "*", suvrReferenceRegion: region = "*" } = images;
  const name = `_trc-${tracer}_${spaceOf(images)}_suvr-${region}_pet`;
  return {
    ...{ pipeline: "pet_linear", suffixes: exact(name), glob: `*${name}` },
    ...{ nifti: { folder: "pet_linear", depth: "here" }, template, maskPattern: "res-1x1x1" },
  };
}

function dwiDti({ dtiMeasure: measure = "*", dtiSpace: space = "*" }: CapsImages): Layout {
  const name = `_space-${space}_${measure}`;
  return {
    ...{ pipeline: "dwi_dti", suffixes: exact(name), glob: `*${name}` },
    nifti: { folder: "dwi/dti_based_processing", depth: "one below" },
  };
}

function custom({ customSuffix = "", maskTemplate, maskPattern = "" }: CapsImages): Layout {
  const name = customSuffix.replace(/\.(nii(\.gz)?|pt)$/i, "");
  return {
    ...{ pipeline: "custom", suffixes: name.startsWith("_") ? exact(name) : [], glob: `*${name}` },
    ...{ nifti: { folder: "", depth: "any" }, maskPattern },
    ...(maskTemplate && { template: maskTemplate }),
  };
}

function spaceOf({ uncropped = false }: CapsImages): string {
  return `space-${template}${uncropped ? "" : "_desc-Crop"}_res-1x1x1`;
}

/** A name without anything open is the plain one. */
function exact(name: string): readonly string[] {
  return /[*?]/.test(name) ? [] : [name];
}
