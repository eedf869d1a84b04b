"""Checks of the training code on random rows: `python test_training.py` (no data needed, under a minute)."""
import json
import os
import tempfile

import numpy as np
import torch

import layout as L
import train
from data import FILES, Export, Exports, Sight, fact_targets
from model import Gather, Nano
from stream import reference_hidden


def write_export(directory, sequences, frames, rng, meta=True):
    """An export of random numbers; every second rig has four cameras only."""
    labels = np.zeros((sequences * frames, 2 + len(L.FACTS)), np.int32)
    labels[:, 0] = rng.integers(0, 3, len(labels))
    for i, size in enumerate(L.FACT_SIZES):
        labels[:, 2 + i] = rng.integers(0, size, len(labels))
    for i, (other, allowed) in L.ONLY_IF.items():
        labels[~np.isin(labels[:, 2 + other], allowed), 2 + i] = -1
    os.makedirs(directory, exist_ok=True)
    for name, (kind, shape, per) in FILES.items():
        count = sequences * frames if per == "row" else sequences
        if name == "labels.i32":
            data = labels
        elif name == "places.u8":
            data = np.ones((count, 6), np.uint8)
            data[1::2, 4:] = 0
        elif kind == np.uint8:
            data = rng.integers(0, {"images.u8": 256, "dense.u8": len(L.DENSE_CLASSES)}.get(name, 2), (count, *shape), dtype=np.uint8)
        elif name == "action.f32":
            data = rng.normal(0, 1, (count, *shape)) * np.repeat([2, 0.02], 10)
        else:
            data = rng.random((count, *shape)) * (40 if name == "depth.f32" else 1)
        data.astype(kind).tofile(os.path.join(directory, name))
    if meta:
        with open(os.path.join(directory, "meta.json"), "w") as f:
            json.dump({"frames": frames, "sequences": sequences, "seed": 0}, f)


def training_rows_equal_the_stream(export):
    """stream_forward (blocks by frame, padding, dropped tokens) gives the logits of the token-by-token description that ONNX is held against."""
    torch.manual_seed(0)
    model, t = Nano().eval(), 6
    chosen = np.array([0, 1])
    rows = (chosen[:, None] * export.frames + np.arange(t)).ravel()
    batch, sight, where, pictures = train.look(export, rows, (2, t), None)
    rng = np.random.default_rng(3)
    sight.camera[0, 2:, 1], sight.lidar[1, 1] = False, False
    sight.budget, sight.mode, sight.lidar_mode = np.array([40, 60]), ["random", "variance"], np.array([0, 2])
    where = sight.images()
    pictures = export.pictures(rows.reshape(2, t)[where[0], where[1]], where[2])
    kept = sight.kept(where, pictures["images"], batch["bev"], rng)
    sight.kept = lambda *_: kept
    with torch.no_grad():
        original = train.Rows.blocks
        train.Rows.blocks = lambda self, present, depth, hide, history: original(self, present, depth, torch.zeros_like(hide), history)
        logits, *_ = train.stream_forward(model, (batch, sight, where, pictures), (2, t), rng, False)
        train.Rows.blocks = original
        ids, present, _, _ = train.text_of(batch, (2, t), None, False)
        camera, lidar, ego = train.encode(model, batch, pictures, where, torch.from_numpy(sight.lidar))
        for b in range(2):
            frames = []
            for f in range(t):
                tokens = torch.zeros(L.SENSOR_SLOTS, L.HIDDEN)
                for n in np.flatnonzero((where[0] == b) & (where[1] == f)):
                    tokens[28 * where[2][n]:28 * where[2][n] + 28] = camera[n]
                tokens[L.SLOT_LIDAR:L.SLOT_EGO], tokens[L.SLOT_EGO] = lidar[b * t + f], ego[b * t + f, 0]
                keep, said = np.flatnonzero(kept[b, f]), present[b, f].numpy()
                frames.append((keep, tokens[keep].numpy(), ids[b, f].numpy()[said].tolist(), train.TEXT_SLOTS.numpy()[said].tolist()))
            for f in range(t):
                hidden = reference_hidden(model, frames[:f + 1], sink_moves=False)
                for k in range(3):
                    want = model.decoder.logits(hidden[k], k)[0]
                    worst = (want - logits[k][b, f][present[b, f]]).abs().max().item()
                    assert worst < 2e-3, (b, f, k, worst)


