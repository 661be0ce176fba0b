#!/usr/bin/python3
"""make_patch_model.py COHORT: beside the cohort's images a model folder of patches, with the predictions that weigh votes."""

import json
import sys
from pathlib import Path

import torch

from networks import Conv4FC3, seeded

folder = Path(sys.argv[1])
selection = folder / "patch-model/fold-0/models/best_balanced_accuracy"
validation = folder / "patch-model/fold-0/cnn_classification/best_balanced_accuracy"
for path in (selection, validation):
    path.mkdir(parents=True, exist_ok=True)
torch.save({"model": seeded(Conv4FC3).state_dict(), "epoch": 1, "valid_loss": 0.5}, selection / "model_best.pth.tar")
rows = ["participant_id\tsession_id\tpatch_id\ttrue_label\tpredicted_label"]
rows += [f"sub-V{n}\tses-M00\t{patch}\t1\t{int(n >= patch % 5)}" for n in range(6) for patch in range(36)]
(validation / "validation_patch_level_prediction.tsv").write_text("\n".join(rows) + "\n")
settings = {
    "model": "Conv4_FC3", "mode": "patch", "network_type": "cnn", "preprocessing": "t1-linear", "diagnoses": ["AD", "CN"],
    "patch_size": 50, "stride_size": 50, "use_extracted_patches": False, "caps_dir": str(folder / "caps"),
    "tsv_path": str(folder / "labels"), "baseline": False, "unnormalize": False, "n_splits": 0,
}
(folder / "patch-model/commandline.json").write_text(json.dumps(settings))
