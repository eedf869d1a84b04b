"""Trains saccade-nano on one core within a wall-clock budget.

    python train.py --data DIR --val DIR --out RUN --stage 1 --minutes 15
    python train.py --data DIR --val DIR --out RUN --stage 2 --minutes 55      (starts from the checkpoint of stage 1 in RUN)
    python train.py --data DIR,SUDDEN --last-shares 0.4 --val DIR --out RUN --stage 3 --minutes 17     (from that of stage 2)
    python train.py --data DIR,SUDDEN,APPROACH --last-shares 0.25,0.4 --val DIR --out RUN --stage 4 --minutes 12

Stage 1 trains the encoder alone on dense truth (class and depth of image cells, occupancy, light, road, daylight). Stage 2 trains everything
on short streams with the run-time window: action tokens and facts at three exits, dense truth kept at a lower weight. Stages 3 and 4
go on as stage 2 at a low learning rate, with chosen shares of the streams from the last exports: cruising drives in which something
appears, and drives on the way to a stop.
A killed run goes on from RUN/checkpoint.pt with the same command. The learning rate follows the time spent, so a run ends on time.
"""
import argparse
import json
import math
import os
import shutil
import time

import numpy as np
import torch
import torch.nn.functional as F

import layout as L
from data import Export, Exports, fact_targets, keep_tokens, token_variance
from model import Nano, patchify

TEXT = 18  # text rows that are ever an input: <act>, 6 action tokens, <say>, facts 0..9
ROWS = L.SENSOR_SLOTS + TEXT
EXIT_WEIGHTS = (0.3, 0.3, 1.0)
ACTION_WEIGHTS = (2.0, 1.5, 0.7, 0.7, 1.0, 0.7)
BIN_SIGMA = 0.9
DENSE_WEIGHTS = torch.tensor([1.0, 3.0, 5.0, 6.0, 6.0, 5.0])


# --- stage 1: dense truth -----------------------------------------------------------------------------------------------------------
def dense_loss(model, camera, lidar, batch, camera_ok, lidar_ok):
    """Loss of the dense heads. batch rows match camera [B,2,28,192]; *_ok mask sensors that were blanked."""
    classes, depth, occupancy, scene = model.dense(camera.float(), lidar.float())
    weight = camera_ok[:, :, None].float().expand(-1, -1, 112)
    target = batch["dense"].long()
    ce = F.cross_entropy(classes.flatten(0, 2), target.flatten(), DENSE_WEIGHTS, reduction="none").view_as(target)
    loss_class = (ce * weight).sum() / weight.sum().clamp(min=1)
    has = (batch["depth"] > 0) * weight
    loss_depth = (F.smooth_l1_loss(depth, (batch["depth"].clamp(min=0.5) / 10).log(), reduction="none", beta=0.1) * has).sum() / has.sum().clamp(min=1)
    occ = F.binary_cross_entropy_with_logits(occupancy, (batch["occupancy"] > 0).float(), reduction="none",
                                             pos_weight=torch.tensor(4.0)) * lidar_ok[:, None].float()
    loss_occ = occ.sum() / (lidar_ok.sum() * 24).clamp(min=1)
    facts = batch["labels"][:, 2:].long()
    loss_scene = sum(F.cross_entropy(s, facts[:, j]) for s, j in zip(scene.split((3, 3, 2), -1), (0, 1, 9)))
    parts = {"class": loss_class, "depth": loss_depth, "occupancy": loss_occ, "scene": loss_scene}
    return loss_class * 2 + loss_depth + loss_occ * 0.5 + loss_scene * 0.5, parts


def encode(model, batch, rays, rng, training, camera_ok=None, lidar_ok=None):
    """batch with flat rows [B,...] -> camera, lidar and ego tokens."""
    b = batch["images"].shape[0]
    images = batch["images"].flatten(0, 1)
    paint, ego, gain, shift = batch["paint"], batch["ego"], None, None
    if training:
        gain = torch.from_numpy(rng.uniform(0.85, 1.15, (b, 1, 1)).astype(np.float32)).repeat_interleave(2, 0)
        shift = torch.from_numpy(rng.uniform(-0.2, 0.2, (b, 1, 1)).astype(np.float32)).repeat_interleave(2, 0)
        ego = ego + torch.from_numpy(rng.normal(0, 1, ego.shape).astype(np.float32)) * torch.tensor([0.01, 0.01, 0.0, 0.03])
    patches = patchify(images, gain, shift)
    if lidar_ok is not None:
        paint = paint * lidar_ok[:, None, None, None].float()  # without a sweep nothing is painted
    return model.encode(patches.view(b, 2, 1792, 48), paint, rays, batch["bev"], ego)


