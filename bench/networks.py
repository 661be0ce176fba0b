"""Conv5_FC3, Conv4_FC3 and resnet18 as ClinicaDL 0.2 trains them, with seeded weights: what the benchmarks compare with,
in the setting that the environment asks for."""

import os
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

SHAPE = (169, 208, 179)
LAYOUT = os.environ.get("VOXPLAIN_BENCH_LAYOUT", "plain")
FROZEN = os.environ.get("VOXPLAIN_BENCH_FROZEN") == "1"


class PadMaxPool3d(nn.Module):
    def forward(self, x):
        odd = [n % 2 for n in reversed(x.shape[-3:])]
        return F.max_pool3d(F.pad(x, [k for n in odd for k in (n, 0)]), 2, 2)


class Conv5FC3(nn.Module):
    def __init__(self):
        super().__init__()
        channels = (1, 8, 16, 32, 64, 128)
        blocks = []
        for inputs, outputs in zip(channels, channels[1:]):
            blocks += [nn.Conv3d(inputs, outputs, 3, padding=1), nn.BatchNorm3d(outputs), nn.ReLU(), PadMaxPool3d()]
        self.features = nn.Sequential(*blocks)
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.5), nn.Linear(128 * 6 * 7 * 6, 1300), nn.ReLU(),
            nn.Linear(1300, 50), nn.ReLU(), nn.Linear(50, 2),
        )

    def forward(self, x):
        return self.classifier(self.features(x))


class Conv4FC3(nn.Module):
    """For patches of 50×50×50."""

    def __init__(self):
        super().__init__()
        channels = (1, 15, 25, 50, 50)
        blocks = []
        for inputs, outputs in zip(channels, channels[1:]):
            blocks += [nn.Conv3d(inputs, outputs, 3), nn.BatchNorm3d(outputs), nn.ReLU(), PadMaxPool3d()]
        self.features = nn.Sequential(*blocks)
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.5), nn.Linear(50 * 2 * 2 * 2, 50), nn.ReLU(),
            nn.Dropout(0.5), nn.Linear(50, 40), nn.ReLU(), nn.Linear(40, 2),
        )

    def forward(self, x):
        return self.classifier(self.features(x))


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """For slices of 224×224 in three channels."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        before = 64
        for k, channels in enumerate((64, 128, 256, 512)):
            layer = nn.Sequential(BasicBlock(before, channels, 1 if k == 0 else 2), BasicBlock(channels, channels, 1))
            setattr(self, f"layer{k + 1}", layer)
            before = channels
        self.fc = nn.Linear(512, 1000)
        self.fc_out = nn.Linear(1000, 2)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc_out(self.fc(x.mean((2, 3))))


NETWORKS = {"Conv5_FC3": Conv5FC3, "Conv4_FC3": Conv4FC3, "resnet18": ResNet18}


def seeded(architecture=Conv5FC3):
    """Running statistics that are not 0 and 1, as after a training."""
    torch.manual_seed(0)
    network = architecture()
    for layer in network.modules():
        if isinstance(layer, (nn.BatchNorm2d, nn.BatchNorm3d)):
            layer.running_mean.uniform_(-0.2, 0.2)
            layer.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.2, 0.2)
    return network.eval()


def as_set(network):
    """Ready to compute, in the setting that the environment asks for."""
    torch.set_num_threads(int(os.environ.get("VOXPLAIN_BENCH_THREADS", "2")))
    network = network.eval()
    for parameter in network.parameters():
        parameter.requires_grad_(not FROZEN)
    if LAYOUT == "channels_last":
        flat = any(isinstance(layer, nn.Conv2d) for layer in network.modules())
        network = network.to(memory_format=torch.channels_last if flat else torch.channels_last_3d)
    return network


def as_laid_out(x):
    """A batch of images in the memory layout of the network."""
    if LAYOUT != "channels_last":
        return x
    return x.contiguous(memory_format=torch.channels_last if x.ndim == 4 else torch.channels_last_3d)


def trained(architecture, folder):
    """The network of a model folder."""
    network = architecture()
    weights = Path(folder) / "fold-0/models/best_balanced_accuracy/model_best.pth.tar"
    network.load_state_dict(torch.load(weights, map_location="cpu")["model"])
    return as_set(network), weights


def gradient_of(network, x):
    """Scores of a batch, and the gradient of its second logits at the images."""
    x = as_laid_out(x).detach().clone(memory_format=torch.preserve_format).requires_grad_(True)
    scores = network(x)
    scores[:, 1].sum().backward()
    for parameter in network.parameters():
        parameter.grad = None
    return scores.detach(), x.grad
