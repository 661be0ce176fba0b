#!/usr/bin/python3
"""pytorch_passes.py COHORT OUTPUT integrated-gradients|occlusion COUNT: a method of many passes on the first session, one
pass after the other, and the map in both formats. Integrated gradients (Gauss-Legendre, baseline 0) take COUNT steps,
occlusion COUNT windows beside each other along each axis."""

import itertools
import sys
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import torch

from networks import Conv5FC3, as_laid_out, gradient_of, trained

folder, output, method, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
network, _ = trained(Conv5FC3, folder / "model")
row = pd.read_csv(folder / "labels/AD.tsv", sep="\t").iloc[0]
name = f"{row.participant_id}_{row.session_id}_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.pt"
path = folder / "caps/subjects" / row.participant_id / row.session_id
image = torch.load(path / "deeplearning_prepare_data/image_based/t1_linear" / name)
image = (image - image.min()) / (image.max() - image.min())


def integrated_gradients():
    nodes, shares = np.polynomial.legendre.leggauss(count)
    total = torch.zeros_like(image[0], dtype=torch.float64)
    for node, share in zip((nodes + 1) / 2, shares / 2):
        _, gradient = gradient_of(network, (float(node) * image)[None])
        total += share * gradient[0, 0].double()
    return (total * image[0].double()).float().numpy()


@torch.no_grad()
def occlusion():
    score = network(as_laid_out(image[None]))[0, 1]
    edges = [-(-length // count) for length in image.shape[1:]]
    drops = torch.zeros_like(image[0])
    for corner in itertools.product(*(range(0, n, edge) for n, edge in zip(image.shape[1:], edges))):
        window = tuple(slice(start, start + edge) for start, edge in zip(corner, edges))
        hidden = image.clone()
        hidden[(0, *window)] = 0
        drops[window] = score - network(as_laid_out(hidden[None]))[0, 1]
    return drops.numpy()


values = occlusion() if method == "occlusion" else integrated_gradients()
output.mkdir(parents=True, exist_ok=True)
np.save(output / "map.npy", values)
nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), output / "map.nii.gz")