def train_step_dense(model, export, rng, size):
    rows = np.sort(rng.integers(0, export.rows, size))
    batch = export.take(rows)
    lidar_ok = torch.from_numpy(rng.random(size) > 0.15)
    with torch.autocast("cpu", torch.bfloat16):
        camera, lidar, _ = encode(model, batch, model.rays, rng, True, lidar_ok=lidar_ok)
    loss, parts = dense_loss(model, camera, lidar, batch, torch.ones(size, 2), lidar_ok)
    return loss, {k: float(v.detach()) for k, v in parts.items()}


def evaluate_dense(model, export, rows, batch_size=64):
    """Recall a class, precision-free accuracy of scene heads minus majority, median relative depth error, occupancy balanced accuracy."""
    model.eval()
    hit, count, predicted = np.zeros(6), np.zeros(6), np.zeros(6)
    depth_error, scene_hit, scene_truth, occ = [], [[], [], []], [[], [], []], np.zeros((2, 2))
    for i in range(0, len(rows), batch_size):
        batch = export.take(rows[i:i + batch_size])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            camera, lidar, _ = encode(model, batch, model.rays, None, False)
            classes, depth, occupancy, scene = model.dense(camera, lidar)
        guess, truth = classes.float().argmax(-1).numpy(), batch["dense"].numpy()
        for c in range(6):
            hit[c] += ((guess == c) & (truth == c)).sum()
            count[c] += (truth == c).sum()
            predicted[c] += (guess == c).sum()
        has = batch["depth"].numpy() > 0
        depth_error.append(np.abs(np.exp(depth.float().numpy()[has]) * 10 / batch["depth"].numpy()[has] - 1))
        for s, j, a, t in zip(scene.split((3, 3, 2), -1), (0, 1, 9), scene_hit, scene_truth):
            a.append(s.float().argmax(-1).numpy())
            t.append(batch["labels"][:, 2 + j].numpy())
        o = batch["occupancy"].numpy() > 0
        g = occupancy.float().numpy() > 0
        for a in range(2):
            for b in range(2):
                occ[a, b] += ((o == a) & (g == b)).sum()
    model.train()
    result = {f"recall {n}": round(hit[c] / max(count[c], 1), 3) for c, n in enumerate(L.DENSE_CLASSES)}
    result |= {f"precision {n}": round(hit[c] / max(predicted[c], 1), 3) for c, n in enumerate(L.DENSE_CLASSES)}
    result["depth median relative error"] = round(float(np.median(np.concatenate(depth_error))), 3)
    for name, a, t in zip(("road", "light", "daylight"), scene_hit, scene_truth):
        a, t = np.concatenate(a), np.concatenate(t)
        result[f"{name} accuracy"], result[f"{name} majority"] = round(float((a == t).mean()), 3), round(float(np.bincount(t).max() / len(t)), 3)
    result["occupancy recall"] = round(occ[1, 1] / max(occ[1].sum(), 1), 3)
    result["occupancy false alarm"] = round(occ[0, 1] / max(occ[0].sum(), 1), 3)
    return result


# --- stage 2: streams ---------------------------------------------------------------------------------------------------------------
def blocks_of(valid, depth, hide_action, history=True):
    """Attention blocks of the three slices (see Decoder.forward): the sink alone, then frame after frame.

    valid [B,T,ROWS]: token present; depth [B,T] in 1..3: slices that the frame went through; hide_action [B,T]: facts of the frame must not
    look at its action tokens; history False: no frame sees an earlier one.
    """
    b, frames, _ = valid.shape
    slot = torch.arange(ROWS)
    causal = slot[None] <= slot[:, None]
    to_action = (slot[:, None] >= L.SLOT_SAY) & (slot[None] >= L.SLOT_ACTION) & (slot[None] < L.SLOT_SAY)
    same = []
    for t in range(frames):
        own = causal[None] & valid[:, t, None]
        same.append(own & ~(to_action[None] & hide_action[:, t, None, None]))
    result = []
    for k in range(3):
        if k and not (depth <= k).any():
            result.append(result[-1])
            continue
        blocks = [(0, 1, slice(0, 1), torch.zeros(1, 1, 1, 1, 1))]
        for t in range(frames):
            earlier = range(max(0, t - L.WINDOW + 1), t) if history else range(0)
            keys = torch.cat([torch.zeros(1, dtype=torch.long)] + [1 + o * ROWS + slot[:L.SENSOR_SLOTS] for o in earlier] + [1 + t * ROWS + slot])
            seen = [torch.ones(b, ROWS, 1, dtype=torch.bool)]
            seen += [(valid[:, o, :L.SENSOR_SLOTS] & (depth[:, o, None] > k))[:, None].expand(-1, ROWS, -1) for o in earlier]
            seen.append(same[t])  # a frame that left earlier asks nothing of this slice: its loss is masked
            bias = torch.zeros(b, ROWS, len(keys)).masked_fill_(~torch.cat(seen, 2), -1e4)
            blocks.append((1 + t * ROWS, 1 + (t + 1) * ROWS, keys, bias[:, None, None].bfloat16()))
        result.append(blocks)
    return result


