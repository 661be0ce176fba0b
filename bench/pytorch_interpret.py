#!/usr/bin/python3
"""pytorch_interpret.py COHORT OUTPUT: the group result of a cohort as one makes it with PyTorch, nibabel, pandas and
matplotlib: the map in both formats, a picture of it over the anatomy, predictions, sessions, options, and the hashes of
what went in and came out."""

import hashlib
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

from networks import SHAPE, Conv5FC3, gradient_of, images_of, trained

folder, output = Path(sys.argv[1]), Path(sys.argv[2])


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(2**22):
            digest.update(piece)
    return digest.hexdigest()


network, weights = trained(Conv5FC3, folder / "model")
sessions = pd.read_csv(folder / "labels/AD.tsv", sep="\t")
hashes = {str(weights): sha256(weights)}
total, anatomy, logits = torch.zeros(SHAPE, dtype=torch.float64), torch.zeros(SHAPE), []
for _, image, path, digest in images_of(folder, sessions):
    scores, gradient = gradient_of(network, image[None])
    total += gradient[0, 0]
    anatomy += image[0]
    logits.append(scores[0].numpy())
    hashes[path] = digest

mean = (total / len(sessions)).float().numpy()
anatomy = (anatomy / len(sessions)).numpy()
output.mkdir(parents=True, exist_ok=True)
np.save(output / "map.npy", mean)
nibabel.save(nibabel.Nifti1Image(mean, np.eye(4)), output / "map.nii.gz")
sessions.to_csv(output / "data.tsv", sep="\t", index=False)

logits = np.array(logits, dtype=np.float64)
probabilities = np.exp(logits - logits.max(1, keepdims=True))
probabilities /= probabilities.sum(1, keepdims=True)
predictions = sessions[["participant_id", "session_id"]].assign(true_label=1, predicted_label=logits.argmax(1))
for k in range(logits.shape[1]):
    predictions[f"logit{k}"], predictions[f"proba{k}"] = logits[:, k], probabilities[:, k]
predictions.to_csv(output / "predictions.tsv", sep="\t", index=False)

strongest = np.unravel_index(np.abs(mean).argmax(), mean.shape)
limit = np.quantile(np.abs(mean), 0.999)
figure, axes = plt.subplots(1, 3, figsize=(15, 6), facecolor="black")
for axis, (plot, index) in enumerate(zip(axes, strongest)):
    plot.imshow(anatomy.take(index, axis).T, cmap="gray", origin="lower")
    cut = mean.take(index, axis).T
    drawn = plot.imshow(
        np.ma.masked_where(np.abs(cut) < 0.1 * limit, cut), cmap="coolwarm", vmin=-limit, vmax=limit, origin="lower"
    )
    plot.axis("off")
figure.colorbar(drawn, ax=axes)
figure.savefig(output / "map.png", dpi=100)

for name in ["map.npy", "map.nii.gz", "map.png", "predictions.tsv", "data.tsv"]:
    hashes[name] = sha256(output / name)
record = {"task": "group", "target": 1, "sessions": len(sessions), "torch": torch.__version__, "sha256": hashes}
(output / "commandline.json").write_text(json.dumps(record, indent=2))
