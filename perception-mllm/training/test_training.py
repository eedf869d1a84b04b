"""Checks of the training code on random rows: `python test_training.py` (no data needed, under a minute). With an export, `python test_training.py
DIR`, also that its own motion is what layout.py says."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch

import layout as L
import train
from data import FILES, Export, Exports, Sight, fact_targets
from model import LOOKING_BACK, Gather, Nano, Rotate, rope_tables, widened
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
    with open(os.path.join(directory, "layout.json"), "w") as f:
        json.dump({"layout": 3, "ego": L.EGO_ORDER}, f)
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
    batch, sight, where, pictures = train.look(export, rows, (2, t), None, None)
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
        sight = Sight.drawn(places, rays, 4, rng, rng)
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


def words_are_said_as_often_as_they_are():
    """A head that has learnt frequencies alone, under the weighted loss, answers with the true ones."""
    model, share = Nano(), np.array([0.8, 0.15, 0.05])
    labels = np.zeros((2000, 2 + len(L.FACTS)), np.int32)
    labels[:, 2] = np.repeat([0, 1, 2], (share * 2000).astype(int))
    weights = train.weigh(model, type("Labels", (), {"labels": lambda self: labels})())
    o = L.FACT_OFFSETS[0]
    weighted = share * weights[o:o + 3].numpy()
    learnt = torch.zeros(L.VOCABULARY_SIZE)
    learnt[o:o + 3] = torch.from_numpy(np.log(weighted / weighted.sum()))
    said = (learnt - model.decoder.rarity)[o:o + 3].softmax(-1)
    assert np.abs(said.numpy() - share).max() < 1e-5 and weights[o + 2] > 2 * weights[o], (said, weights[o:o + 3])


def one_key_head_looks_back():
    """Whatever the tokens show: its queries give most of their weight to the same slot one, two and three sets ago."""
    torch.manual_seed(3)
    layer = Nano().decoder.layers[LOOKING_BACK]
    sets, slots = 4, np.arange(0, L.SENSOR_SLOTS, 3)
    positions = torch.tensor([f * L.STRIDE + int(s) + 1 for f in range(sets) for s in slots])
    x = torch.randn(len(positions), L.HIDDEN)
    cos, sin = rope_tables(positions)
    cos, sin = (torch.cat([h, t], -1)[:, None] for h, t in ((cos, cos), (-sin, sin)))
    with torch.no_grad():
        q = Rotate.apply(layer.q(x).view(-1, L.HEADS, L.HEAD_DIM), cos, sin)[-len(slots):]
        k = Rotate.apply(layer.k(x).view(-1, L.KV_HEADS, L.HEAD_DIM), cos, sin)
    for ago, head in ((1, 3), (2, 4), (3, 5)):
        weight = ((q[:, head] @ k[:, 1].T) * L.HEAD_DIM ** -0.5).softmax(-1)
        same = torch.arange(len(slots)) + (sets - 1 - ago) * len(slots)
        found = weight[torch.arange(len(slots)), same]
        assert found.min() > 0.9, (ago, found.min())
    assert (layer.q.bias.view(L.HEADS, -1)[:3] == 0).all() and (layer.k.bias.view(L.KV_HEADS, -1)[0] == 0).all()


def training_step_lowers_the_loss(export):
    torch.manual_seed(0)
    train.SHARE_OF_FRAMES = (0, 0, 1)
    model = Nano().train()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    losses = []
    for _ in range(6):
        loss, parts, n = train.train_step_stream(model, export, np.random.default_rng(4), np.random.default_rng(5), 12, None, torch.ones(L.VOCABULARY_SIZE), 1.0)
        assert n == 12 and "rate" in parts, parts
        optimizer.zero_grad()
        loss.backward()
        assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in model.parameters())
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0], losses


def worker_averages(worker, folder):
    torch.distributed.init_process_group("gloo", "file://" + folder + "/meeting", rank=worker, world_size=2)
    torch.manual_seed(0)
    model = torch.nn.ModuleList([torch.nn.Linear(3, 2), torch.nn.Linear(2, 2)])
    loss = (worker + 1) * model[0].weight.sum()
    if worker:
        loss = loss + 4 * model[1].bias.sum()  # the first worker's streams do not touch it
    loss.backward()
    train.average_gradients(model, 2)
    assert (model[0].weight.grad == 1.5).all() and (model[1].bias.grad == 2).all() and (model[0].bias.grad == 0).all()


def workers_share_their_gradients(folder):
    torch.multiprocessing.spawn(worker_averages, (folder,), 2)


def two_workers_make_one_run(folder):
    """Through the command line: as many steps as asked, twice the frames, one log, one checkpoint that goes on."""
    with open(os.path.join(folder, "log.txt"), "w") as log:
        for most, frames in ((2, 48), (3, 72)):
            words = ["--data", folder + "/export", "--val", folder + "/export", "--out", folder + "/run", "--stage", "1", "--minutes", "5", "--batch", "12"]
            subprocess.run([sys.executable, "train.py", *words, "--workers", "2", "--max-steps", str(most)], check=True, stdout=log, stderr=log)
            info = torch.load(folder + "/run/checkpoint.pt", weights_only=False)["info"]
            assert (info["steps"], info["samples"]) == (most, frames), info
    with open(folder + "/run/train_log.jsonl") as lines:
        events = [json.loads(line).get("event") for line in lines]
    assert events.count("start") == events.count("end") == 2, events


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


def a_wider_model_says_what_it_said_before(directory):
    """A checkpoint of a model with four features, and its optimizer, go on in one with six: bit for bit the same tokens, and then it learns."""
    torch.manual_seed(1)
    narrow = Nano()
    narrow.ego.fc1 = torch.nn.Linear(4, 128)
    ego = torch.randn(40, 1, L.EGO_FEATURES)
    optimizer = torch.optim.AdamW(train.groups(narrow, 0.05), lr=1e-3)
    narrow.ego(ego[..., :4]).square().sum().backward()
    optimizer.step()
    info = {"seed": 1, "stage": 2, "seconds": 60.0, "samples": 1, "steps": 1, "decayed": False, "stages": {}}
    train.save(os.path.join(directory, "checkpoint.pt"), narrow, optimizer, np.random.default_rng(1), info)
    wide = Nano()
    optimizer = torch.optim.AdamW(train.groups(wide, 0.05), lr=1e-3)
    args = argparse.Namespace(out=directory, seed=1, stage=2, warm=None)
    assert train.resume(args, wide, optimizer, np.random.default_rng(2), None, 0)["seconds"] == 60
    with torch.no_grad():
        assert torch.equal(wide.ego(ego), narrow.ego(ego[..., :4]))
        with torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(wide.ego(ego), narrow.ego(ego[..., :4]))
    for name, value in narrow.state_dict().items():
        assert torch.equal(wide.state_dict()[name] if name != "ego.fc1.weight" else wide.ego.fc1.weight[:, :4], value), name
    wide.ego(ego).square().sum().backward()
    optimizer.step()
    assert (wide.ego.fc1.weight[:, 4:] != 0).any(), "the new columns learn"


def exports_with_other_columns_are_refused(directory):
    write_export(directory + "/four", 1, 2, np.random.default_rng(3))
    os.remove(directory + "/four/layout.json")
    try:
        Export(directory + "/four")
    except SystemExit as e:
        assert "found ego.f32 of speed, yawRate, setSpeed, acceleration; wanted" in str(e) and "\n" not in str(e), e
    else:
        raise AssertionError("an export of layout 2 was read")


def odometry_errors_stay_in_range():
    rng = np.random.default_rng(8)
    ego = torch.zeros(3000, L.EGO_FEATURES)
    ego[:1000, 4] = 0.9  # stands
    ego[1000:2000, 4], ego[1000:2000, 5] = 0.5, 0.2  # has stood
    ego[2000:, 5] = 1.0  # no standstill known
    noisy = train.measured(ego, rng)
    assert (noisy[:, 4:] >= 0).all() and (noisy[:, 4:] <= 1).all()
    assert (noisy[:1000, 5] == 0).all() and (noisy[2000:, 4] == 0).all()
    assert 0.02 < noisy[:1000, 4].std() < 0.04 and 0.004 < noisy[1000:2000, 5].std() < 0.008
    assert torch.equal(noisy[:, 2], ego[:, 2])


def an_older_model_learns_to_look_back():
    """A checkpoint without biases, rarity and ways: only the key head that looks back differs; the rest is kept, and fits."""
    torch.manual_seed(2)
    model = Nano()
    old = {n: w for n, w in model.state_dict().items() if not n.endswith(("q.bias", "k.bias", "rarity")) and ".way" not in n}
    old["decoder.layers.1.k.weight"] = torch.randn(64, 192)
    new = widened({"model": old, "optimizer": {"state": 1}})
    assert new["optimizer"] is None and widened(new) is new
    changed = [n for n, w in old.items() if not torch.equal(w, new["model"][n])]
    assert changed == ["decoder.layers.1.k.weight"], changed  # its queries were those of a new model already
    assert torch.equal(old["decoder.layers.1.k.weight"][:32], new["model"]["decoder.layers.1.k.weight"][:32])
    Nano().load_state_dict(new["model"])


def standstill(times, speeds, stood, driven):
    """What layout.py says of `stood` and `driven`, from speeds at instants; begins with what the first row says. [n], [n]"""
    rest, rows = 0.15, [(stood, driven)]
    for dt, v, w in zip(np.diff(times), speeds, speeds[1:]):
        share = np.clip((rest - v) / (w - v), 0, 1) if v != w else 1.0  # of the step until the speed passes the limit, if it does
        parts = [(v, v + share * (w - v), share * dt), (v + share * (w - v), w, (1 - share) * dt)]
        for a, b, seconds in parts:
            if (a + b) / 2 < rest:
                stood, driven = (stood if driven < 1 else 0.0) + seconds, 0.0
            elif seconds:
                driven += (a + b) / 2 * seconds
        stood, driven = (0.0, 20.0) if driven >= 20 else (stood, driven)
        rows.append((stood, driven))
    return np.array(rows)


def an_export_counts_standstills_as_described(directory):
    """Both languages: the columns that Java wrote follow from the speeds that it wrote."""
    export, checked = Export(directory), 0
    ego = np.asarray(export.arrays["ego"], np.float64).reshape(export.sequences, export.frames, -1) * L.EGO_SCALE
    for rows in ego:
        want = standstill(np.arange(export.frames) * train.FRAME_S, rows[:, 0], *rows[0, 4:])
        far = np.abs(np.minimum(want, (3, 20)) - rows[:, 4:])
        # Between two frames the vehicle may brake harder and softer again: 0.1 s, and the way of that.
        assert (far[:, 0] < 0.1).all() and (far[:, 1] < 0.1).all() or (want[:, 1] > 19.9).any(), (rows, want)
        checked += (rows[:, 4:] != (0, 20)).any()
    assert checked, "no sequence knows of a standstill"
    print(f"   {checked} of {export.sequences} sequences know of a standstill")


if __name__ == "__main__":
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        an_export_counts_standstills_as_described(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        write_export(folder + "/export", 4, 6, np.random.default_rng(0))
        random_export = Export(folder + "/export")
        for check, *given in ((targets_follow_the_grammar,), (action_codec_round_trip,), (gather_has_the_gradient_of_indexing,),
                              (budget_is_kept_and_empty_places_stay_empty, random_export), (unfinished_exports_are_read_from_their_start, folder),
                              (exports_with_other_columns_are_refused, folder), (a_wider_model_says_what_it_said_before, folder),
                              (odometry_errors_stay_in_range,), (one_key_head_looks_back,), (words_are_said_as_often_as_they_are,), (an_older_model_learns_to_look_back,),
                              (workers_share_their_gradients, folder), (two_workers_make_one_run, folder),
                              (training_rows_equal_the_stream, random_export), (training_step_lowers_the_loss, Exports([folder + "/export"]))):
            check(*given)
            print("ok", check.__name__)
