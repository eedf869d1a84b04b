"""Starts a layout v2 model from the weights of layout v1 (version 0.2.0): everything that means the same thing goes over, the rest stays random."""
import json

import torch

import layout as L
from model import widened

V1_BEV_TOKENS = 24  # 6 in x from 0 m on: the last 24 of today's


def warm_start(model, checkpoint, manifest):
    """checkpoint: a train.py file of layout v1; manifest: its saccade-model.json, for its words. Returns what was not taken over."""
    old = widened(torch.load(checkpoint, map_location="cpu", weights_only=False))["model"]
    with open(manifest) as f:
        old_words = {w: i for i, w in enumerate(json.load(f)["vocabulary"])}
    new, left = model.state_dict(), []
    for name, value in new.items():
        source = old.get(name)
        if name == "lidar.place":
            value[-V1_BEV_TOKENS:] = source
        elif name == "decoder.embedding":
            value.copy_(embedding(value, source, old_words))
        elif name in ("dense.patch.weight", "dense.patch.bias"):
            value.copy_(patch_head(value, source))
        elif source is not None and source.shape == value.shape:
            value.copy_(source)
        else:
            left.append(name)
    model.load_state_dict(new)
    return left


def embedding(table, source, old_words):
    """Rows by word. A new word of a fact that had others starts near their mean: the decoder knows already what kind of word stands there."""
    result, taken = table.clone(), set()
    for i, word in enumerate(L.vocabulary()):
        if word in old_words and not word.startswith("<unused"):
            result[i] = source[old_words[word]]
            taken.add(i)
    for offset, size in zip(L.FACT_OFFSETS, L.FACT_SIZES):
        known = [i for i in range(offset, offset + size) if i in taken]
        for i in range(offset, offset + size):
            if known and i not in taken:
                result[i] = result[known].mean(0) + 0.5 * table[i]
    return result


def patch_head(value, source):
    """Rows of the dense head: (cell, class..., depth) with fewer classes in v1."""
    classes, old_classes = len(L.DENSE_CLASSES), source.shape[0] // 4 - 1
    result = value.clone().view(4, classes + 1, -1)
    source = source.view(4, old_classes + 1, -1)
    result[:, :old_classes], result[:, -1] = source[:, :-1], source[:, -1]
    return result.view_as(value)
