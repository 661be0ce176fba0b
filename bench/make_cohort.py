#!/usr/bin/python3
"""make_cohort.py FOLDER SESSIONS: a Conv5_FC3 model folder and a CAPS of full-size images (25 MB each); sessions after the
first 32 have links to their images."""

import json
import os
import sys
from pathlib import Path

import torch
from torch.nn import functional as F

from networks import SHAPE, seeded

DISTINCT = 32
folder, sessions = Path(sys.argv[1]), int(sys.argv[2])
selection = folder / "model/fold-0/models/best_balanced_accuracy"
labels = folder / "labels"
for path in (selection, labels):
    path.mkdir(parents=True, exist_ok=True)
torch.save({"model": seeded().state_dict(), "epoch": 1, "valid_loss": 0.5}, selection / "model_best.pth.tar")
settings = {
    "model": "Conv5_FC3", "mode": "image", "network_type": "cnn", "preprocessing": "t1-linear", "diagnoses": ["AD", "CN"],
    "caps_dir": str(folder / "caps"), "tsv_path": str(labels), "baseline": False, "unnormalize": False, "n_splits": 0,
}
(folder / "model/commandline.json").write_text(json.dumps(settings))


def simulated(k):
    """Smooth tissue inside an ellipsoid of a head, noise, and air of exactly 0 around it."""
    generator = torch.Generator().manual_seed(k)
    coarse = torch.rand((1, 1, 22, 27, 23), generator=generator)
    image = F.interpolate(coarse, SHAPE, mode="trilinear", align_corners=False)[0]
    image += 0.05 * torch.rand(image.shape, generator=generator)
    axes = torch.meshgrid(*(torch.linspace(-1.2, 1.2, n) for n in SHAPE), indexing="ij")
    image[:, sum(axis**2 for axis in axes) > 1] = 0
    return 1000 * image


rows, files = ["participant_id\tsession_id\tdiagnosis"], []
for k in range(sessions):
    participant = f"sub-BENCH{k:03d}"
    path = folder / f"caps/subjects/{participant}/ses-M00/deeplearning_prepare_data/image_based/t1_linear"
    path.mkdir(parents=True, exist_ok=True)
    file = path / f"{participant}_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.pt"
    if k < DISTINCT:
        torch.save(simulated(k), file)
        files.append(file)
    elif not file.exists():
        os.link(files[k % DISTINCT], file)
    rows.append(f"{participant}\tses-M00\tAD")
(labels / "AD.tsv").write_text("\n".join(rows) + "\n")
