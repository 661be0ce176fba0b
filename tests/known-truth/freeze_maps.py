#!/usr/bin/python3
"""freeze_maps.py COHORT JOBS --out DIR: maps of the cohort, small enough to be kept.

COHORT is what make_cohort.py wrote, JOBS the folder with the jobs of `voxplain interpret individual`, one for each method
(<JOBS>/<method>/data.tsv). Each map becomes the means of blocks of 3 × 3 × 3 voxels (6 mm) inside the brain, as int8 in
steps of 1/127 of the largest. Written: <method>.tsv and <method>/<participant>.nii.gz; truth.nii.gz and
brain.nii.gz on the same grid (blocks of which at least half are inside).
"""

import argparse
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd

EDGE = 3


def blocks(volume):
    shape = [n // EDGE for n in volume.shape]
    cut = volume[tuple(slice(0, n * EDGE) for n in shape)].astype(np.float64)
    x, y, z = shape
    return cut.reshape(x, EDGE, y, EDGE, z, EDGE).mean(axis=(1, 3, 5))


def block_affine(affine):
    first = affine @ np.array([(EDGE - 1) / 2] * 3 + [1.0])
    result = affine @ np.diag([EDGE] * 3 + [1.0])
    result[:3, 3] = first[:3]
    return result


def save(data, affine, path, slope=None):
    image = nib.Nifti1Image(data, affine)
    image.set_sform(affine, code=4)
    image.set_qform(affine, code=4)
    image.header.set_xyzt_units("mm")
    if slope is not None:
        image.header.set_slope_inter(slope, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(image, str(path))


def stored(values):
    """Whole numbers up to 127 and the length of their step; maps that are 0 everywhere stay so."""
    step = float(np.abs(values).max() / 127) or 1.0
    return np.rint(values / step).astype(np.int8), step


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("jobs", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--methods", nargs="*", help="default: all jobs")
    args = parser.parse_args()

    for name in ("truth", "brain"):
        image = nib.load(str(args.cohort / (name + ".nii.gz")))
        affine = block_affine(image.affine)
        mask = (blocks(np.asarray(image.dataobj)) >= 0.5).astype(np.uint8)
        save(mask, affine, args.out / (name + ".nii.gz"))
        print(name, int(mask.sum()), "voxels")
    brain = mask

    methods = args.methods or sorted(path.parent.name for path in args.jobs.glob("*/data.tsv"))
    for method in methods:
        table = pd.read_csv(args.jobs / method / "data.tsv", sep="\t")
        for row in table.itertuples():
            whole = nib.load(str(args.jobs / method / row.participant_id / row.session_id / "map.nii.gz"))
            values, step = stored(blocks(np.asarray(whole.dataobj)) * brain)
            save(values, affine, args.out / method / (row.participant_id + ".nii.gz"), step)
        table["map"] = [method + "/" + p + ".nii.gz" for p in table.participant_id]
        table = table.rename(columns={"diagnosis": "group"})
        columns = ["participant_id", "session_id", "group", "age", "sex", "map"]
        table[columns].to_csv(args.out / (method + ".tsv"), sep="\t", index=False)
        print(method)


if __name__ == "__main__":
    main()
