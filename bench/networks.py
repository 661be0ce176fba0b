"""Conv5_FC3, Conv4_FC3 and resnet18 as ClinicaDL 0.2 trains them, with seeded weights: what the benchmarks compare with,
in the setting that the environment asks for: channels first or last, and as they were trained or rewritten for speed, with
batch normalization folded into the convolutions, ReLU in place, and padding within the pooling."""

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

SHAPE = (169, 208, 179)
LAYOUT = os.environ.get("VOXPLAIN_BENCH_LAYOUT", "plain")
REWRITTEN = os.environ.get("VOXPLAIN_BENCH_REWRITTEN") == "1"


class PadMaxPool3d(nn.Module):
    def forward(self, x):
        odd = [n % 2 for n in reversed(x.shape[-3:])]
        return F.max_pool3d(F.pad(x, [k for n in odd for k in (n, 0)]), 2, 2)


class PaddedMaxPool3d(nn.Module):
    """The same behind a ReLU, whose values are not below the 0 of the padding, without a padded copy."""

    def forward(self, x):
        return F.max_pool3d(x, 2, 2, padding=[n % 2 for n in x.shape[-3:]])


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
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), REWRITTEN)))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)), REWRITTEN)


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
        x = nn.functional.max_pool2d(F.relu(self.bn1(self.conv1(x)), REWRITTEN), 3, 2, 1)
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


def rewritten(network):
    """The same function, faster."""
    for block in list(network.modules()):
        names = [name for name, _ in block.named_children()]
        for name, following in zip(names, names[1:]):
            first, second = getattr(block, name), getattr(block, following)
            if isinstance(first, (nn.Conv2d, nn.Conv3d)) and isinstance(second, (nn.BatchNorm2d, nn.BatchNorm3d)):
                setattr(block, name, nn.utils.fusion.fuse_conv_bn_eval(first, second))
                setattr(block, following, nn.Identity())
        for name, layer in block.named_children():
            if isinstance(layer, nn.ReLU):
                layer.inplace = True
            if isinstance(layer, PadMaxPool3d):
                setattr(block, name, PaddedMaxPool3d())
    return network


def as_set(network):
    """Ready to compute, in the setting that the environment asks for."""
    torch.set_num_threads(int(os.environ.get("VOXPLAIN_BENCH_THREADS", "2")))
    network = network.eval().requires_grad_(False)
    if REWRITTEN:
        network = rewritten(network)
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
    """The network of a model folder, and the file of its weights, which are mapped into memory."""
    weights = Path(folder) / "fold-0/models/best_balanced_accuracy/model_best.pth.tar"
    with torch.device("meta"):
        network = architecture()
    network.load_state_dict(torch.load(weights, map_location="cpu", mmap=True)["model"], assign=True)
    return as_set(network), weights


def gradient_of(network, x):
    """Scores of a batch, and the gradient of its second logits at the images."""
    x = as_laid_out(x).detach().requires_grad_(True)
    scores = network(x)
    (gradient,) = torch.autograd.grad(scores[:, 1].sum(), x)
    return scores.detach(), gradient


def images_of(folder, sessions):
    """Each session of a label list with its image, scaled to 0 to 1, and the hash of its file; read once, while the image
    before is computed."""
    with ThreadPoolExecutor(1) as reader:
        rows = list(sessions.itertuples())
        following = reader.submit(read, folder, rows[0])
        for row, after in zip(rows, [*rows[1:], None]):
            image, path, digest = following.result()
            following = after and reader.submit(read, folder, after)
            yield row, image, path, digest


def read(folder, row):
    name = f"{row.participant_id}_{row.session_id}_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.pt"
    path = folder / "caps/subjects" / row.participant_id / row.session_id
    path = path / "deeplearning_prepare_data/image_based/t1_linear" / name
    data = path.read_bytes()
    image = torch.load(io.BytesIO(data))
    low, high = image.aminmax()
    return image.sub_(low).div_(high - low), str(path), hashlib.sha256(data).hexdigest()
