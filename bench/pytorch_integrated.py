#!/usr/bin/python3
"""pytorch_integrated.py COHORT OUTPUT STEPS: integrated gradients (Gauss-Legendre, baseline 0) of the first session,
one step after the other, and the map in both formats."""

import sys
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import torch

from networks import Conv5FC3

folder, output, steps = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(2)
network = Conv5FC3()
weights = folder / "model/fold-0/models/best_balanced_accuracy/model_best.pth.tar"
network.load_state_dict(torch.load(weights, map_location="cpu")["model"])
network.eval()
for parameter in network.parameters():
    parameter.requires_grad_(False)
row = pd.read_csv(folder / "labels/AD.tsv", sep="\t").iloc[0]
name = f"{row.participant_id}_{row.session_id}_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.pt"
path = folder / "caps/subjects" / row.participant_id / row.session_id
image = torch.load(path / "deeplearning_prepare_data/image_based/t1_linear" / name)
image = (image - image.min()) / (image.max() - image.min())
nodes, shares = np.polynomial.legendre.leggauss(steps)
total = torch.zeros_like(image[0], dtype=torch.float64)
for node, share in zip((nodes + 1) / 2, shares / 2):
    x = (float(node) * image)[None].requires_grad_(True)
    network(x)[0, 1].backward()
    total += share * x.grad[0, 0].double()
integrated = (total * image[0].double()).float().numpy()
output.mkdir(parents=True, exist_ok=True)
np.save(output / "map.npy", integrated)
nibabel.save(nibabel.Nifti1Image(integrated, np.eye(4)), output / "map.nii.gz")
