"""Trains saccade-nano within a wall-clock budget, on one core or, with --workers, on several.

    python train.py --data DIR,DIR --val DIR --out RUN --stage 1 --minutes 12 --warm CHECKPOINT MANIFEST
    python train.py --data DIR,DIR --val DIR --out RUN --stage 2 --minutes 60 --decay-minutes 8       (starts from the checkpoint of stage 1)

Stage 1 trains the encoders alone on dense truth (class and depth of image cells, occupancy, what one look tells of the scene). Stage 2 trains
everything on short streams with the run-time window: action tokens and facts at three exits, dense truth and motion kept at a lower weight.
A killed run goes on from RUN/checkpoint.pt with the same command. The learning rate rises, stays, and falls in the last minutes; what
was there before the fall is RUN/before-decay.pt, and a run asked for more minutes goes on from it.
"""
import argparse
import json
import os
import shutil
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F

import layout as L
from data import Export, Exports, Sight, fact_targets
from model import Gather, Nano, patchify, widened
from warm import warm_start

FACTS = len(L.FACTS)
TEXT = 7 + FACTS  # text rows that are ever an input: <act>, 6 action tokens, <say> and all facts but the last
SAY = 7  # row of <say>
TEXT_SLOTS = torch.arange(TEXT) + L.SLOT_ACT
EXIT_WEIGHTS = (0.3, 0.3, 1.0)
ACTION_WEIGHTS = (2.0, 1.5, 0.7, 0.7, 1.5, 0.8)
BIN_SIGMA = 0.9
DENSE_WEIGHTS = torch.tensor([1.0, 2.5, 5.0, 6.0, 6.0, 5.0, 3.0, 5.0, 6.0, 6.0, 8.0, 6.0])
# Facts that only history tells get more weight, and less in the first frame of a stream, where nobody can know them.
FACT_WEIGHTS = {"first.motion": 2.0, "second.motion": 1.2, "hazard": 2.0, "light": 1.5, "first.kind": 1.5, "first.distance": 1.3, "road": 0.7,
                "daylight": 0.4, "weather": 0.7}
MOTION_FACTS, MOTION_IN_FIRST_FRAME = ("first.motion", "second.motion", "hazard"), 0.4
FRAME_S = 0.1
FRAMES, SHARE_OF_FRAMES = (1, 4, 6), (0.4, 0.5, 0.1)  # frames a stream: one for variety, four for motion, six for a window that slides
WIDTH_STEP = 16
RATE_SCALE_MPS, RATE_LIMIT_MPS = 5.0, 20.0
WAY_WEIGHT = 4.0


# --- dense truth --------------------------------------------------------------------------------------------------------------------
def dense_loss(model, camera, lidar, batch, pictures, where, lidar_ok):
    """Losses of the dense heads. camera [N,28,192] are the tokens of `pictures`, at (stream, frame, place) = where; lidar [F,36,192]."""
    frames = len(lidar)
    loss = parts = None
    occ = F.binary_cross_entropy_with_logits(model.dense.occupancy(lidar.float()).squeeze(-1), (batch["occupancy"] > 0).float(), reduction="none",
                                             pos_weight=torch.tensor(4.0)) * lidar_ok.view(-1, 1).float()
    loss_occ = occ.sum() / (lidar_ok.sum() * L.BEV_TOKENS).clamp(min=1)
    loss, parts = loss_occ * 0.5, {"occupancy": loss_occ}
    if len(camera):
        camera = camera.float()
        classes, depth = model.dense.cells(camera)
        loss_class = F.cross_entropy(classes.flatten(0, 1), pictures["dense"].long().flatten(), DENSE_WEIGHTS)
        has = (pictures["depth"] > 0).float()
        near = (pictures["depth"].clamp(min=0.5) / 10).log()
        loss_depth = (F.smooth_l1_loss(depth, near, reduction="none", beta=0.1) * has).sum() / has.sum().clamp(min=1)
        frame = torch.from_numpy(where[0] * lidar_ok.shape[1] + where[1])
        seen = torch.unique(frame)
        way = torch.from_numpy(L.encode_actions(batch["action"].numpy())[:, 3:]) * (2 / L.BINS) - 1
        loss_way = F.smooth_l1_loss(model.dense.ways(camera, frame, frames)[seen], way[seen], beta=0.05)
        facts = batch["labels"][:, 2:].long()[seen]
        scene = model.dense.scenes(camera, frame, frames)[seen].split(model.dense.scene_sizes, -1)
        loss_scene = sum(F.cross_entropy(s, facts[:, L.FACT_NAMES.index(n)]) for s, n in zip(scene, model.dense.SCENE))
        loss = loss + loss_class * 2 + loss_depth + loss_scene * 0.4 + loss_way * WAY_WEIGHT
        parts |= {"class": loss_class, "depth": loss_depth, "scene": loss_scene, "way": loss_way}
    return loss, parts


