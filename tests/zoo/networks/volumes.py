"""Networks on volumes, and networks that give an image."""

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models.video.resnet import BasicBlock, BasicStem, Conv3DSimple, VideoResNet

from networks.narrowed import narrowed


def r3d():
    """The r3d of torchvision, without its last stage."""
    with narrowed(16):
        network = VideoResNet(BasicBlock, [Conv3DSimple] * 4, [1, 1, 1, 1], BasicStem, num_classes=16)
        network.layer4 = nn.Identity()
        network.fc = nn.Linear(256, 16 * 3)
    return network


class Bottleneck3D(nn.Module):
    def __init__(self, channels, hidden, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv3d(channels, hidden, 1, bias=False), nn.BatchNorm3d(hidden), nn.ReLU(),
            nn.Conv3d(hidden, hidden, 3, stride, 1, groups=4, bias=False), nn.BatchNorm3d(hidden), nn.ReLU(),
            nn.Conv3d(hidden, 2 * hidden, 1, bias=False), nn.BatchNorm3d(2 * hidden),
        )  # fmt: skip
        self.squeeze = nn.Linear(2 * hidden, 4)
        self.excite = nn.Linear(4, 2 * hidden)
        self.shortcut = nn.Conv3d(channels, 2 * hidden, 1, stride, bias=False)

    def forward(self, x):
        y = self.body(x)
        weights = torch.sigmoid(self.excite(F.relu(self.squeeze(F.adaptive_avg_pool3d(y, 1).flatten(1)))))
        return F.relu(y * weights.view(*weights.shape, 1, 1, 1) + self.shortcut(x))


def se_cnn_3d():
    """SE-ResNeXt: grouped convolutions, and channels weighed by squeeze-and-excitation (Hu 2018)."""
    return nn.Sequential(
        nn.Conv3d(1, 8, 5, stride=2, padding=2, bias=False), nn.BatchNorm3d(8), nn.ReLU(),
        Bottleneck3D(8, 8, 1), nn.MaxPool3d(3, 2, 1), Bottleneck3D(16, 12, 2),
        nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(24, 3),
    )  # fmt: skip


class VAEEncoder3D(nn.Module):
    """Strided convolutions and LeakyReLU to the mean and the clamped deviation of a code; the logits read both."""

    def __init__(self):
        super().__init__()
        layers, channels = [], 1
        for width in (6, 8, 12):
            layers += [nn.Conv3d(channels, width, 4, 2, 1), nn.BatchNorm3d(width), nn.LeakyReLU(0.2)]
            channels = width
        self.encoder = nn.Sequential(*layers, nn.Flatten())
        self.mean, self.log_variance = nn.Linear(12 * 8, 8), nn.Linear(12 * 8, 8)
        self.classifier = nn.Sequential(nn.Linear(16, 12), nn.Softplus(), nn.Linear(12, 3))

    def forward(self, x):
        code = self.encoder(x)
        deviation = torch.exp(0.5 * self.log_variance(code).clamp(-4, 2))
        return self.classifier(torch.cat([torch.tanh(self.mean(code)), deviation], 1))


class DoubleConvolution(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(),
        )  # fmt: skip


class UNet2D(nn.Module):
    """U-Net (Ronneberger 2015): one step up transposed, one bilinear; sizes that are no multiple of 4."""

    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([DoubleConvolution(1, 6), DoubleConvolution(6, 12), DoubleConvolution(12, 16)])
        self.transposed = nn.ConvTranspose2d(16, 12, 2, stride=2)
        self.up = nn.ModuleList([DoubleConvolution(24, 12), DoubleConvolution(18, 6)])
        self.head = nn.Conv2d(6, 2, 1)

    def forward(self, x):
        a = self.down[0](x)
        b = self.down[1](F.max_pool2d(a, 2))
        c = self.down[2](F.max_pool2d(b, 2, ceil_mode=True))
        c = self.transposed(c)[:, :, : b.shape[2], : b.shape[3]]
        b = self.up[0](torch.cat([b, c], 1))
        b = F.interpolate(b, size=a.shape[2:], mode="bilinear", align_corners=True)
        return self.head(self.up[1](torch.cat([a, b], 1)))


class UNet3D(nn.Module):
    """nnU-Net-like: InstanceNorm, LeakyReLU, strided; the logits are the means of the maps over the voxels."""

    def __init__(self):
        super().__init__()

        def block(inputs, outputs, stride=1):
            return nn.Sequential(
                nn.Conv3d(inputs, outputs, 3, stride, 1), nn.InstanceNorm3d(outputs, affine=True), nn.LeakyReLU(0.01)
            )

        self.down = nn.ModuleList([block(1, 6), block(6, 10, 2), block(10, 12, 2)])
        self.transposed = nn.ConvTranspose3d(12, 10, 2, stride=2, bias=False)
        self.up = nn.ModuleList([block(20, 10), block(16, 6)])
        self.head = nn.Conv3d(6, 3, 1)

    def forward(self, x):
        a = self.down[0](x)
        b = self.down[1](a)
        c = self.down[2](b)
        b = self.up[0](torch.cat([self.transposed(c), b], 1))
        b = F.interpolate(b, scale_factor=2.0, mode="trilinear", align_corners=False)
        return self.head(self.up[1](torch.cat([a, b], 1))).softmax(1).log().mean((2, 3, 4))
