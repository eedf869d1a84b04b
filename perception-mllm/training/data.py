"""Reads what `./saccade sim export --tensors` writes and draws what a step of training sees of it; the files are described in README.md.

All draws come from one numpy generator, so a run repeats from its seed.
"""
import json
import math
import os

import numpy as np
import torch

import layout as L

C = L.CAMERAS
# name: (kind, shape of an entry, entry a row or a sequence)
FILES = {
    "images.u8": (np.uint8, (C, L.IMAGE_H, L.IMAGE_W, 3), "row"), "paint.f32": (np.float32, (C, 112, 3), "row"),
    "bev.f32": (np.float32, (L.BEV_TOKENS, L.BEV_FEATURES), "row"), "ego.f32": (np.float32, (L.EGO_FEATURES,), "row"),
    "action.f32": (np.float32, (20,), "row"), "labels.i32": (np.int32, (2 + len(L.FACTS),), "row"),
    "dense.u8": (np.uint8, (C, 112), "row"), "depth.f32": (np.float32, (C, 112), "row"), "occupancy.u8": (np.uint8, (L.BEV_TOKENS,), "row"),
    "rays.f32": (np.float32, (C, 28, 6), "sequence"), "places.u8": (np.uint8, (C,), "sequence"),
}
FRAME_FILES = ("bev", "ego", "action", "labels", "occupancy")
IMAGE_FILES = ("images", "paint", "dense", "depth")
DEFAULT_FRAMES = 6