def text_of(batch, shape, rng, training):
    """Input ids [B,T,18], presence of those rows, next-token ids [B,T,18] (-1 none) and soft action targets [B*T,5,64]."""
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
    targets[:, 7:] = after
    inputs = np.zeros((b * t, TEXT), np.int64)
    inputs[:, 0], inputs[:, 7] = L.ACT, L.SAY
    inputs[:, 1] = targets[:, 0]
    shown = bins
    if training:  # noisy teacher forcing: the model's own bins will be off by a few
        noise = np.rint(rng.normal(0, 1.5, bins.shape)).astype(np.int64) * (rng.random((b * t, 1)) < 0.4)
        shown = np.clip(bins + noise, 0, L.BINS - 1)
        wrong = rng.random(b * t) < 0.05
        inputs[wrong, 1] = L.MANEUVER_BASE + rng.integers(0, 3, wrong.sum())
    inputs[:, 2:7] = base + shown
    inputs[:, 8:] = np.maximum(fact_ids[:, :10], 0)
    present = np.ones((b * t, TEXT), bool)
    present[:, 8:] = fact_ids[:, :10] >= 0
    return (torch.from_numpy(inputs).view(b, t, TEXT), torch.from_numpy(present).view(b, t, TEXT),
            torch.from_numpy(targets).view(b, t, TEXT), torch.from_numpy(soft))


def stream_forward(model, batch, shape, rng, training, drop=None):
    """Runs B streams of T frames. `drop`: sensor blanked at evaluation ("front_wide", "front_tele", "lidar", "ego", "history").

    Returns logits of each exit [B,T,18,512], text targets, soft targets, depth [B,T], the dense loss.
    """
    b, t = shape
    camera_ok, lidar_ok, ego_ok = torch.ones(b, t, 2, dtype=torch.bool), torch.ones(b, t, dtype=torch.bool), torch.ones(b, t, dtype=torch.bool)
    depth, hide = torch.full((b, t), 3), torch.zeros(b, t, dtype=torch.bool)
    if training:
        camera_ok &= torch.from_numpy((rng.random((b, 1, 2)) > 0.06) & (rng.random((b, t, 2)) > 0.03))
        lidar_ok &= torch.from_numpy((rng.random((b, 1)) > 0.06) & (rng.random((b, t)) > 0.03))
        ego_ok &= torch.from_numpy(rng.random((b, 1)) > 0.02)
        early = rng.random((b, t)) < 0.1
        depth = torch.from_numpy(np.where(early, rng.integers(1, 3, (b, t)), 3))
        hide = torch.from_numpy(rng.random((b, t)) < 0.35)
        batch["ego"][:, 3] *= torch.from_numpy((rng.random((b, 1)) > 0.5).astype(np.float32)).expand(b, t).reshape(-1)
    if drop in ("front_wide", "front_tele"):
        camera_ok[:, :, ("front_wide", "front_tele").index(drop)] = False
    elif drop == "cameras":
        camera_ok[:] = False
    elif drop == "lidar":
        lidar_ok[:] = False
    elif drop == "ego":
        ego_ok[:] = False
    if not training:
        hide[:] = True
    camera, lidar, ego = encode(model, batch, model.rays, rng, training, lidar_ok=lidar_ok.view(-1))
    keep = torch.from_numpy(keep_tokens(token_variance(batch["images"].flatten(0, 1)), rng, shape)) if training else torch.ones(b, t, 2, 28, dtype=torch.bool)
    valid = torch.cat([(keep & camera_ok[..., None]).flatten(2), lidar_ok[:, :, None].expand(-1, -1, 24), ego_ok[:, :, None]], -1)
    inputs, present, targets, soft = text_of(batch, shape, rng, training)
    sensors = torch.cat([camera.flatten(1, 2), lidar, ego], 1).view(b, t, L.SENSOR_SLOTS, L.HIDDEN)
    text = model.decoder.embed(inputs).to(sensors.dtype)
    x = torch.cat([sensors, text], 2).flatten(1, 2)
    x = torch.cat([model.decoder.embed(torch.zeros(b, 1, dtype=torch.long)).to(x.dtype), x], 1)
    positions = torch.cat([torch.tensor([0]), (torch.arange(t)[:, None] * L.STRIDE + torch.arange(ROWS) + 1).flatten()])
    valid = torch.cat([valid, present], -1)
    hidden = model.decoder(x, positions, blocks_of(valid, depth, hide, drop != "history"))
    pick = (1 + torch.arange(t)[:, None] * ROWS + L.SENSOR_SLOTS + torch.arange(TEXT)).flatten()
    logits = [model.decoder.logits(h[:, pick], k).float().view(b, t, TEXT, -1) for k, h in enumerate(hidden)]
    dense, parts = None, {}
    if training:
        dense, parts = dense_loss(model, camera, lidar, batch, camera_ok.view(-1, 2), lidar_ok.view(-1))
    return logits, targets, soft, depth, dense, parts


