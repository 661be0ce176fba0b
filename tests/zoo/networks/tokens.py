"""Networks of tokens: attention, shifted windows, mixing."""

import torch
from torch import nn
from torchvision.models import SwinTransformer, VisionTransformer

CLASSES = 5


def vit():
    # Of an odd number of heads torch computes the attention step by step, which can be exported.
    return VisionTransformer(24, 6, 2, 3, 24, 48, num_classes=CLASSES)


class TransposedAttentionViT(nn.Module):
    """A ViT on volumes, its attention spelled with einsum, with pooling over the tokens."""

    def __init__(self, dims=(12, 16, 8), patch=4, width=24, heads=2):
        super().__init__()
        tokens = 1
        for length in dims:
            tokens *= length // patch
        self.heads = heads
        self.patches = nn.Conv3d(1, width, patch, stride=patch)
        self.position = nn.Parameter(torch.randn(1, tokens, width) * 0.3)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(5))
        self.qkv = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(2))
        self.out = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        self.mlp = nn.ModuleList(
            nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)) for _ in range(2)
        )
        self.fc = nn.Linear(width, 3)

    def attention(self, k, x):
        batch, tokens, width = x.shape
        q, key, v = self.qkv[k](x).reshape(batch, tokens, 3, self.heads, width // self.heads).unbind(2)
        scores = torch.einsum("bqhd,bkhd->bhqk", q, key) * (width // self.heads) ** -0.5
        y = torch.einsum("bhqk,bkhd->bqhd", scores.softmax(-1), v)
        return self.out[k](y.reshape(batch, tokens, width))

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.position
        for k in range(2):
            x = x + self.attention(k, self.norms[2 * k](x))
            x = x + self.mlp[k](self.norms[2 * k + 1](x))
        return self.fc(self.norms[4](x).mean(1))


def swin():
    # Windows of 4 on 8×8 tokens are shifted and masked, on 4×4 tokens they are not.
    return SwinTransformer([4, 4], 12, [2, 1], [2, 3], [4, 4], mlp_ratio=2.0, num_classes=CLASSES)


class Mixer(nn.Module):
    """MLP-Mixer (Tolstikhin 2021)."""

    def __init__(self, tokens=16, width=24, blocks=2):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 6, stride=6)

        def mlp(length, hidden):
            return nn.Sequential(nn.Linear(length, hidden), nn.GELU(), nn.Linear(hidden, length))

        self.token_norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(blocks))
        self.token_mlps = nn.ModuleList(mlp(tokens, 12) for _ in range(blocks))
        self.channel_norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(blocks))
        self.channel_mlps = nn.ModuleList(mlp(width, 48) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.fc = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        for k in range(len(self.token_mlps)):
            x = x + self.token_mlps[k](self.token_norms[k](x).transpose(1, 2)).transpose(1, 2)
            x = x + self.channel_mlps[k](self.channel_norms[k](x))
        return self.fc(self.norm(x).mean(1))