class Export:
    """Memory-mapped export. Only finished sequences count: an export still under way (`DIR.part`, files growing) can be read from its start."""

    def __init__(self, directory, frames=DEFAULT_FRAMES):
        """`frames`: frames a sequence, asked for what an unfinished export has not written yet."""
        self.directory, self.frames, self.arrays = directory, frames, {}
        self.refresh()

    def refresh(self):
        """Opens the files anew and counts the finished sequences."""
        directory = self.directory if os.path.isdir(self.directory) else self.directory + ".part"
        self._check_columns(directory)
        self.finished = os.path.exists(os.path.join(directory, "meta.json"))
        if self.finished:
            with open(os.path.join(directory, "meta.json")) as f:
                self.frames = int(json.load(f)["frames"])
        self.sequences = min(self._entries(directory, n) // (self.frames if per == "row" else 1) for n, (_, _, per) in FILES.items())
        self.rows = self.sequences * self.frames
        if self.sequences:
            for name, (kind, shape, per) in FILES.items():
                count = self.rows if per == "row" else self.sequences
                self.arrays[name.split(".")[0]] = np.memmap(os.path.join(directory, name), kind, "r", shape=(count, *shape))
        return self.rows

    @staticmethod
    def _check_columns(directory):
        """Refuses an export whose own motion is not what the model takes; layout 2 had four columns and no layout.json."""
        path, found = os.path.join(directory, "layout.json"), ("speed", "yawRate", "setSpeed", "acceleration")
        if os.path.exists(path):
            with open(path) as f:
                found = tuple(json.load(f)["ego"])
        elif not os.path.exists(os.path.join(directory, "ego.f32")):
            return  # not begun
        if found != L.EGO_ORDER:
            raise SystemExit(f"{directory}: found ego.f32 of {', '.join(found)}; wanted {', '.join(L.EGO_ORDER)}; export it again with this version")

    @staticmethod
    def _entries(directory, name):
        kind, shape, _ = FILES[name]
        path = os.path.join(directory, name)
        return os.path.getsize(path) // (np.dtype(kind).itemsize * math.prod(shape)) if os.path.exists(path) else 0

    def describe(self):
        """What meta.json says of where a finished export comes from."""
        path = os.path.join(self.directory, "meta.json")
        if not os.path.exists(path):
            return {"sequences": self.sequences, "frames": self.frames}
        with open(path) as f:
            meta = json.load(f)
        return {k: meta[k] for k in ("seed", "sequences", "frames", "mix", "rigs", "commit") if k in meta}

    def take(self, rows):
        """Rows -> dict of torch tensors without pictures; rays [n,6,28,6] and places [n,6] of the rows' sequences."""
        batch = {k: torch.from_numpy(np.ascontiguousarray(self.arrays[k][rows])) for k in FRAME_FILES}
        sequence = rows // self.frames
        return batch | {k: torch.from_numpy(np.ascontiguousarray(self.arrays[k][sequence])) for k in ("rays", "places")}

    def pictures(self, rows, places):
        """Of each (row, place): image, paint, dense classes, depth. Only what is asked for is read."""
        return {k: torch.from_numpy(np.stack([self.arrays[k][r, p] for r, p in zip(rows, places)]) if len(rows)
                                    else np.zeros((0, *self.arrays[k].shape[2:]), self.arrays[k].dtype)) for k in IMAGE_FILES}

    def labels(self):
        return np.asarray(self.arrays["labels"]) if self.sequences else np.zeros((0, 2 + len(L.FACTS)), np.int32)


class Exports:
    """Several exports read as one: rows of the second follow those of the first."""

    def __init__(self, directories, frames=DEFAULT_FRAMES):
        self.parts = [Export(d, frames) for d in directories]
        self.frames = frames
        self.count()

    def count(self):
        if any(p.frames != self.frames for p in self.parts):
            raise SystemExit(f"exports of {[p.frames for p in self.parts]} frames a sequence, wanted {self.frames} in all of them")
        self.starts = np.cumsum([0] + [p.rows for p in self.parts])
        self.rows = int(self.starts[-1])
        self.sequences = self.rows // self.frames
        self.finished = all(p.finished for p in self.parts)

    def refresh(self):
        for part in self.parts:
            if not part.finished:
                part.refresh()
        self.count()

    def _by_part(self, rows, what):
        owner = np.searchsorted(self.starts, rows, "right") - 1
        result = {}
        for i, part in enumerate(self.parts):
            chosen = np.flatnonzero(owner == i)
            if len(chosen):
                for k, v in what(part, chosen, rows[chosen] - self.starts[i]).items():
                    if k not in result:
                        result[k] = torch.empty((len(rows), *v.shape[1:]), dtype=v.dtype)
                    result[k][torch.from_numpy(chosen)] = v
        return result

    def take(self, rows):
        return self._by_part(rows, lambda part, chosen, own: part.take(own))

    def pictures(self, rows, places):
        if not len(rows):
            return self.parts[0].pictures(rows, places)
        return self._by_part(rows, lambda part, chosen, own: part.pictures(own, places[chosen]))

    def labels(self):
        return np.concatenate([p.labels() for p in self.parts])

    def draw(self, rng, count, shares):
        """`count` sequence numbers; shares: weight of each export, None: as they lie."""
        if shares is None:
            return rng.integers(0, self.sequences, count)
        first = self.starts // self.frames
        size = np.diff(first)
        weight = np.array(shares, float) * size / (size + 200)  # of an export that has only begun, less
        part = rng.choice(len(size), count, p=weight / weight.sum())
        return first[part] + (rng.random(count) * size[part]).astype(int)


def fact_targets(facts):
    """facts [n, 18] value indices (-1 skipped) -> token ids [n, 18] (-1 skipped) and, per text row `say, fact 0..16`, the next id [n, 18].

    The hidden state at the last spoken token before a fact predicts it; a row that is itself skipped predicts nothing (-1).
    """
    n, count = facts.shape
    ids = np.where(facts >= 0, facts + np.array(L.FACT_OFFSETS), -1)
    after = np.full((n, count), -1)
    pending = np.full(n, -1)
    for row in range(count - 1, -1, -1):  # row r is `say` (0) or fact r-1; the fact right behind it is fact r
        pending = np.where(ids[:, row] >= 0, ids[:, row], pending)
        present = np.ones(n, bool) if row == 0 else ids[:, row - 1] >= 0
        after[:, row] = np.where(present, pending, -1)
    return ids, after


def token_green(images):
    """uint8 images [N,128,224,3] -> every second green pixel by camera token [N,28,256] float."""
    green = images[:, ::2, ::2, 1].float()
    return green.reshape(-1, L.TOKEN_ROWS, 16, L.TOKEN_COLS, 16).transpose(2, 3).reshape(-1, 28, 256)


# --- what a stream gets to see ------------------------------------------------------------------------------------------------------
FRONT_COS = 0.7  # a camera whose middle ray looks within 45 degrees of ahead counts as a front camera


def front_places(rays):
    """rays [B,6,28,6] -> [B,6] bool."""
    return (rays[:, :, [10, 17], 0].mean(-1) > FRONT_COS).numpy()


class Sight:
    """Which sensors and how many tokens each frame of each stream keeps: all arrays over [B,T]."""

    def __init__(self, camera, lidar, ego, budget=None, mode=None, lidar_mode=None):
        self.camera, self.lidar, self.ego = camera, lidar, ego  # [B,T,6], [B,T], [B,T] bool
        self.budget = budget  # [B] camera tokens a frame at most, None: all
        self.mode = mode  # [B] "variance", "random", "shares", "change"
        self.lidar_mode = lidar_mode  # [B] 0 all tokens, 1 only those with returns, 2 a random half

    @classmethod
    def full(cls, places, frames, drop=None):
        """All that the rig has. `drop`: "camera0".."camera5", "cameras", "lidar", "ego" or None."""
        b = len(places)
        camera = np.repeat(places[:, None].numpy() > 0, frames, 1)
        lidar, ego = np.ones((b, frames), bool), np.ones((b, frames), bool)
        if drop == "cameras":
            camera[:] = False
        elif drop and drop.startswith("camera"):
            camera[:, :, int(drop[6:])] = False
        lidar[:], ego[:] = drop != "lidar", drop != "ego"
        return cls(camera, lidar, ego)

    @classmethod
    def drawn(cls, places, rays, frames, rng, step):
        """For training. Side and rear cameras are spared in a good third of the streams: they cost as much as front ones and tell less.

        `step`: a generator that is alike in all workers at the same step, so that none waits for another's larger share of tokens.
        """
        b = len(places)
        there, front = places.numpy() > 0, front_places(rays)
        gone = rng.random((b, C)) < np.where(front, 0.06, 0.35)
        gone &= (rng.random(b) > 0.25)[:, None]  # a quarter of the streams with the whole rig
        kind = rng.random(b)
        camera, lidar, ego = there & ~gone, rng.random(b) > 0.06, rng.random(b) > 0.02
        camera[kind < 0.04] = False  # LiDAR alone
        lidar |= kind < 0.04
        lidar &= ~((kind >= 0.04) & (kind < 0.09))  # cameras alone
        camera = np.repeat(camera[:, None], frames, 1)
        camera &= rng.random((b, frames, C)) > 0.03
        skipped = (rng.random((b, 1, C)) < 0.15) & ~front[:, None] & (rng.random((b, frames, C)) < 0.5)  # cameras that deliver every other time
        camera &= ~skipped
        lidar = lidar[:, None] & (rng.random((b, frames)) > 0.03)
        # One budget for all streams of a step (with small differences): a step then holds hardly any padding.
        most = 28 * camera.sum(-1).max()
        share = 1.0 if step.random() < 0.2 else float(np.exp(step.uniform(math.log(0.1), math.log(0.9))))
        budget = np.maximum(np.rint(most * share * rng.uniform(0.8, 1.0, b)), 6).astype(int) if share < 1 else None
        return cls(camera, lidar, np.repeat(ego[:, None], frames, 1), budget, rng.choice(["variance", "variance", "random", "shares", "change"], b),
                   rng.choice([0, 1, 2], b, p=[0.7, 0.2, 0.1]))

    def images(self):
        """(stream, frame, place) of the pictures that are looked at."""
        return np.nonzero(self.camera)

    def kept(self, where, images, bev, rng):
        """Present sensor tokens [B,T,205] bool. where: images(); images uint8 [N,...]: the pictures; bev [B*T,36,192]."""
        b, t = self.lidar.shape
        kept = np.zeros((b, t, L.SENSOR_SLOTS), bool)
        tokens = np.zeros((b, t, C, 28), bool)
        tokens[where] = True
        if self.budget is not None:
            green = np.zeros((b, t, C, 28, 256), np.float32)
            green[where] = token_green(images).numpy()
            for i in range(b):
                score = self._scores(self.mode[i], green[i], tokens[i], rng)
                for f in range(t):
                    total = int(tokens[i, f].sum())
                    if total > self.budget[i]:
                        flat = np.where(tokens[i, f].ravel(), score[f].ravel(), -np.inf)
                        tokens[i, f] = False
                        tokens[i, f].reshape(-1)[np.argpartition(-flat, self.budget[i] - 1)[:self.budget[i]]] = True
        kept[..., :28 * C] = tokens.reshape(b, t, -1)
        cells = np.repeat(self.lidar[..., None], L.BEV_TOKENS, 2)
        if self.lidar_mode is not None:
            returns = (bev.abs().amax(-1) > 0).numpy().reshape(b, t, -1)
            cells &= (self.lidar_mode != 1)[:, None, None] | returns
            cells &= (self.lidar_mode != 2)[:, None, None] | (rng.random((b, 1, L.BEV_TOKENS)) < 0.5)
        kept[..., L.SLOT_LIDAR:L.SLOT_EGO] = cells
        kept[..., L.SLOT_EGO] = self.ego
        return kept

    @staticmethod
    def _scores(mode, green, tokens, rng):
        """Scores [T,6,28] of one stream: the highest are kept."""
        chance = rng.uniform(0, 1, tokens.shape)
        if mode == "random":
            return chance
        rank = lambda s: s.reshape(len(s), -1).argsort(-1).argsort(-1).reshape(s.shape) / (C * 28.0)  # noqa: E731
        variance = rank(green.var(-1))
        if mode == "change" and len(green) > 1:  # what changed since the last frame; the first frame by variance
            change = np.abs(green[1:] - green[:-1]).mean(-1)
            return np.concatenate([variance[:1], rank(change)]) + 0.2 * chance
        if mode == "shares":  # cameras of different worth
            return variance * rng.uniform(0.2, 1, (1, C, 1)) + 0.3 * chance
        # variance with coverage: a random share of the tokens comes first whatever it shows
        return variance + 0.2 * chance + (rng.random((1, C, 28)) < 0.12)
