#!/usr/bin/python3
"""make_part_model.py COHORT patch|slice: beside the cohort's images a model folder of patches, with the predictions that
weigh votes, or of slices."""

import json
import math
import sys
from pathlib import Path

import torch

from networks import NETWORKS, SHAPE, seeded

SIZE = 50
folder, mode = Path(sys.argv[1]), sys.argv[2]
model = folder / f"{mode}-model"
selection = model / "fold-0/models/best_balanced_accuracy"
validation = model / "fold-0/cnn_classification/best_balanced_accuracy"
for path in (selection, validation):
    path.mkdir(parents=True, exist_ok=True)
architecture, parts = {
    "patch": ("Conv4_FC3", {"patch_size": SIZE, "stride_size": SIZE, "use_extracted_patches": False}),
    "slice": ("resnet18", {"slice_direction": 0, "discarded_slices": 20, "use_extracted_slices": False}),
}[mode]
state = seeded(NETWORKS[architecture]).state_dict()
torch.save({"model": state, "epoch": 1, "valid_loss": 0.5}, selection / "model_best.pth.tar")
if mode == "patch":
    count = math.prod(length // SIZE for length in SHAPE)
    rows = ["participant_id\tsession_id\tpatch_id\ttrue_label\tpredicted_label"]
    rows += [f"sub-V{n}\tses-M00\t{patch}\t1\t{int(n >= patch % 5)}" for n in range(6) for patch in range(count)]
    (validation / "validation_patch_level_prediction.tsv").write_text("\n".join(rows) + "\n")
settings = {
    "model": architecture, "mode": mode, "network_type": "cnn", "preprocessing": "t1-linear", "diagnoses": ["AD", "CN"],
    **parts, "caps_dir": str(folder / "caps"), "tsv_path": str(folder / "labels"), "baseline": False,
    "unnormalize": False, "n_splits": 0,
}
(model / "commandline.json").write_text(json.dumps(settings))
