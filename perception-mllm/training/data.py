"""Reads what `./saccade sim export --tensors` writes and makes batches; see the contract of the files in README.md.

All draws come from one numpy generator, so a run repeats from its seed.
"""
import json
import math
import os

import numpy as np
import torch

import layout as L

FILES = {
    "images.u8": (np.uint8, (2, L.IMAGE_H, L.IMAGE_W, 3)), "paint.f32": (np.float32, (2, 112, 3)), "bev.f32": (np.float32, (24, 192)),
    "ego.f32": (np.float32, (4,)), "action.f32": (np.float32, (20,)), "labels.i32": (np.int32, (13,)),
    "dense.u8": (np.uint8, (2, 112)), "depth.f32": (np.float32, (2, 112)), "occupancy.u8": (np.uint8, (24,)),
}


class Export:
    """Memory-mapped export. Only finished sequences count: an export still under way (`DIR.part`, files growing) can be read from its start."""

    def __init__(self, directory, like=None):
        """`like`: a finished export of the same rig and sequence length, asked for what an unfinished one has not written yet."""
        self.directory, self.arrays = directory, {}
        self.frames, self.rays = (like.frames, like.rays) if like else (0, None)
        self.refresh()

    def refresh(self):
        """Opens the files anew and counts the finished rows."""
        directory = self.directory if os.path.isdir(self.directory) else self.directory + ".part"
        self.finished = os.path.exists(os.path.join(directory, "meta.json"))
        if self.finished:
            with open(os.path.join(directory, "meta.json")) as f:
                self.frames = int(json.load(f)["frames"])
            self.rays = np.fromfile(os.path.join(directory, "rays.f32"), np.float32).reshape(2, 28, 6)
        rows = min(os.path.getsize(os.path.join(directory, n)) // (np.dtype(k).itemsize * math.prod(s)) for n, (k, s) in FILES.items())
        self.sequences = rows // self.frames
        self.rows = self.sequences * self.frames
        for name, (kind, shape) in FILES.items():
            self.arrays[name.split(".")[0]] = np.memmap(os.path.join(directory, name), kind, "r", shape=(self.rows, *shape))
        return self.rows

    def describe(self):
        """What meta.json says of where a finished export comes from."""
        with open(os.path.join(self.directory, "meta.json")) as f:
            meta = json.load(f)
        return {k: meta[k] for k in ("seed", "sequences", "frames", "mix", "commit") if k in meta}

    def take(self, rows):
        """Rows -> dict of torch tensors."""
        return {k: torch.from_numpy(np.ascontiguousarray(a[rows])) for k, a in self.arrays.items()}

    def labels(self):
        return np.asarray(self.arrays["labels"])


class Exports:
    """Several exports of one rig read as one: rows of the second follow those of the first."""

    def __init__(self, directories, like):
        self.parts = [Export(d, like) for d in directories]
        self.frames, self.rays = like.frames, like.rays
        self.count()

    def count(self):
        self.starts = np.cumsum([0] + [p.rows for p in self.parts])
        self.rows = int(self.starts[-1])
        self.sequences = self.rows // self.frames
        self.finished = all(p.finished for p in self.parts)

    def refresh(self):
        for part in self.parts:
            if not part.finished:
                part.refresh()
        self.count()

    def take(self, rows):
        owner = np.searchsorted(self.starts, rows, "right") - 1
        result = {}
        for i, part in enumerate(self.parts):
            chosen = np.flatnonzero(owner == i)
            if len(chosen):
                for k, v in part.take(rows[chosen] - self.starts[i]).items():
                    if k not in result:
                        result[k] = torch.empty((len(rows), *v.shape[1:]), dtype=v.dtype)
                    result[k][torch.from_numpy(chosen)] = v
        return result

    def labels(self):
        return np.concatenate([p.labels() for p in self.parts])


def fact_targets(facts):
    """facts [n, 11] value indices (-1 skipped) -> token ids [n, 11] (-1 skipped) and, per text row `say, fact 0..9`, the next id [n, 11].

    The hidden state at the last spoken token before a fact predicts it; a row that is itself skipped predicts nothing (-1).
    """
    n = len(facts)
    ids = np.where(facts >= 0, facts + np.array(L.FACT_OFFSETS), -1)
    after = np.full((n, 11), -1)
    pending = np.full(n, -1)
    for row in range(10, -1, -1):  # row r is `say` (0) or fact r-1; the fact right behind it is fact r
        pending = np.where(ids[:, row] >= 0, ids[:, row], pending)
        present = np.ones(n, bool) if row == 0 else ids[:, row - 1] >= 0
        after[:, row] = np.where(present, pending, -1)
    return ids, after


def token_variance(images):
    """uint8 images [N,128,224,3] -> variance of every second green pixel of each camera token [N,28]."""
    green = images[:, ::2, ::2, 1].float()
    return green.view(-1, L.TOKEN_ROWS, 16, L.TOKEN_COLS, 16).transpose(2, 3).flatten(3).var(-1).flatten(1)


def keep_tokens(variance, rng, shape):
    """Which camera tokens are kept: ratio from {1,1,.75,.5,.25} a sequence, by variance, at random, or half and half. [.., 2, 28] bool."""
    b, t = shape
    variance = variance.view(b, t, 2, 28).numpy()
    keep = np.ones((b, t, 2, 28), bool)
    for i in range(b):
        ratio = rng.choice([1.0, 1.0, 0.75, 0.5, 0.25])
        if ratio == 1.0:
            continue
        count, mode = int(round(28 * ratio)), rng.integers(3)
        score = variance[i].argsort(-1).argsort(-1) / 28.0 if mode else np.zeros((t, 2, 28))
        if mode != 1:
            score = score + rng.uniform(0, 1, score.shape)
        order = (-score).argsort(-1)[..., :count]
        keep[i] = False
        np.put_along_axis(keep[i], order, True, -1)
    return keep
