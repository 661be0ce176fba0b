"""Formulas written anew, for methods that tools define otherwise: what Voxplain computes, and what the tool computes."""

import torch
import torch.nn.functional as F
from networks import Residual
from torch import nn


def deep_lift(net, x, reference, target):
    """The rescale rule, module by module: a multiplier is what changed behind a module by what changed in front of it."""
    start = torch.zeros_like(net(x))
    start[0, target] = 1
    return (x - reference) * multipliers(list(net), x, reference, start)


def multipliers(modules, x, reference, multiplier):
    with torch.no_grad():
        pairs = [(x, reference)]
        for module in modules:
            pairs.append((module(pairs[-1][0]), module(pairs[-1][1])))
    for module, (x, x0), (y, y0) in reversed(list(zip(modules, pairs, pairs[1:]))):
        multiplier = through(module, (x, x0), (y, y0), multiplier)
    return multiplier


def through(module, inputs, outputs, multiplier):
    (x, x0), (y, y0) = inputs, outputs
    if isinstance(module, Residual):
        return multiplier + multipliers(list(module.branch), x, x0, multiplier)
    plain = transposed(module, x, multiplier)
    change = x - x0
    if isinstance(module, (nn.ReLU, nn.LeakyReLU)):
        shared = multiplier * (y - y0)
    elif isinstance(module, (nn.MaxPool2d, nn.MaxPool3d)):
        top = torch.maximum(y, y0)
        shared = transposed(module, x, multiplier * (top - y0)) + transposed(module, x0, multiplier * (y - top))
    else:
        return plain
    return torch.where(change.abs() < 1e-10, plain, shared / change)


def transposed(module, x, multiplier):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(module(x), x, multiplier)[0]


def activations_and_gradient(given):
    """Of the layer that class activation maps take."""
    at = [name for name, _ in given.net.named_children()].index(given.layer) + 1
    activations = given.net[:at](given.x).detach().requires_grad_()
    score = given.net[at:](activations)[0, given.target]
    return activations.detach(), torch.autograd.grad(score, activations)[0], score.detach()


def grad_cam_plus_plus(given, added=0.0, each_gradient=False, with_exp=False, without_denominator=False):
    """Chattopadhay et al. 2018, and what tools make of it.

    added: to the denominator. each_gradient: Σ g³ a in place of g³ Σ a. with_exp: the factor exp(score).
    without_denominator: α = g².
    """
    a, g, score = activations_and_gradient(given)
    total = lambda values: values.sum(tuple(range(2, values.dim())), keepdim=True)
    denominator = 2 * g**2 + (total(g**3 * a) if each_gradient else g**3 * total(a)) + added
    defined = (g != 0) & (denominator != 0)
    alpha = torch.where(defined, g**2 / torch.where(defined, denominator, 1), 0)
    if without_denominator:
        alpha = g**2
    weights = total(alpha * F.relu(g)) * (score.exp() if with_exp else 1)
    return enlarged(F.relu((weights * a).sum(1, keepdim=True)), given.x)


def enlarged(map_, x):
    """A map of a layer [1, 1, ...grid] on the grid of the image, linearly."""
    mode = "bilinear" if x.dim() == 4 else "trilinear"
    map_ = torch.as_tensor(map_).to(x.dtype)
    grid = map_.shape[-(x.dim() - 2) :]
    return F.interpolate(map_.reshape(1, 1, *grid), size=x.shape[2:], mode=mode, align_corners=False)
