#!/usr/bin/python3
"""pytorch_patches.py COHORT OUTPUT BATCH: the group result of a patch model as one makes it with PyTorch,
nibabel, pandas and matplotlib: the mean map and the recomposed one with its coverage, a picture of each, votes, and the
hashes of what went in."""

import hashlib
import itertools
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import nibabel
import numpy as np
import pandas as pd
import torch

from networks import SHAPE, Conv4FC3, gradient_of, images_of, trained

folder, output, batch = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
SIZE = 50


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(2**22):
            digest.update(piece)
    return digest.hexdigest()


def picture(path, under, mean):
    strongest = np.unravel_index(np.abs(mean).argmax(), mean.shape)
    limit = np.quantile(np.abs(mean), 0.999)
    figure, axes = plt.subplots(1, 3, figsize=(15, 6), facecolor="black")
    for axis, (plot, index) in enumerate(zip(axes, strongest)):
        plot.imshow(under.take(index, axis).T, cmap="gray", origin="lower")
        cut = mean.take(index, axis).T
        shown = np.ma.masked_where(np.abs(cut) < 0.1 * limit, cut)
        drawn = plot.imshow(shown, cmap="coolwarm", vmin=-limit, vmax=limit, origin="lower")
        plot.axis("off")
    figure.colorbar(drawn, ax=axes)
    figure.savefig(path, dpi=100)


def scaled(patches):
    low, high = patches.amin((-3, -2, -1), keepdim=True), patches.amax((-3, -2, -1), keepdim=True)
    return torch.nan_to_num((patches - low) / (high - low))


network, weights = trained(Conv4FC3, folder / "patch-model")
validation = weights.parents[2] / "cnn_classification/best_balanced_accuracy/validation_patch_level_prediction.tsv"
judged = pd.read_csv(validation, sep="\t")
right = (judged.true_label == judged.predicted_label).groupby(judged.patch_id).sum()
vote = (right / right.sum()).to_numpy()
sessions = pd.read_csv(folder / "labels/AD.tsv", sep="\t")
hashes = {str(weights): sha256(weights)}
starts = list(itertools.product(*(range(0, length - SIZE + 1, SIZE) for length in SHAPE)))
total, recomposed, coverage, anatomy = 0, np.zeros(SHAPE), np.zeros(SHAPE, np.float32), torch.zeros(SHAPE)
mean_patch, votes, rows = 0, [], []
for row, image, path, digest in images_of(folder, sessions):
    patches = image.unfold(1, SIZE, SIZE).unfold(2, SIZE, SIZE).unfold(3, SIZE, SIZE).reshape(-1, 1, SIZE, SIZE, SIZE)
    patches = scaled(patches)
    anatomy += image[0]
    mean_patch = mean_patch + patches.sum((0, 1))
    probabilities = []
    for first in range(0, len(patches), batch):
        scores, gradients = gradient_of(network, patches[first : first + batch])
        probabilities.append(torch.softmax(scores.double(), 1).numpy())
        for gradient, (i, j, k) in zip(gradients[:, 0].double().numpy(), starts[first:]):
            total = total + gradient
            recomposed[i : i + SIZE, j : j + SIZE, k : k + SIZE] += gradient
            coverage[i : i + SIZE, j : j + SIZE, k : k + SIZE] += 1
    probabilities = np.concatenate(probabilities)
    rows += [[row.participant_id, row.session_id, k, 1, p.argmax(), *p] for k, p in enumerate(probabilities)]
    votes.append([row.participant_id, row.session_id, 1, (vote @ probabilities).argmax(), *(vote @ probabilities)])
    hashes[path] = digest

count = len(sessions) * len(starts)
maps = {"map": (total / count, mean_patch.numpy() / count), "recomposed": (recomposed / np.maximum(coverage, 1), anatomy.numpy())}
output.mkdir(parents=True, exist_ok=True)
for name, (values, under) in maps.items():
    values = values.astype(np.float32)
    np.save(output / f"{name}.npy", values)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), output / f"{name}.nii.gz")
    picture(output / f"{name}.png", under, values)
nibabel.save(nibabel.Nifti1Image(coverage, np.eye(4)), output / "coverage.nii.gz")
columns = ["participant_id", "session_id", "patch_id", "true_label", "predicted_label", "proba0", "proba1"]
pd.DataFrame(rows, columns=columns).to_csv(output / "patch_predictions.tsv", sep="\t", index=False)
pd.DataFrame(votes, columns=[c for c in columns if c != "patch_id"]).to_csv(output / "predictions.tsv", sep="\t", index=False)
sessions.to_csv(output / "data.tsv", sep="\t", index=False)
for path in sorted(output.iterdir()):
    hashes[path.name] = sha256(path)
(output / "commandline.json").write_text(json.dumps({"task": "group", "torch": torch.__version__, "sha256": hashes}, indent=2))