def encode(model, batch, pictures, where, lidar_ok, rng=None):
    """Tokens of the pictures [N,28,192], of all sweeps [F,36,192] and of all ego states [F,1,192]; with rng the light and the own motion vary a little."""
    frames, t = len(batch["bev"]), lidar_ok.shape[1]
    frame = torch.from_numpy(where[0] * t + where[1])
    ego, gain, shift = batch["ego"], None, None
    if rng is not None:
        gain = torch.from_numpy(rng.uniform(0.85, 1.15, (frames, 1, 1)).astype(np.float32))[frame]
        shift = torch.from_numpy(rng.uniform(-0.2, 0.2, (frames, 1, 1)).astype(np.float32))[frame]
        ego = measured(ego, rng)
    lidar, ego = model.lidar(batch["bev"]), model.ego(ego[:, None])
    if not len(frame):
        return torch.zeros(0, 28, L.HIDDEN, dtype=lidar.dtype), lidar, ego
    paint = pictures["paint"] * lidar_ok.view(-1)[frame][:, None, None]  # without a sweep nothing is painted
    rays = batch["rays"][frame, torch.from_numpy(where[2])]
    return model.camera(patchify(pictures["images"], gain, shift), paint, rays), lidar, ego


# Standard deviation of the own motion as measured, in the scaled units of layout.EGO_ORDER. `stood` is off by the 0.1 s from one odometry to the
# next; `driven` by a share of itself, so that 0, which says that the vehicle stands, stays 0.
EGO_NOISE = (0.01, 0.01, 0.0, 0.03, 0.1 / 3, 0.0)
DRIVEN_NOISE = 0.03


def measured(ego, rng):
    """ego [n, 6] with the errors of a real odometry."""
    noise = torch.from_numpy(rng.normal(0, 1, ego.shape).astype(np.float32))
    noisy = ego + noise * torch.tensor(EGO_NOISE)
    noisy[:, 5] *= 1 + DRIVEN_NOISE * noise[:, 5]
    noisy[:, 4:] = noisy[:, 4:].clamp(0, 1)
    noisy[:, 4] *= ego[:, 5] < 1  # nobody is told how long a standstill was that he does not know of
    return noisy


def look(export, rows, shape, rng, step, drop=None):
    """Reads the rows of B streams of T frames as a drawn (rng and step) or a full sight shows them."""
    b, t = shape
    batch = export.take(rows)
    places, rays = (batch[k].view(b, t, *batch[k].shape[1:])[:, 0] for k in ("places", "rays"))
    sight = Sight.full(places, t, drop) if rng is None else Sight.drawn(places, rays, t, rng, step)
    where = sight.images()
    pictures = export.pictures(rows.reshape(b, t)[where[0], where[1]], where[2])
    return batch, sight, where, pictures


def train_step_dense(model, export, rng, step, size, shares):
    rows = export.draw(rng, size, shares) * export.frames + rng.integers(0, export.frames, size)
    batch, sight, where, pictures = look(export, rows, (size, 1), rng, step)
    lidar_ok = torch.from_numpy(sight.lidar & (rng.random((size, 1)) > 0.1))
    with torch.autocast("cpu", torch.bfloat16):
        camera, lidar, _ = encode(model, batch, pictures, where, lidar_ok, rng)
    loss, parts = dense_loss(model, camera, lidar, batch, pictures, where, lidar_ok)
    return loss, {k: float(v.detach()) for k, v in parts.items()}, size


def evaluate_dense(model, export, rows, batch_size=32):
    """Recall and precision a class, scene facts against the majority, median relative depth error, occupancy."""
    model.eval()
    n = len(L.DENSE_CLASSES)
    table, depth_error, occ = np.zeros((n, n)), [], np.zeros((2, 2))
    scene_hit, scene_truth = [[] for _ in model.dense.SCENE], [[] for _ in model.dense.SCENE]
    for i in range(0, len(rows), batch_size):
        chosen = rows[i:i + batch_size]
        batch, sight, where, pictures = look(export, chosen, (len(chosen), 1), None, None)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            camera, lidar, _ = encode(model, batch, pictures, where, torch.from_numpy(sight.lidar))
            classes, depth = model.dense.cells(camera)
            occupancy = model.dense.occupancy(lidar).squeeze(-1)
            scene = model.dense.scenes(camera.float(), torch.from_numpy(where[0]), len(chosen)).float().split(model.dense.scene_sizes, -1)
        np.add.at(table, (pictures["dense"].numpy().ravel(), classes.float().argmax(-1).numpy().ravel()), 1)
        has = pictures["depth"].numpy() > 0
        depth_error.append(np.abs(np.exp(depth.float().numpy()[has]) * 10 / pictures["depth"].numpy()[has] - 1))
        for s, name, a, t in zip(scene, model.dense.SCENE, scene_hit, scene_truth):
            a.append(s.argmax(-1).numpy())
            t.append(batch["labels"][:, 2 + L.FACT_NAMES.index(name)].numpy())
        np.add.at(occ, ((batch["occupancy"].numpy() > 0).astype(int).ravel(), (occupancy.float().numpy() > 0).astype(int).ravel()), 1)
    model.train()
    result = {"recall/precision": {c: [round(table[k, k] / max(v, 1), 3) for v in (table[k].sum(), table[:, k].sum())] + [int(table[k].sum())]
                                   for k, c in enumerate(L.DENSE_CLASSES)}}
    result["depth median relative error"] = round(float(np.median(np.concatenate(depth_error))), 3)
    for name, a, t in zip(model.dense.SCENE, scene_hit, scene_truth):
        a, t = np.concatenate(a), np.concatenate(t)
        result[name] = {"accuracy": round(float((a == t).mean()), 3), "majority": round(float(np.bincount(t).max() / len(t)), 3)}
    result["occupancy"] = {"recall": round(occ[1, 1] / max(occ[1].sum(), 1), 3), "false alarm": round(occ[0, 1] / max(occ[0].sum(), 1), 3)}
    return result