def fact_weights(export):
    """Loss weight a token id: facts by inverse square root of frequency (mean 1 over the data)."""
    labels = export.labels()
    weights = np.ones(L.VOCABULARY_SIZE, np.float32)
    for column, offset, size in [(0, L.MANEUVER_BASE, 3)] + [(2 + i, o, s) for i, (o, s) in enumerate(zip(L.FACT_OFFSETS, L.FACT_SIZES))]:
        values = labels[:, column]
        values = values[values >= 0]
        share = np.bincount(values, minlength=size)[:size] / max(len(values), 1)
        w = np.clip(1 / np.sqrt(np.maximum(share, 1e-4) * size), 0.5, 3.0)
        weights[offset:offset + size] = w / max((w * share).sum(), 1e-6)
    return torch.from_numpy(weights)


def text_loss(logits, targets, soft, depth, weights):
    """Weighted loss over exits; an exit deeper than the frame went is not asked."""
    b, t = depth.shape
    target = targets.view(b * t, TEXT)
    total, parts = 0.0, {}
    row_weight = torch.ones(TEXT)
    for k, (w, logit) in enumerate(zip(EXIT_WEIGHTS, logits)):
        asked = (depth > k).view(-1, 1).float()
        logp = logit.view(b * t, TEXT, -1).log_softmax(-1)
        maneuver = -logp[:, 0].gather(1, target[:, :1]) * weights[target[:, :1]]
        action = torch.stack([-(soft[:, j] * logp[:, 1 + j, base:base + L.BINS]).sum(-1)
                              for j, base in enumerate((L.A_BASE, L.A_BASE, L.A_BASE, L.K_BASE, L.K_BASE))], 1)
        action = torch.cat([maneuver, action], 1) * torch.tensor(ACTION_WEIGHTS)
        spoken = target[:, 7:] >= 0
        ids = target[:, 7:].clamp(min=0)
        fact = -logp[:, 7:].gather(2, ids[..., None]).squeeze(-1) * weights[ids] * spoken
        n = asked.sum().clamp(min=1)
        loss_action, loss_fact = (action * asked).sum() / n / 4, (fact * asked).sum() / n / 4
        total = total + w * (loss_action + loss_fact)
        if k == 2:
            parts = {"action": float(loss_action.detach()), "facts": float(loss_fact.detach()), "maneuver": float((maneuver * asked).sum().detach() / n)}
    return total, parts


