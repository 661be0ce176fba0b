"""Conv5_FC3 and Conv4_FC3 as ClinicaDL 0.2 trains them, with seeded weights: what the benchmarks compare with."""

import torch
from torch import nn
from torch.nn import functional as F

SHAPE = (169, 208, 179)


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


def seeded(architecture=Conv5FC3):
    """Running statistics that are not 0 and 1, as after a training."""
    torch.manual_seed(0)
    network = architecture()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm3d):
            layer.running_mean.uniform_(-0.2, 0.2)
            layer.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.2, 0.2)
    return network.eval()
