"""The randomization test: layers from the head to the image get random weights; scikit-image and SciPy compare the maps."""

import captum.attr as captum
import numpy as np
import torch
from cases import Case
from drawn import SEED, weights_like
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity

WINDOW = 7


def cases(_):
    options = {"order": "cascading", "seed": SEED, "window": WINDOW}
    call = "structural_similarity, spearmanr of Captum's Saliency"
    yield Case("scikit-image, SciPy", call, similarities, "parameter-randomization", options)


def similarities(given):
    explain = lambda: captum.Saliency(given.net).attribute(given.x, target=given.target, abs=False)[0].numpy()
    trained, found = explain(), []
    for module in reversed([module for module in given.net.modules() if hasattr(module, "reset_parameters")]):
        changed = False
        for parameter in (module.weight, module.bias):
            drawn = weights_like(parameter, given.weights.index(given.name_of(parameter)))
            if drawn is not None:
                parameter.data, changed = drawn, True
        if changed:
            found.append(compared(trained, explain()))
    return torch.tensor(np.array(found)).reshape(1, -1)


def compared(a, b):
    signed = a / np.abs(a).max(), b / np.abs(b).max()
    absolute = tuple(np.abs(map_) for map_ in signed)
    return [ssim(*signed, 2), ssim(*absolute, 1), correlation(a, b), correlation(np.abs(a), np.abs(b))]


def ssim(a, b, width):
    channels = [structural_similarity(*channel, data_range=width, win_size=WINDOW) for channel in zip(a, b)]
    return float(np.mean(channels))


def correlation(a, b):
    return float(spearmanr(a.ravel(), b.ravel()).correlation)