def train_step_stream(model, export, rng, size, weights, aux, last_shares=()):
    t = min(export.frames, 4 if rng.random() < 0.85 else export.frames)
    b = max(1, size // t)
    sequence = rng.integers(0, export.sequences, b)
    if last_shares:
        bounds = (export.starts // export.frames)[-1 - len(last_shares):]  # of the last exports
        draw, below = rng.random(b), 0.0
        picks = [rng.integers(lo, hi, b) for lo, hi in zip(bounds, bounds[1:])]
        sequence = rng.integers(0, bounds[0], b)
        for share, pick in zip(last_shares, picks):
            sequence = np.where((draw >= below) & (draw < below + share), pick, sequence)
            below += share
    start = rng.integers(0, export.frames - t + 1, b)
    rows = ((sequence * export.frames + start)[:, None] + np.arange(t)).ravel()
    batch = export.take(rows)
    with torch.autocast("cpu", torch.bfloat16):
        logits, targets, soft, depth, dense, dense_parts = stream_forward(model, batch, (b, t), rng, True)
    loss, parts = text_loss(logits, targets, soft, depth, weights)
    return loss + aux * dense, parts | {k: float(v.detach()) for k, v in dense_parts.items()}, b * t


SLOT_NAMES = ["maneuver", "a0", "a1", "a2", "k0", "k1", *L.FACT_NAMES]


def evaluate_stream(model, export, sequences, t=4, batch=16, drop=None):
    """Accuracy over the last frame of each stream (full history), per exit. Facts: earlier facts given, action tokens hidden.

    Maneuver and facts: share of right tokens and majority share. Action coefficients: mean |bin error| (decode with the mean bin).
    """
    model.eval()
    ranges = ([(L.MANEUVER_BASE, 3)] + [(L.A_BASE, L.BINS)] * 3 + [(L.K_BASE, L.BINS)] * 2 + list(zip(L.FACT_OFFSETS, L.FACT_SIZES)))
    right = [[[] for _ in ranges] for _ in range(3)]
    truth = [[] for _ in ranges]
    for i in range(0, len(sequences), batch):
        chosen = sequences[i:i + batch]
        rows = (chosen[:, None] * export.frames + export.frames - t + np.arange(t)).ravel()
        data = export.take(rows)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            logits, targets, _, _, _, _ = stream_forward(model, data, (len(chosen), t), None, False, drop)
        targets = targets[:, -1].numpy()
        for row in range(TEXT):
            if row == 6:
                continue
            for n in range(len(chosen)):
                wanted = targets[n, row]
                if wanted < 0:
                    continue
                slot = row if row < 6 else 6 + next(f for f, (o, s) in enumerate(zip(L.FACT_OFFSETS, L.FACT_SIZES)) if o <= wanted < o + s)
                offset, size = ranges[slot]
                truth[slot].append(wanted - offset)
                for k in range(3):
                    guess = int(logits[k][n, -1, row, offset:offset + size].argmax())
                    right[k][slot].append(abs(guess - (wanted - offset)))
    model.train()
    result = {}
    for slot, name in enumerate(SLOT_NAMES):
        if not truth[slot]:
            continue
        counts = np.bincount(truth[slot])
        if 1 <= slot <= 5:
            spread = np.abs(np.array(truth[slot]) - np.median(truth[slot])).mean()
            result[name] = {"n": len(truth[slot]), "meanBinError": [round(float(np.mean(right[k][slot])), 2) for k in range(3)], "ofMedian": round(float(spread), 2)}
        else:
            entry = {"n": len(truth[slot]), "majority": round(float(counts.max() / counts.sum()), 3),
                     "accuracy": [round(float(np.mean(np.array(right[k][slot]) == 0)), 3) for k in range(3)]}
            if name.endswith("distance"):
                entry["withinOneBin"] = [round(float(np.mean(np.array(right[k][slot]) <= 1)), 3) for k in range(3)]
            result[name] = entry
    return result


# --- the run ------------------------------------------------------------------------------------------------------------------------
PEAK = {1: 1.5e-3, 2: 1.5e-3, 3: 3e-4, 4: 3e-4}
LEAST = {1: 3e-5, 2: 3e-5, 3: 1e-5, 4: 1e-5}


def rate(progress, peak, least):
    """Learning rate after a share of the time: rises over 3 %, then half a cosine from peak to least."""
    warm = 0.03
    if progress < warm:
        return peak * progress / warm
    return least + (peak - least) * 0.5 * (1 + math.cos(math.pi * (progress - warm) / (1 - warm)))


def groups(model, decay):
    plain = [p for n, p in model.named_parameters() if p.ndim < 2 or "place" in n or "grid" in n or "embedding" in n]
    ids = {id(p) for p in plain}
    return [{"params": [p for p in model.parameters() if id(p) not in ids], "weight_decay": decay}, {"params": plain, "weight_decay": 0.0}]


def save(path, model, optimizer, rng, info):
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "rng": rng.bit_generator.state, "info": info}, path + ".part")
    os.replace(path + ".part", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="one export or several, with commas between")
    parser.add_argument("--val", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--stage", type=int, choices=(1, 2, 3, 4), required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--batch", type=int, default=32, help="frames a step")
    parser.add_argument("--lr", type=float, help="highest; default 1.5e-3, from stage 3 on 3e-4")
    parser.add_argument("--last-shares", type=lambda s: [float(v) for v in s.split(",")], default=[],
                        help="shares of the streams from the last exports of --data, with commas between; default: as they lie")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--aux", type=float, default=0.3, help="weight of the dense losses in stage 2")
    parser.add_argument("--eval-minutes", type=float, default=4)
    parser.add_argument("--val-sequences", type=int, default=256)
    parser.add_argument("--max-steps", type=int, default=0)
    args = parser.parse_args()
    args.lr = args.lr or PEAK[args.stage]
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)
    val = Export(args.val)
    export = Exports(args.data.split(","), like=val)
    model = Nano().train()
    model.rays = torch.from_numpy(export.rays)
    optimizer = torch.optim.AdamW(groups(model, 0.05), lr=args.lr, betas=(0.9, 0.98), fused=True)
    rng = np.random.default_rng(args.seed * 1000 + args.stage)
    path = os.path.join(args.out, "checkpoint.pt")
    info = {"seed": args.seed, "stage": args.stage, "seconds": 0.0, "samples": 0, "steps": 0, "stages": {}}
    if os.path.exists(path):
        state = torch.load(path, weights_only=False)
        model.load_state_dict(state["model"])
        old = state["info"]
        if old["stage"] == args.stage:
            optimizer.load_state_dict(state["optimizer"])
            rng.bit_generator.state = state["rng"]
            info = old
        else:
            shutil.copyfile(path, os.path.join(args.out, f"stage{old['stage']}.pt"))
            info["stages"] = old["stages"] | {str(old["stage"]): {k: old[k] for k in ("seconds", "samples", "steps")}}
    weights = fact_weights(export)
    parameters = sum(p.numel() for n, p in model.named_parameters() if not n.startswith("dense."))
    log = open(os.path.join(args.out, "train_log.jsonl"), "a", buffering=1)

    def write(**entry):
        log.write(json.dumps({"stage": args.stage, "seconds": round(info["seconds"], 1), "steps": info["steps"], "samples": info["samples"], **entry}) + "\n")

    write(event="start", parameters=parameters, rows=export.rows, arguments=vars(args))
    val_rows = np.linspace(0, val.rows - 1, min(val.rows, 768)).astype(int)
    val_sequences = np.linspace(0, val.sequences - 1, min(val.sequences, args.val_sequences)).astype(int)

    def evaluate():
        if args.stage == 1:
            write(event="validation", **evaluate_dense(model, val, val_rows))
        else:
            write(event="validation", facts=evaluate_stream(model, val, val_sequences))

    budget = args.minutes * 60
    last, last_save, last_eval, last_log = time.monotonic(), time.monotonic(), time.monotonic(), 0.0
    means = {}
    while info["seconds"] < budget and (not args.max_steps or info["steps"] < args.max_steps):
        lr = rate(info["seconds"] / budget, args.lr, LEAST[args.stage])
        for g in optimizer.param_groups:
            g["lr"] = lr
        if args.stage == 1:
            loss, parts = train_step_dense(model, export, rng, args.batch)
            samples = args.batch
        else:
            loss, parts, samples = train_step_stream(model, export, rng, args.batch, weights, args.aux, args.last_shares)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if torch.isfinite(norm):
            optimizer.step()
        parts["loss"], parts["norm"] = float(loss.detach()), float(norm)
        for k, v in parts.items():
            means[k] = v if k not in means else 0.95 * means[k] + 0.05 * v
        info["steps"] += 1
        info["samples"] += samples
        now = time.monotonic()
        info["seconds"] += now - last
        last = now
        if info["seconds"] - last_log > 15:
            last_log = info["seconds"]
            if not export.finished:
                export.refresh()
            write(rows=export.rows, lr=round(lr, 6), **{k: round(v, 4) for k, v in means.items()})
        if now - last_save > 120:
            save(path, model, optimizer, rng, info)
            last_save = now
        if now - last_eval > args.eval_minutes * 60:
            evaluate()
            last_eval = time.monotonic()
    save(path, model, optimizer, rng, info)
    evaluate()
    write(event="end")


if __name__ == "__main__":
    main()