# --- streams ------------------------------------------------------------------------------------------------------------------------
class Rows:
    """Rows of a batch of streams: sink, then the kept sensor tokens of each frame (padded to the most of any stream), then the text of each."""

    def __init__(self, kept):
        """kept [B,T,205] bool."""
        b, t, _ = kept.shape
        self.batch, self.frames = b, t
        count = kept.sum(-1)
        # Widths in steps: few shapes, so that oneDNN finds its compiled kernels again instead of making new ones (a tenth of the time).
        self.width = [min(-(-int(count[:, f].max()) // WIDTH_STEP) * WIDTH_STEP, kept.shape[2]) for f in range(t)]
        self.slots, self.valid = [], []  # per frame [B,width] slot (0 where padded) and presence
        for f, width in enumerate(self.width):
            order = np.argsort(~kept[:, f], -1, kind="stable")[:, :width]
            valid = np.arange(width)[None] < count[:, f, None]
            self.slots.append(torch.from_numpy(np.where(valid, order, 0)))
            self.valid.append(torch.from_numpy(valid))
        ends = 1 + np.cumsum([0] + self.width)
        self.sensor = [(int(a), int(z)) for a, z in zip(ends, ends[1:])]
        self.text_start = int(ends[-1])
        self.text = [(self.text_start + f * TEXT, self.text_start + (f + 1) * TEXT) for f in range(t)]

    def positions(self):
        sensor = [f * L.STRIDE + s + 1 for f, s in enumerate(self.slots)]
        text = (torch.arange(self.frames)[:, None] * L.STRIDE + TEXT_SLOTS + 1).flatten().expand(self.batch, -1)
        return torch.cat([torch.zeros(self.batch, 1, dtype=torch.long), *sensor, text], 1)

    def pool_index(self, where):
        """Where each sensor row's token lies in the pool of camera tokens [N*28], then sweeps [B*T*36], then ego tokens [B*T]; -1 padding."""
        b, t, pictures = self.batch, self.frames, len(where[0])
        first = torch.full((b, t, L.CAMERAS), -1)
        first[where] = torch.arange(pictures) * 28
        camera = (first[..., None] + torch.arange(28)).flatten(2)
        frame = torch.arange(b * t).view(b, t, 1)
        lidar = pictures * 28 + frame * L.BEV_TOKENS + torch.arange(L.BEV_TOKENS)
        ego = pictures * 28 + b * t * L.BEV_TOKENS + frame
        table = torch.cat([camera, lidar, ego], 2)
        index = [torch.where(v, table[:, f].gather(1, s), -1) for f, (s, v) in enumerate(zip(self.slots, self.valid))]
        return torch.cat(index, 1)

    def blocks(self, present, depth, hide_action, history=True):
        """Attention blocks of the three slices (see Decoder.forward).

        present [B,T,TEXT]: text row there; depth [B,T] in 1..3: slices that the frame went through; hide_action [B,T]: facts of the frame must
        not look at its action tokens; history False: no frame sees an earlier one.
        """
        b, result = self.batch, []
        row = torch.arange(TEXT)
        causal = row[None] <= row[:, None]
        to_action = (row[:, None] >= SAY) & (row[None] >= 1) & (row[None] < SAY)
        for k in range(3):
            if k and not (depth <= k).any():
                result.append(result[-1])
                continue
            sensor_blocks, text_blocks = [], []
            for t, (own, width) in enumerate(zip(self.sensor, self.width)):
                earlier = range(max(0, t - L.WINDOW + 1), t) if history else range(0)
                from_row = self.sensor[earlier[0]][0] if len(earlier) else own[0]
                keys = [(0, own[1])] if from_row == 1 else [(0, 1), (from_row, own[1])]
                past = torch.cat([torch.ones(b, 1, dtype=torch.bool)] + [self.valid[o] & (depth[:, o, None] > k) for o in earlier], 1)
                same = torch.tril(torch.ones(width, width, dtype=torch.bool)) & self.valid[t][:, None]
                sensor_blocks.append((*own, keys, bias_of(torch.cat([past[:, None].expand(-1, width, -1), same], 2))))
                said = causal & present[:, t, None] & ~(to_action & hide_action[:, t, None, None])
                seen = torch.cat([past, self.valid[t]], 1)[:, None].expand(-1, TEXT, -1)  # a frame that left earlier asks nothing of this slice
                text_blocks.append((*self.text[t], keys + [self.text[t]], bias_of(torch.cat([seen, said], 2))))
            result.append([(0, 1, [(0, 1)], torch.zeros(1, 1, 1, 1, 1)), *sensor_blocks, *text_blocks])
        return result


def bias_of(seen):
    """bool [B,queries,keys] -> additive bias [B,1,1,queries,keys]."""
    return torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill_(~seen, -1e4)[:, None, None]


def text_of(batch, shape, rng, training):
    """Input ids [B,T,TEXT], presence of those rows, next-token ids [B,T,TEXT] (-1 none) and soft action targets [B*T,5,64]."""
    b, t = shape
    labels = batch["labels"].numpy().reshape(b * t, -1)
    coords = L.encode_actions(batch["action"].numpy().reshape(b * t, -1))
    bins = np.floor(coords).astype(np.int64)
    centres = np.arange(L.BINS) + 0.5
    soft = np.exp(-0.5 * ((centres[None, None] - coords[:, :, None]) / BIN_SIGMA) ** 2)
    soft = (soft / soft.sum(-1, keepdims=True)).astype(np.float32)
    fact_ids, after = fact_targets(labels[:, 2:])
    base = np.array([L.A_BASE] * 3 + [L.K_BASE] * 2)
    targets = np.full((b * t, TEXT), -1)
    targets[:, 0] = L.MANEUVER_BASE + labels[:, 0]
    targets[:, 1:6] = base + bins
    targets[:, SAY:] = after
    inputs = np.zeros((b * t, TEXT), np.int64)
    inputs[:, 0], inputs[:, SAY] = L.ACT, L.SAY
    inputs[:, 1] = targets[:, 0]
    shown = bins
    if training:  # noisy teacher forcing: the model's own bins will be off by a few
        noise = np.rint(rng.normal(0, 1.5, bins.shape)).astype(np.int64) * (rng.random((b * t, 1)) < 0.4)
        shown = np.clip(bins + noise, 0, L.BINS - 1)
        wrong = rng.random(b * t) < 0.05
        inputs[wrong, 1] = L.MANEUVER_BASE + rng.integers(0, 3, wrong.sum())
    inputs[:, 2:SAY] = base + shown
    inputs[:, SAY + 1:] = np.maximum(fact_ids[:, :-1], 0)
    present = np.ones((b * t, TEXT), bool)
    present[:, SAY + 1:] = fact_ids[:, :-1] >= 0
    return (torch.from_numpy(inputs).view(b, t, TEXT), torch.from_numpy(present).view(b, t, TEXT),
            torch.from_numpy(targets).view(b, t, TEXT), torch.from_numpy(soft))


def stream_forward(model, seen, shape, rng, training, history=True):
    """Runs B streams of T frames as `look` saw them.

    Returns logits of each exit [B,T,TEXT,512], text targets, soft targets, depth [B,T], the loss of the dense heads and its parts.
    """
    batch, sight, where, pictures = seen
    b, t = shape
    depth, hide = torch.full((b, t), 3), torch.ones(b, t, dtype=torch.bool)
    lidar_ok = torch.from_numpy(sight.lidar)
    if training:
        early = rng.random((b, t)) < 0.1
        depth = torch.from_numpy(np.where(early, rng.integers(1, 3, (b, t)), 3))
        hide = torch.from_numpy(rng.random((b, t)) < 0.35)
        # Measured acceleration blanked in half of the streams; else the model copies its last action.
        batch["ego"][:, 3] *= torch.from_numpy((rng.random((b, 1)) > 0.5).astype(np.float32)).expand(b, t).reshape(-1)
    camera, lidar, ego = encode(model, batch, pictures, where, lidar_ok, rng if training else None)
    rows = Rows(sight.kept(where, pictures["images"], batch["bev"], rng))
    pool = torch.cat([camera.flatten(0, 1), lidar.flatten(0, 1), ego.flatten(0, 1)])
    sensors = Gather.apply(pool, rows.pool_index(where))
    inputs, present, targets, soft = text_of(batch, shape, rng, training)
    text = model.decoder.embed(inputs.flatten(1)).to(sensors.dtype)
    sink = model.decoder.embed(torch.zeros(b, 1, dtype=torch.long)).to(sensors.dtype)
    hidden = model.decoder(torch.cat([sink, sensors, text], 1), rows.positions(), rows.blocks(present, depth, hide, history))
    says = model.decoder.logits if training else model.decoder.answers
    logits = [says(h[:, rows.text_start:], k).float().view(b, t, TEXT, -1) for k, h in enumerate(hidden)]
    dense, parts = None, {}
    if training:
        dense, parts = dense_loss(model, camera, lidar, batch, pictures, where, lidar_ok)
        rate = rate_loss(model, hidden[1], rows, pictures["depth"], where, depth)
        if rate is not None:
            dense, parts = dense + 2.0 * rate, parts | {"rate": rate}
    return logits, targets, soft, depth, dense, parts


CELLS_OF_TOKEN = torch.tensor([[(2 * r + i) * L.GRID_COLS + 2 * c + j for i in range(2) for j in range(2)]
                               for r in range(L.TOKEN_ROWS) for c in range(L.TOKEN_COLS)])


def rate_loss(model, hidden, rows, depth_m, where, depth):
    """How fast the things in each kept camera token come nearer, from the hidden state after the second slice: only history can tell.

    depth_m [N,112] of the pictures. Truth is the change of depth against the oldest frame in sight, m/s; cells that changed owner are left out.
    """
    b, t = rows.batch, rows.frames
    field = torch.zeros(b, t, L.CAMERAS, 28, 4)
    field[where] = depth_m[:, CELLS_OF_TOKEN]
    field = field.flatten(2, 3)
    loss, count = 0.0, 0
    for f in range(1, t):
        slots, valid = rows.slots[f], rows.valid[f] & (rows.slots[f] < L.SLOT_LIDAR) & (depth[:, f, None] > 1)
        old = max(0, f - L.WINDOW + 1)
        index = torch.where(valid, slots, 0)[..., None].expand(-1, -1, 4)
        now, then = field[:, f].gather(1, index), field[:, old].gather(1, index)
        speed = (now - then) / ((f - old) * FRAME_S)
        has = valid[..., None] & (now > 0) & (then > 0) & (speed.abs() < RATE_LIMIT_MPS)
        n = int(has.sum())
        if n:
            a, z = rows.sensor[f]
            guess = model.dense.rate(hidden[:, a:z].float())
            loss = loss + (F.smooth_l1_loss(guess, speed / RATE_SCALE_MPS, reduction="none", beta=0.2) * has).sum()
            count += n
    return loss / count if count else None


def fact_weights(export):
    """Loss weight a token id: facts by inverse square root of frequency (mean 1 over the data), times the weight of the fact."""
    labels = export.labels()
    weights = np.ones(L.VOCABULARY_SIZE, np.float32)
    columns = [(0, L.MANEUVER_BASE, 3, 1.0)] + [(2 + i, o, s, FACT_WEIGHTS.get(n, 1.0))
                                                for i, (n, o, s) in enumerate(zip(L.FACT_NAMES, L.FACT_OFFSETS, L.FACT_SIZES))]
    for column, offset, size, own in columns:
        values = labels[:, column]
        values = values[values >= 0]
        share = np.bincount(values, minlength=size)[:size] / max(len(values), 1)
        w = np.clip(1 / np.sqrt(np.maximum(share, 1e-4) * size), 0.5, 3.0)
        weights[offset:offset + size] = own * w / max((w * share).sum(), 1e-6)
    return torch.from_numpy(weights)


def weigh(model, export):
    """fact_weights, which the model is told of, too."""
    weights = fact_weights(export)
    model.decoder.rarity.copy_(weights.log())
    return weights


IS_MOTION = torch.zeros(L.VOCABULARY_SIZE, dtype=torch.bool)
for _name in MOTION_FACTS:
    _i = L.FACT_NAMES.index(_name)
    IS_MOTION[L.FACT_OFFSETS[_i]:L.FACT_OFFSETS[_i] + L.FACT_SIZES[_i]] = True


def text_loss(logits, targets, soft, depth, weights):
    """Weighted loss over exits; an exit deeper than the frame went is not asked."""
    b, t = depth.shape
    target = targets.view(b * t, TEXT)
    total, parts = 0.0, {}
    first = (torch.arange(t) == 0).expand(b, -1).reshape(-1, 1)
    for k, (w, logit) in enumerate(zip(EXIT_WEIGHTS, logits)):
        asked = (depth > k).view(-1, 1).float()
        logp = logit.view(b * t, TEXT, -1).log_softmax(-1)
        maneuver = -logp[:, 0].gather(1, target[:, :1]) * weights[target[:, :1]]
        action = torch.stack([-(soft[:, j] * logp[:, 1 + j, base:base + L.BINS]).sum(-1)
                              for j, base in enumerate((L.A_BASE, L.A_BASE, L.A_BASE, L.K_BASE, L.K_BASE))], 1)
        action = torch.cat([maneuver, action], 1) * torch.tensor(ACTION_WEIGHTS)
        ids = target[:, SAY:].clamp(min=0)
        weight = weights[ids] * (target[:, SAY:] >= 0) * torch.where(IS_MOTION[ids] & first, MOTION_IN_FIRST_FRAME, 1.0)
        fact = -logp[:, SAY:].gather(2, ids[..., None]).squeeze(-1) * weight
        n = asked.sum().clamp(min=1)
        loss_action, loss_fact = (action * asked).sum() / n / 4, (fact * asked).sum() / n / 4
        total = total + w * (loss_action + loss_fact)
        if k == 2:
            parts = {"action": float(loss_action.detach()), "facts": float(loss_fact.detach()), "maneuver": float((maneuver * asked).sum().detach() / n)}
    return total, parts


def train_step_stream(model, export, rng, step, size, shares, weights, aux):
    t = min(export.frames, int(step.choice(FRAMES, p=SHARE_OF_FRAMES)))
    b = max(1, size // t)
    start = rng.integers(0, export.frames - t + 1, b)
    rows = ((export.draw(rng, b, shares) * export.frames + start)[:, None] + np.arange(t)).ravel()
    seen = look(export, rows, (b, t), rng, step)
    with torch.autocast("cpu", torch.bfloat16):
        logits, targets, soft, depth, dense, dense_parts = stream_forward(model, seen, (b, t), rng, True)
    loss, parts = text_loss(logits, targets, soft, depth, weights)
    return loss + aux * dense, parts | {k: float(v.detach()) for k, v in dense_parts.items()}, b * t


SLOT_NAMES = ["maneuver", "a0", "a1", "a2", "k0", "k1", *L.FACT_NAMES]
RANGES = [(L.MANEUVER_BASE, 3)] + [(L.A_BASE, L.BINS)] * 3 + [(L.K_BASE, L.BINS)] * 2 + list(zip(L.FACT_OFFSETS, L.FACT_SIZES))


def evaluate_stream(model, export, sequences, t=4, batch=8, drop=None):
    """Accuracy over the last frame of each stream (full history), per exit. Facts: earlier facts given, action tokens hidden.

    Maneuver and facts: share of right tokens, majority share, mean recall over the values. Action coefficients: mean |bin error|.
    drop: "camera0".., "cameras", "lidar", "ego" or "history".
    """
    model.eval()
    truth, guess = [[] for _ in RANGES], [[[] for _ in RANGES] for _ in range(3)]
    fact_of = {o + v: 6 + i for i, (o, s) in enumerate(zip(L.FACT_OFFSETS, L.FACT_SIZES)) for v in range(s)}
    for i in range(0, len(sequences), batch):
        chosen = sequences[i:i + batch]
        rows = (chosen[:, None] * export.frames + export.frames - t + np.arange(t)).ravel()
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            seen = look(export, rows, (len(chosen), t), None, None, drop)
            logits, targets, *_ = stream_forward(model, seen, (len(chosen), t), None, False, drop != "history")
        targets, last = targets[:, -1].numpy(), [x[:, -1].numpy() for x in logits]
        for n, row in zip(*np.nonzero(targets >= 0)):
            slot = row if row < 6 else fact_of[targets[n, row]]
            offset, size = RANGES[slot]
            truth[slot].append(targets[n, row] - offset)
            for k in range(3):
                guess[k][slot].append(int(last[k][n, row, offset:offset + size].argmax()))
    model.train()
    return {name: figures(name, np.array(truth[s]), [np.array(g[s]) for g in guess]) for s, name in enumerate(SLOT_NAMES) if truth[s]}


def figures(name, truth, guesses):
    errors = [np.abs(g - truth) for g in guesses]
    if name in ("a0", "a1", "a2", "k0", "k1"):
        return {"n": len(truth), "meanBinError": [round(float(e.mean()), 2) for e in errors], "ofMedian": round(float(np.abs(truth - np.median(truth)).mean()), 2)}
    entry = {"n": len(truth), "majority": round(float(np.bincount(truth).max() / len(truth)), 3), "accuracy": [round(float((e == 0).mean()), 3) for e in errors],
             "recall": [round(float((guesses[-1][truth == v] == v).mean()), 2) if (truth == v).any() else None for v in range(int(truth.max()) + 1)]}
    if name.endswith("distance"):
        entry["withinOneBin"] = [round(float((e <= 1).mean()), 3) for e in errors]
    return entry


def table(result):
    """The validation as lines to read: accuracy minus majority in points at each exit."""
    lines = []
    for name, e in result.items():
        if "majority" in e:
            gain = " ".join(f"{100 * (a - e['majority']):+6.1f}" for a in e["accuracy"])
            extra = f"  within one {e['withinOneBin'][-1]:.2f}" if "withinOneBin" in e else f"  recall {e['recall']}"
            lines.append(f"  {name:16} {e['n']:4} majority {100 * e['majority']:5.1f}  {gain}{extra}")
        else:
            lines.append(f"  {name:16} {e['n']:4} bin error {e['meanBinError']} of {e['ofMedian']}")
    return "\n".join(lines)


# --- the run ------------------------------------------------------------------------------------------------------------------------
PEAK, LEAST_SHARE, WARM_S = {1: 1e-3, 2: 1e-3}, 0.02, 40.0
LONGEST_STEP_S = 120.0  # a step that took longer stood still (a stopped process): that is no training time


def rate(seconds, budget, decay, peak):
    """Learning rate after so many seconds of a run: rises, stays, falls in a straight line over the last `decay` seconds."""
    up = min(1.0, seconds / WARM_S)
    left = (budget - seconds) / decay if decay else 1.0
    return peak * up * max(LEAST_SHARE, min(1.0, left))


# Share of the learning rate that the encoders get. In stage 2 the decoder's noisy gradient at the full rate undoes what stage 1 taught them:
# the dense losses rose by half within minutes and, in layout v1, never came back.
ENCODER_SHARE = {1: 1.0, 2: 0.5}


def groups(model, decay, encoder_share=1.0):
    """Weights and plain parameters (not decayed) of decoder and encoders; `share` scales the learning rate of a group."""
    result = []
    for decoder in (True, False):
        named = [(n, p) for n, p in model.named_parameters() if n.startswith("decoder.") == decoder]
        plain = [p for n, p in named if p.ndim < 2 or "place" in n or "grid" in n or "embedding" in n]
        ids, share = {id(p) for p in plain}, 1.0 if decoder else encoder_share
        result += [{"params": [p for _, p in named if id(p) not in ids], "weight_decay": decay, "share": share},
                   {"params": plain, "weight_decay": 0.0, "share": share}]
    return result


def save(path, model, optimizer, rng, info):
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "rng": rng.bit_generator.state, "info": info}, path + ".part")
    os.replace(path + ".part", path)


def seconds_until(clock):
    now = time.localtime()
    hour, minute = map(int, clock.split(":"))
    return (hour * 60 + minute) * 60 - (now.tm_hour * 3600 + now.tm_min * 60 + now.tm_sec)


def resume(args, model, optimizer, rng, left, decay_from):
    """What the run has so far: its own checkpoint, that of before its decay, that of the stage before, or a warm start.

    left: seconds until the decay begins (None: decay_from tells after how many seconds of the stage).
    """
    path, early = (os.path.join(args.out, n) for n in ("checkpoint.pt", "before-decay.pt"))
    info = {"seed": args.seed, "stage": args.stage, "seconds": 0.0, "samples": 0, "steps": 0, "decayed": False, "stages": {}}
    if not os.path.exists(path):
        if args.warm:
            left = warm_start(model, *args.warm)
            print(f"warm start from {args.warm[0]}, random: {left}", flush=True)
        return info
    state = widened(torch.load(path, weights_only=False))
    if state["info"]["stage"] != args.stage:
        old = state["info"]
        model.load_state_dict(state["model"])
        shutil.copyfile(path, os.path.join(args.out, f"stage{old['stage']}.pt"))
        info["stages"] = old["stages"] | {str(old["stage"]): {k: old[k] for k in ("seconds", "samples", "steps")}}
        return info
    if state["info"]["decayed"] and os.path.exists(early):
        before = widened(torch.load(early, weights_only=False))
        if before["info"]["seconds"] < decay_from - 5 if left is None else left > 0:  # more minutes than before: forget the decay
            state = before
    model.load_state_dict(state["model"])
    if state["optimizer"]:
        optimizer.load_state_dict(state["optimizer"])
    rng.bit_generator.state = state["rng"]
    return state["info"]


def average_gradients(model, workers):
    """The mean of all workers' gradients, everywhere, in one message. What a worker's streams did not touch counts as 0."""
    parameters = list(model.parameters())
    flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).view(-1) for p in parameters])
    dist.all_reduce(flat)
    flat /= workers
    for p, part in zip(parameters, flat.split([p.numel() for p in parameters])):
        p.grad = part.view_as(p)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="one export or several, with commas between")
    parser.add_argument("--val", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--stage", type=int, choices=(1, 2), required=True)
    parser.add_argument("--minutes", type=float, help="of the whole stage, however often it was begun anew")
    parser.add_argument("--until", help="instead of --minutes: HH:MM of today at which the stage ends")
    parser.add_argument("--decay-minutes", type=float, default=0.0)
    parser.add_argument("--batch", type=int, default=32, help="frames a step, of each worker")
    parser.add_argument("--workers", type=int, default=1, help="processes, one a core: each draws streams of its own, their gradients are averaged")
    parser.add_argument("--lr", type=float, help="highest; default 1e-3")
    parser.add_argument("--shares", type=lambda s: [float(v) for v in s.split(",")], help="weights of the exports; default: as they lie")
    parser.add_argument("--warm", nargs=2, metavar=("CHECKPOINT", "MANIFEST"), help="start from weights of layout v1 (warm.py)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--aux", type=float, default=1.0, help="weight of the dense losses in stage 2")
    parser.add_argument("--eval-minutes", type=float, default=6)
    parser.add_argument("--val-sequences", type=int, default=192)
    parser.add_argument("--max-steps", type=int, default=0)
    args = parser.parse_args()
    if (args.minutes is None) == (args.until is None):
        parser.error("one of --minutes and --until")
    args.lr = args.lr or PEAK[args.stage]
    os.makedirs(args.out, exist_ok=True)
    if args.workers > 1:
        meeting = os.path.abspath(os.path.join(args.out, "workers"))
        if os.path.exists(meeting):
            os.remove(meeting)  # of a run that was killed
        torch.multiprocessing.spawn(run, (args, meeting), args.workers)
    else:
        run(0, args)


def run(worker, args, meeting=None):
    """The run, or one worker's part in it. The first worker keeps the clock, saves, evaluates and writes; the others do as many steps."""
    if meeting:
        dist.init_process_group("gloo", "file://" + meeting, rank=worker, world_size=args.workers)
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    val, export = Export(args.val), Exports(args.data.split(","))
    model = Nano().train()
    optimizer = torch.optim.AdamW(groups(model, 0.05, ENCODER_SHARE[args.stage]), lr=args.lr, betas=(0.9, 0.98), fused=True)
    rng = np.random.default_rng(args.seed * 1000 + args.stage)
    decay = args.decay_minutes * 60
    left = seconds_until(args.until) if args.until else None
    info = resume(args, model, optimizer, rng, left if left is None else left - decay, args.minutes and args.minutes * 60 - decay)
    if worker:
        rng = np.random.default_rng([args.seed, args.stage, worker, info["steps"]])
    budget = args.minutes * 60 if left is None else info["seconds"] + left
    path = os.path.join(args.out, "checkpoint.pt")
    weights = weigh(model, export)
    log = open(os.path.join(args.out, "train_log.jsonl") if worker == 0 else os.devnull, "a", buffering=1)

    def write(**entry):
        log.write(json.dumps({"stage": args.stage, "seconds": round(info["seconds"], 1), "steps": info["steps"], "samples": info["samples"], **entry}) + "\n")

    parameters = sum(p.numel() for n, p in model.named_parameters() if not n.startswith("dense."))
    write(event="start", parameters=parameters, rows=export.rows, arguments=vars(args))

    def evaluate():
        val.refresh()
        if args.stage == 1:
            result = evaluate_dense(model, val, np.linspace(0, val.rows - 1, min(val.rows, 256)).astype(int))
            print("\n".join(f"  {k}: {v}" for k, v in result.items()), flush=True)
        else:
            result = evaluate_stream(model, val, np.linspace(0, val.sequences - 1, min(val.sequences, args.val_sequences)).astype(int))
            print(table(result), flush=True)
        write(event="validation", figures=result)

    last = last_save = last_eval = time.monotonic()
    last_log, last_weights, means = info["seconds"] - 14, info["seconds"], {}
    while True:
        lr = rate(info["seconds"], budget, decay, args.lr) if info["seconds"] < budget and (not args.max_steps or info["steps"] < args.max_steps) else -1.0
        if meeting:
            agreed = torch.tensor([lr], dtype=torch.float64)
            dist.broadcast(agreed, 0)
            lr = float(agreed)
        if lr < 0:
            break
        if decay and not info["decayed"] and info["seconds"] >= budget - decay and worker == 0:
            save(os.path.join(args.out, "before-decay.pt"), model, optimizer, rng, info)
            info["decayed"] = True
        for g in optimizer.param_groups:
            g["lr"] = lr * g["share"]
        step = np.random.default_rng([args.seed, args.stage, info["steps"]])
        if args.stage == 1:
            loss, parts, samples = train_step_dense(model, export, rng, step, args.batch, args.shares)
        else:
            loss, parts, samples = train_step_stream(model, export, rng, step, args.batch, args.shares, weights, args.aux)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if meeting:
            average_gradients(model, args.workers)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if torch.isfinite(norm):
            optimizer.step()
        parts["loss"], parts["norm"] = float(loss.detach()), float(norm)
        for k, v in parts.items():
            means[k] = v if k not in means else 0.95 * means[k] + 0.05 * v
        info["steps"] += 1
        info["samples"] += samples * args.workers
        now = time.monotonic()
        info["seconds"] += min(now - last, LONGEST_STEP_S)
        last = now
        if info["seconds"] - last_log > 15:
            last_log = info["seconds"]
            if not export.finished:
                export.refresh()
                while not export.sequences:  # begun anew by whoever writes it
                    time.sleep(3)
                    export.refresh()
                if info["seconds"] - last_weights > 60:
                    weights, last_weights = weigh(model, export), info["seconds"]
            write(rows=export.rows, lr=round(lr, 6), **{k: round(v, 4) for k, v in means.items()})
            if worker == 0:
                print(f"{info['seconds']:7.0f} s, {info['steps']} steps, {info['samples']} frames of {export.rows}, lr {lr:.1e}: "
                      + ", ".join(f"{k} {v:.3f}" for k, v in means.items()), flush=True)
        if worker:
            continue
        if now - last_save > 180:
            save(path, model, optimizer, rng, info)
            last_save = now
        if now - last_eval > args.eval_minutes * 60:
            evaluate()
            last_eval = time.monotonic()
    if worker:
        return
    save(path, model, optimizer, rng, info)
    evaluate()
    write(event="end")


if __name__ == "__main__":
    main()
