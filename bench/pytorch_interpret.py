#!/usr/bin/python3
"""pytorch_interpret.py COHORT OUTPUT: the group map of a cohort as one writes it with PyTorch, nibabel and pandas."""

import sys
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import torch

from networks import Conv5FC3

folder, output = Path(sys.argv[1]), Path(sys.argv[2])
torch.set_num_threads(2)
network = Conv5FC3()
checkpoint = torch.load(folder / "model/fold-0/models/best_balanced_accuracy/model_best.pth.tar", map_location="cpu")
network.load_state_dict(checkpoint["model"])
network.eval()
for parameter in network.parameters():
    parameter.requires_grad_(False)
sessions = pd.read_csv(folder / "labels/AD.tsv", sep="\t")
total = 0
for row in sessions.itertuples():
    name = f"{row.participant_id}_{row.session_id}_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.pt"
    path = folder / "caps/subjects" / row.participant_id / row.session_id
    image = torch.load(path / "deeplearning_prepare_data/image_based/t1_linear" / name)
    image = (image - image.min()) / (image.max() - image.min())
    x = image[None].requires_grad_(True)
    network(x)[0, 1].backward()
    total = total + x.grad[0, 0].double()
mean = (total / len(sessions)).float().numpy()
output.mkdir(parents=True, exist_ok=True)
np.save(output / "map.npy", mean)
nibabel.save(nibabel.Nifti1Image(mean, np.eye(4)), output / "map.nii.gz")
sessions.to_csv(output / "data.tsv", sep="\t", index=False)
