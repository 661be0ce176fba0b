"""Convolutional networks on pictures; all but two are torchvision's code."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models
from torchvision.models import inception, vgg
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import FusedMBConvConfig, MBConvConfig
from torchvision.models.mobilenetv3 import InvertedResidualConfig
from torchvision.models.regnet import BlockParams
from torchvision.models.resnet import BasicBlock, Bottleneck

from networks.narrowed import narrowed

CLASSES = 5


def resnet():
    with narrowed(16):
        return models.ResNet(BasicBlock, [1, 1, 1, 1], num_classes=16 * CLASSES)


def resnext():
    """Without its last stage."""
    with narrowed(16):
        network = models.ResNet(Bottleneck, [1, 1, 1, 1], groups=32, width_per_group=4)
        network.layer4 = nn.Identity()
        network.fc = nn.Linear(1024, 16 * CLASSES)
    return network


def densenet():
    return models.DenseNet(8, (2, 3, 2), 12, bn_size=2, num_classes=CLASSES)


def mobilenet_v2():
    setting = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 2, 2], [6, 64, 1, 2], [6, 96, 1, 1]]
    with narrowed(8):
        return models.MobileNetV2(8 * CLASSES, inverted_residual_setting=setting)


def mobilenet_v3():
    block = partial(InvertedResidualConfig, width_mult=1.0)
    setting = [
        block(8, 3, 8, 8, True, "RE", 2, 1),
        block(8, 3, 24, 16, False, "RE", 2, 1),
        block(16, 5, 40, 16, True, "HS", 1, 1),
        block(16, 5, 48, 24, True, "HS", 2, 1),
    ]
    return models.MobileNetV3(setting, 32, num_classes=CLASSES)


def efficientnet():
    block = partial(MBConvConfig, width_mult=1.0, depth_mult=1.0)
    setting = [block(1, 3, 1, 8, 8, 1), block(4, 3, 2, 8, 16, 2), block(4, 5, 2, 16, 24, 1)]
    return models.EfficientNet(setting, 0.2, num_classes=CLASSES, last_channel=48)


def efficientnet_v2():
    setting = [
        FusedMBConvConfig(1, 3, 1, 8, 8, 1),
        FusedMBConvConfig(3, 3, 2, 8, 16, 1),
        MBConvConfig(4, 3, 2, 16, 24, 2, 1.0, 1.0),
    ]
    norm = partial(nn.BatchNorm2d, eps=1e-3)
    return models.EfficientNet(setting, 0.2, num_classes=CLASSES, norm_layer=norm, last_channel=48)


def squeezenet():
    with narrowed(16):
        network = models.SqueezeNet("1_1", num_classes=16 * CLASSES)
    # Its last layer is a ReLU: all logits could be zero.
    nn.init.constant_(network.classifier[1].bias, 0.5)
    return network


class Inception(nn.Module):
    """A stem and one of each of the first four blocks of Inception v3."""

    def __init__(self):
        super().__init__()
        with narrowed(16):
            self.stem = inception.BasicConv2d(3, 192, kernel_size=3, stride=2)
            self.a = inception.InceptionA(192, pool_features=32)
            self.b = inception.InceptionB(256)
            self.c = inception.InceptionC(736, channels_7x7=128)
            self.d = inception.InceptionD(768)
            self.fc = nn.Linear(1280, 16 * CLASSES)

    def forward(self, x):
        x = self.d(self.c(self.b(self.a(self.stem(x)))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class VGG(nn.Module):
    """As torchvision's, with a smaller head."""

    def __init__(self):
        super().__init__()
        with narrowed(16):
            self.features = vgg.make_layers([64, "M", 128, "M", 256, 256, "M", 512, "M"])
        self.avgpool = nn.AdaptiveAvgPool2d(2)
        self.classifier = nn.Sequential(
            nn.Linear(32 * 4, 24), nn.ReLU(True), nn.Dropout(), nn.Linear(24, CLASSES)
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def googlenet():
    """GoogLeNet's stem and two of its blocks."""
    from torchvision.models.googlenet import BasicConv2d
    from torchvision.models.googlenet import Inception as Block

    with narrowed(8):
        return nn.Sequential(
            BasicConv2d(3, 64, kernel_size=7, stride=2, padding=3),
            nn.MaxPool2d(3, stride=2, ceil_mode=True),
            Block(64, 64, 96, 128, 16, 32, 32),
            nn.MaxPool2d(3, stride=2, ceil_mode=True),
            Block(256, 128, 128, 192, 32, 96, 64),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(),
            nn.Linear(480, 8 * CLASSES),
        )


def convnext():
    setting = [CNBlockConfig(12, 20, 1), CNBlockConfig(20, 24, 1), CNBlockConfig(24, None, 1)]
    return models.ConvNeXt(setting, layer_scale=0.3, num_classes=CLASSES)


def shufflenet():
    return models.ShuffleNetV2([2, 2, 2], [24, 16, 24, 32, 48], num_classes=CLASSES)


def regnet():
    parameters = BlockParams.from_init_params(depth=4, w_0=8, w_a=8.0, w_m=2.0, group_width=8, se_ratio=0.25)
    return models.RegNet(parameters, num_classes=CLASSES, stem_width=8, activation=nn.ReLU)


class GroupNormResidual(nn.Module):
    """Big-Transfer-like: weight-standardized convolutions with GroupNorm in front of them."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.norms = nn.ModuleList([nn.GroupNorm(4, 16), nn.GroupNorm(4, 24), nn.GroupNorm(6, 24)])
        self.convolutions = nn.ModuleList([nn.Conv2d(16, 24, 3, padding=1), nn.Conv2d(24, 24, 3, padding=1)])
        self.shortcut = nn.Conv2d(16, 24, 1)
        self.fc = nn.Linear(24, CLASSES)

    @staticmethod
    def standardized(convolution, x):
        w = convolution.weight
        w = (w - w.mean((1, 2, 3), keepdim=True)) / (w.var((1, 2, 3), keepdim=True, unbiased=False) + 1e-5).sqrt()
        return F.conv2d(x, w * 0.1, convolution.bias, 1, 1)

    def forward(self, x):
        x = F.max_pool2d(self.stem(x), 3, 2, 1)
        y = self.standardized(self.convolutions[0], F.relu(self.norms[0](x)))
        y = self.standardized(self.convolutions[1], F.mish(self.norms[1](y)))
        y = self.norms[2](y + self.shortcut(x))
        return self.fc(F.elu(y).mean((2, 3)))