def budget_is_kept_and_empty_places_stay_empty(export):
    rng = np.random.default_rng(5)
    batch = export.take(np.arange(2 * 4))
    places, rays = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 0, 1, 0, 0, 0]], dtype=torch.uint8), torch.zeros(2, 6, 28, 6)
    for _ in range(40):
        sight = Sight.drawn(places, rays, 4, rng)
        where = sight.images()
        kept = sight.kept(where, torch.randint(0, 256, (len(where[0]), L.IMAGE_H, L.IMAGE_W, 3), dtype=torch.uint8), batch["bev"], rng)
        tokens = kept[..., :168].reshape(2, 4, 6, 28)
        assert not tokens[1][:, [1, 3, 4, 5]].any() and not tokens.any(-1)[~sight.camera].any()
        if sight.budget is not None:
            seen = sight.camera.sum(-1) * 28
            assert (tokens.sum((2, 3)) == np.minimum(seen, sight.budget[:, None])).all()


def gather_has_the_gradient_of_indexing():
    pool, index = torch.randn(7, 3, requires_grad=True), torch.tensor([[4, -1, 0], [2, 6, -1]])
    weight = torch.randn(2, 3, 3)
    (Gather.apply(pool, index) * weight).sum().backward()
    got, pool.grad = pool.grad, None
    (torch.where(index[..., None] >= 0, pool[index.clamp(min=0)], 0.0) * weight).sum().backward()
    assert torch.allclose(got, pool.grad)


def targets_follow_the_grammar():
    facts = np.array([[0, 1, 0, 0, -1, -1, -1, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 5, 4, -1, -1, 0, -1, -1, -1, 1, 0, 0, 0, 0, 0, 2]])
    ids, after = fact_targets(facts)
    o = L.FACT_OFFSETS
    assert after[0].tolist()[:9] == [o[0], o[1] + 1, o[2], o[3], o[7] + 1, -1, -1, -1, o[8] + 2]
    assert after[1].tolist()[3:13] == [o[3] + 5, o[4] + 4, o[7], -1, -1, o[11] + 1, -1, -1, -1, o[12]]
    assert after[1][-1] == o[17] + 2 and (ids[0, 4:7] == -1).all()


def action_codec_round_trip():
    plan = np.concatenate([np.full((1, 10), -3.0), np.full((1, 10), 0.05)], 1)
    again = L.decode_bins(np.floor(L.encode_actions(plan)))
    assert np.abs(again - plan)[:, :10].max() < 0.4 and np.abs(again - plan)[:, 10:].max() < 0.01, again


def training_step_lowers_the_loss(export):
    torch.manual_seed(0)
    train.SHARE_OF_FRAMES = (0, 0, 1)
    model = Nano().train()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    losses = []
    for _ in range(6):
        loss, parts, n = train.train_step_stream(model, export, np.random.default_rng(4), 12, None, torch.ones(L.VOCABULARY_SIZE), 1.0)
        assert n == 12 and "rate" in parts, parts
        optimizer.zero_grad()
        loss.backward()
        assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in model.parameters())
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0], losses


def unfinished_exports_are_read_from_their_start(directory):
    rng = np.random.default_rng(2)
    write_export(directory + "/a.part", 2, 6, rng, meta=False)
    write_export(directory + "/b", 3, 6, rng)
    both = Exports([directory + "/a", directory + "/b"])
    assert both.rows == 30 and not both.finished
    rows = np.array([29, 0, 12, 11])
    part = both.take(rows)
    assert torch.equal(part["bev"][0], torch.from_numpy(both.parts[1].arrays["bev"][17].copy()))
    assert torch.equal(part["bev"][3], torch.from_numpy(both.parts[0].arrays["bev"][11].copy()))
    shot = both.pictures(rows, np.array([0, 5, 2, 3]))
    assert torch.equal(shot["images"][2], torch.from_numpy(both.parts[1].arrays["images"][0, 2].copy()))


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        write_export(folder + "/export", 4, 6, np.random.default_rng(0))
        random_export = Export(folder + "/export")
        for check, *given in ((targets_follow_the_grammar,), (action_codec_round_trip,), (gather_has_the_gradient_of_indexing,),
                              (budget_is_kept_and_empty_places_stay_empty, random_export), (unfinished_exports_are_read_from_their_start, folder),
                              (training_rows_equal_the_stream, random_export), (training_step_lowers_the_loss, Exports([folder + "/export"]))):
            check(*given)
            print("ok", check.__name__)
