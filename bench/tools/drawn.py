"""Random numbers of Voxplain for tools that would draw their own, as packages/saliency/src/numerics/random.ts documents them."""

import sys
from pathlib import Path

import numpy as np
import torch
from scipy.special import ndtri

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packages/saliency/tests/fixtures"))
from make_methods import philox_words, uniforms  # noqa: E402

SEED = 11
NOISE, POSITION, REFERENCE, WEIGHTS, PERTURBATION, SENSITIVITY = 0, 1, 2, 4, 6, 7


def in_float32(tensor):
    """What Voxplain feeds to a network is float32."""
    return tensor.float().to(tensor.dtype)


def like(x, values):
    return torch.from_numpy(np.asarray(values)).reshape(x.shape[1:]).to(x.dtype)


def normal(x, sample, purpose=NOISE):
    return like(x, ndtri(uniforms(SEED, sample, purpose, x[0].numel())))


def uniform(x, sample, purpose):
    return like(x, uniforms(SEED, sample, purpose, x[0].numel()))


class NoiseOf:
    """Stands in for torch.normal and torch.randn_like: each call gets the noise of the next samples."""

    def __init__(self, x):
        self.x, self.next = x, 0

    def take(self, count):
        drawn = torch.stack([normal(self.x, self.next + k) for k in range(count)])
        self.next += count
        return drawn

    def normal(self, mean, std, size=None, **_):
        """The noise without a mean, so that the tool's sum with the image is float32."""
        assert mean == 0
        return in_float32(self.x + std * self.take(1 if size is not None else len(std))) - self.x

    def randn_like(self, _):
        return self.take(1)


def references_of(count, samples):
    """Which of the references each sample takes, and where on the way from it to the image."""
    which = [int(philox_words(SEED, k, REFERENCE, 1)[0] / 2**32 * count) for k in range(samples)]
    return np.array(which), np.array([uniforms(SEED, k, POSITION, 1)[0] for k in range(samples)])


def weights_like(trained, place):
    """Weights drawn anew with the mean and the standard deviation of the trained ones; None where all are alike."""
    values = trained.detach().double().numpy().ravel()
    if values.std() == 0:
        return None
    drawn = values.mean() + values.std() * ndtri(uniforms(SEED, place, WEIGHTS, values.size))
    return in_float32(torch.from_numpy(drawn)).reshape(trained.shape).to(trained.dtype)
