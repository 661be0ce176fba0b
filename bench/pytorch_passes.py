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

from networks import Conv5FC3, as_laid_out, gradient_of, read, trained

folder, output, method, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
network, _ = trained(Conv5FC3, folder / "model")
row = next(pd.read_csv(folder / "labels/AD.tsv", sep="\t").itertuples())
image, _, _ = read(folder, row)


def integrated_gradients():
    nodes, shares = np.polynomial.legendre.leggauss(count)
    total = torch.zeros_like(image[0], dtype=torch.float64)
    for node, share in zip((nodes + 1) / 2, shares / 2):
        _, gradient = gradient_of(network, (float(node) * image)[None])
        total.add_(gradient[0, 0], alpha=share)
    return (total * image[0].double()).float().numpy()


@torch.no_grad()
def occlusion():
    score = network(as_laid_out(image[None]))[0, 1]
    edges = [-(-length // count) for length in image.shape[1:]]
    drops = torch.zeros_like(image[0])
    for corner in itertools.product(*(range(0, n, edge) for n, edge in zip(image.shape[1:], edges))):
        window = tuple(slice(start, start + edge) for start, edge in zip(corner, edges))
        shown = image[(0, *window)].clone()
        image[(0, *window)] = 0
        drops[window] = score - network(as_laid_out(image[None]))[0, 1]
        image[(0, *window)] = shown
    return drops.numpy()


values = occlusion() if method == "occlusion" else integrated_gradients()
output.mkdir(parents=True, exist_ok=True)
np.save(output / "map.npy", values)
nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), output / "map.nii.gz")
