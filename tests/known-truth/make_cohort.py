#!/usr/bin/python3
"""make_cohort.py --templates DIR --out DIR: a cohort of 20 AD and 20 CN participants with known atrophy.

Participants are made as those of the sample (../../sample/scripts/make_sample.py), from seeds that neither the sample nor
the training of its networks used: Colin27 under a random smooth deformation, bias field and noise; AD with simulated
atrophy of both hippocampi and amygdalae of random severity, CN without. One session each. DIR of --templates holds
ch2.nii.gz, aal.nii.gz and aal.nii.txt (Debian: mricron-data). Written below --out:

    caps/, cohort.tsv                    what `voxplain interpret --images` reads, with age and sex
    ground_truth.tsv                     severity of the atrophy per side, and the volume lost
    truth.nii.gz, brain.nii.gz           hippocampus and amygdala of AAL, and a mask of the brain, on the grid of the images
    sub-SIM133.nii.gz                    the image of the participant with the most atrophy, whose maps the page shows
"""

import argparse
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import torch
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parents[2] / "sample/scripts"))
import make_sample as sample  # noqa: E402

SEED, STREAM = 2021, 4  # streams 1 to 3 are the sample, the training and the held-out participants
EACH = 20
CLOSING = 4  # voxels of 2 mm: AAL names grey matter only
SHOWN = 32  # sub-SIM133


def participants(anatomy, caps):
    for number in range(2 * EACH):
        diagnosis = "AD" if number % 2 == 0 else "CN"
        subject = sample.Subject(anatomy, diagnosis, [SEED, STREAM, number])
        participant = "sub-SIM%03d" % (101 + number)
        path = sample.image_path(caps, participant, sample.BASELINE)
        path.parent.mkdir(parents=True, exist_ok=True)
        image = torch.from_numpy(subject.scan().astype(np.float32))[None]
        torch.save(image.clone(), str(path))
        severity = subject.severity_at(0) or {"left": 0.0, "right": 0.0}
        yield {
            "participant_id": participant,
            "session_id": sample.BASELINE,
            "diagnosis": diagnosis,
            "age": round(subject.age, 1),
            "sex": subject.sex,
            "severity_left": round(severity["left"], 3),
            "severity_right": round(severity["right"], 3),
            "volume_loss": round(sample.mean_volume_loss(anatomy, subject.severity_at(0)), 3),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--templates", required=True, help="folder with ch2 and aal")
    parser.add_argument("--out", required=True, type=Path)
    args = parser.parse_args()

    anatomy = sample.Anatomy(args.templates)
    table = pd.DataFrame(participants(anatomy, args.out / "caps"))
    columns = ["participant_id", "session_id", "diagnosis"]
    table["image"] = [
        sample.image_path("caps", row.participant_id, row.session_id).as_posix() for row in table.itertuples()
    ]
    table[columns + ["age", "sex", "image"]].to_csv(args.out / "cohort.tsv", sep="\t", index=False)
    severities = ["severity_left", "severity_right", "volume_loss"]
    table[columns + severities].to_csv(args.out / "ground_truth.tsv", sep="\t", index=False)

    atlas = anatomy.on_grid(anatomy.labels, order=0)
    numbers = [n for side in sample.ATROPHY_REGIONS.values() for n in side]
    truth = np.isin(atlas, numbers)
    brain = ndimage.binary_fill_holes(ndimage.binary_closing(atlas > 0, iterations=CLOSING))
    sample.write_nifti(truth.astype(np.uint8), args.out / "truth.nii.gz", "hippocampus and amygdala, AAL")
    sample.write_nifti(brain.astype(np.uint8), args.out / "brain.nii.gz", "brain, AAL closed")
    shown = sample.Subject(anatomy, "AD", [SEED, STREAM, SHOWN]).scan().astype(np.uint8)
    sample.write_nifti(shown, args.out / ("sub-SIM%03d.nii.gz" % (101 + SHOWN)), "Simulated from Colin27")
    print(table.drop(columns="image").to_string(index=False))
    print("truth: %d voxels, brain: %d of %d" % (truth.sum(), brain.sum(), truth.size))


if __name__ == "__main__":
    main()
