"""Checks of the training code on random rows: `python test_training.py` (no data needed, a few seconds)."""
import numpy as np
import torch

import layout as L
import train
from data import fact_targets
from model import Nano
from stream import reference_hidden


def random_batch(rows, rng):
    labels = np.zeros((rows, 13), np.int32)
    labels[:, 0] = rng.integers(0, 3, rows)
    for i, size in enumerate(L.FACT_SIZES):
        labels[:, 2 + i] = rng.integers(0, size, rows)
    for i, (other, allowed) in L.ONLY_IF.items():
        labels[~np.isin(labels[:, 2 + other], allowed), 2 + i] = -1
    return {k: torch.from_numpy(v) for k, v in {
        "images": rng.integers(0, 256, (rows, 2, 128, 224, 3), dtype=np.uint8), "paint": rng.random((rows, 2, 112, 3), np.float32),
        "bev": rng.random((rows, 24, 192), np.float32), "ego": rng.random((rows, 4), np.float32),
        "action": rng.normal(0, 1, (rows, 20)).astype(np.float32) * np.repeat([2, 0.02], 10).astype(np.float32), "labels": labels,
        "dense": rng.integers(0, 6, (rows, 2, 112), dtype=np.uint8), "depth": rng.random((rows, 2, 112), np.float32) * 40,
        "occupancy": rng.integers(0, 2, (rows, 24), dtype=np.uint8)}.items()}


def training_blocks_equal_the_stream():
    """stream_forward (blocks by frame) gives the logits of the token-by-token description that export.py holds ONNX against."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    model, t = Nano().eval(), 4
    model.rays = torch.from_numpy(rng.normal(size=(2, 28, 6)).astype(np.float32))
    batch = random_batch(t, rng)
    with torch.no_grad():
        camera, lidar, ego = train.encode(model, batch, model.rays, None, False)
        sensors = torch.cat([camera.flatten(1, 2), lidar, ego], 1).numpy()
        ids, present, _, _ = train.text_of(batch, (1, t), None, False)
        frames = []
        for f in range(t):
            keep = present[0, f].numpy()
            frames.append((np.arange(81), sensors[f], ids[0, f].numpy()[keep].tolist(), (81 + np.arange(18))[keep].tolist()))
        original = train.blocks_of
        train.blocks_of = lambda valid, depth, hide, history: original(valid, depth, torch.zeros_like(hide), history)
        logits, *_ = train.stream_forward(model, batch, (1, t), None, False)
        train.blocks_of = original
        for f in range(t):
            hidden = reference_hidden(model, frames[:f + 1])
            for k in range(3):
                want = model.decoder.logits(hidden[k], k)[0]
                got = logits[k][0, f][present[0, f]]
                worst = (want - got).abs().max().item()
                assert worst < 2e-3, (f, k, worst)


def targets_follow_the_grammar():
    facts = np.array([[0, 1, 0, -1, -1, -1, 1, 2, 3, 0, 0], [0, 0, 2, 4, 1, -1, 0, -1, -1, 1, 2]])
    ids, after = fact_targets(facts)
    o = L.FACT_OFFSETS
    assert after[0].tolist() == [o[0], o[1] + 1, o[2], o[6] + 1, -1, -1, -1, o[7] + 2, o[8] + 3, o[9], o[10]]
    assert after[1].tolist() == [o[0], o[1], o[2] + 2, o[3] + 4, o[4] + 1, o[6], -1, o[9] + 1, -1, -1, o[10] + 2]
    assert (ids[0, 3:6] == -1).all()


def action_codec_round_trip():
    plan = np.concatenate([np.full((1, 10), -3.0), np.full((1, 10), 0.05)], 1)
    again = L.decode_bins(np.floor(L.encode_actions(plan)))
    assert np.abs(again - plan)[:, :10].max() < 0.4 and np.abs(again - plan)[:, 10:].max() < 0.01, again


def training_step_lowers_the_loss():
    torch.manual_seed(0)
    rng = np.random.default_rng(1)
    model = Nano().train()
    model.rays = torch.zeros(2, 28, 6)
    batch = random_batch(4, rng)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    first = last = None
    for _ in range(6):
        with torch.autocast("cpu", torch.bfloat16):
            logits, targets, soft, depth, dense, _ = train.stream_forward(model, {k: v.clone() for k, v in batch.items()}, (1, 4), rng, True)
        loss, _ = train.text_loss(logits, targets, soft, depth, torch.ones(L.VOCABULARY_SIZE))
        loss = loss + dense
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        last = loss.item()
        first = first or last
    assert last < first, (first, last)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for check in (targets_follow_the_grammar, action_codec_round_trip, training_blocks_equal_the_stream, training_step_lowers_the_loss):
        check()
        print("ok", check.__name__)
