"""The run-time stream in Python: ONNX graphs, one shared KV buffer a layer, a window of four sets by hole filling, sink re-rotated.

It is the executable description of what the Java runtime does, and the oracle of export.py's parity check.
"""
import os

import numpy as np
import onnxruntime as ort
import torch

import layout as L
from model import rope_tables


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def rotate_keys(rows, delta):
    """rows [heads, n, 32] keys in place by `delta` positions (half-split rotary)."""
    half = L.HEAD_DIM // 2
    angle = np.float32(delta) * np.array([L.ROPE_THETA ** (-2 * i / L.HEAD_DIM) for i in range(half)], np.float32)
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = rows[..., :half].copy(), rows[..., half:].copy()
    rows[..., :half] = a * cos - b * sin
    rows[..., half:] = b * cos + a * sin


class Stream:
    """Row 0 is the sink. `rows[r]` is the set index of the token in KV row r (-1 for the sink)."""

    def __init__(self, directory, evict_seed=None, int8=False):
        names = ["encoder_camera", "encoder_lidar", "encoder_ego", "embed"] + [f"{k}_{i}" for i in range(3) for k in ("decoder", "head")]
        self.sessions = {n: session(os.path.join(directory, n + ".onnx")) for n in names}
        if int8:
            self.sessions["encoder_camera"] = session(os.path.join(directory, "encoder_camera.int8.onnx"))
        self.ego_features = self.sessions["encoder_ego"].get_inputs()[0].shape[1]  # an older package knows the first ones alone
        shape = (1, L.KV_HEADS, L.KV_CAPACITY, L.HEAD_DIM)
        self.kv = [[np.zeros(shape, np.float32) for _ in range(2)] for _ in range(L.LAYERS)]
        self.values = [[ort.OrtValue.ortvalue_from_numpy(a) for a in pair] for pair in self.kv]
        self.rng = None if evict_seed is None else np.random.default_rng(evict_seed)
        self.reset()

    def reset(self):
        self.rows, self.frame, self.sink_position = [], 0, 0
        self._decode(self.embed([L.SINK]), [0], 3)
        self.rows = [-1]

    def encode(self, patches, paint, rays, bev, ego, places=(1,) * L.CAMERAS):
        """Sensor tokens [205,192] of one set in slot order; those of an empty place are zeros and must not be kept."""
        camera = [self.sessions["encoder_camera"].run(None, {"patches": patches[c][None], "paint": paint[c][None], "rays": rays[c][None]})[0][0]
                  if places[c] else np.zeros((L.TOKENS_PER_CAMERA, L.HIDDEN), np.float32) for c in range(L.CAMERAS)]
        lidar = self.sessions["encoder_lidar"].run(None, {"bev": bev[None]})[0][0]
        return np.concatenate([*camera, lidar, self.sessions["encoder_ego"].run(None, {"ego": ego[None, :self.ego_features]})[0][0]])

    def embed(self, ids):
        return self.sessions["embed"].run(None, {"input_ids": np.array([ids], np.int64)})[0]

    def _decode(self, hidden, positions, slices):
        """Appends rows to the KV of the first `slices` slices; returns the hidden state after each."""
        total = len(self.rows) + len(positions)
        assert total <= L.KV_CAPACITY, total
        result, layer = [], 0
        for k in range(slices):
            binding = self.sessions[f"decoder_{k}"].io_binding()
            binding.bind_cpu_input("hidden", np.ascontiguousarray(hidden, np.float32))
            binding.bind_cpu_input("seqlens_k", np.array([total - 1], np.int32))
            binding.bind_cpu_input("total_sequence_length", np.array(total, np.int32))
            binding.bind_cpu_input("position_ids", np.array([positions], np.int64))
            binding.bind_output("hidden_out")
            for i in range(layer, layer + L.LAYERS_PER_SLICE[k]):
                for value, kind in zip(self.values[i], ("key", "value")):
                    binding.bind_ortvalue_input(f"past_key_values.{i}.{kind}", value)
                    binding.bind_ortvalue_output(f"present.{i}.{kind}", value)
            layer += L.LAYERS_PER_SLICE[k]
            self.sessions[f"decoder_{k}"].run_with_iobinding(binding)
            hidden = binding.get_outputs()[0].numpy()
            result.append(hidden)
        return result

    def _array(self, layer, kind):
        return self.values[layer][kind].numpy()

    def evict(self):
        """Before set `frame`: drop sets older than the window, fill their holes with the newest rows, re-rotate the sink."""
        oldest = self.frame - L.WINDOW + 1
        gone = [r for r, owner in enumerate(self.rows) if 0 <= owner < oldest]
        kept = [r for r, owner in enumerate(self.rows) if owner >= oldest]
        if gone:
            count = 1 + len(kept)
            holes = [r for r in gone if r < count]
            movers = [r for r in kept if r >= count]
            if self.rng is not None:
                self.rng.shuffle(movers)
            for i in range(L.LAYERS):
                for kind in range(2):
                    a = self._array(i, kind)
                    a[0][:, holes] = a[0][:, movers]
                    self._store(i, kind, a)
            for hole, mover in zip(holes, movers):
                self.rows[hole] = self.rows[mover]
            del self.rows[count:]
        sink = max(0, oldest) * L.STRIDE
        if sink != self.sink_position:
            for i in range(L.LAYERS):
                a = self._array(i, 0)
                rotate_keys(a[0][:, :1], sink - self.sink_position)
                self._store(i, 0, a)
            self.sink_position = sink

    def _store(self, layer, kind, array):
        self.values[layer][kind].update_inplace(np.ascontiguousarray(array))

    def prefill(self, tokens, slots, slices=3):
        """Opens a set: evicts, then appends its sensor tokens."""
        self.evict()
        self._decode(tokens[None], [self.frame * L.STRIDE + int(s) + 1 for s in slots], slices)
        self.rows += [self.frame] * len(slots)
        self.sensor_rows = len(self.rows)

    def step(self, token, slot, slices=3):
        """One text token through the first `slices` slices -> logits [slices,512] at their exits."""
        hidden = self._decode(self.embed([token]), [self.frame * L.STRIDE + slot + 1], slices)
        self.rows.append(self.frame)
        return np.stack([self.sessions[f"head_{k}"].run(None, {"hidden": h})[0][0, 0] for k, h in enumerate(hidden)])

    def speak(self, exit_index):
        """Greedy text of the open set under the grammar, leaving at one exit -> chosen value index a slot name (None: not spoken).

        Text rows are rolled back, so a set can be spoken again at another exit.
        """
        chosen, slices = {}, exit_index + 1
        token, slot = L.ACT, L.SLOT_ACT
        ranges = [(L.MANEUVER_BASE, 3)] + [(L.A_BASE, L.BINS)] * 3 + [(L.K_BASE, L.BINS)] * 2
        for i, (offset, size) in enumerate(ranges):
            logits = self.step(token, slot, slices)[-1]
            value = int(logits[offset:offset + size].argmax())
            chosen[("maneuver", "a0", "a1", "a2", "k0", "k1")[i]] = value
            token, slot = offset + value, L.SLOT_ACTION + i
        self.step(token, slot, slices)
        token, slot = L.SAY, L.SLOT_SAY
        facts = []
        for i, (offset, size) in enumerate(zip(L.FACT_OFFSETS, L.FACT_SIZES)):
            other = L.ONLY_IF.get(i)
            if other and facts[other[0]] not in other[1]:
                facts.append(None)
                continue
            logits = self.step(token, slot, slices)[-1]
            facts.append(int(logits[offset:offset + size].argmax()))
            token, slot = offset + facts[-1], L.SLOT_FACT + i
        chosen |= dict(zip(L.FACT_NAMES, facts))
        del self.rows[self.sensor_rows:]
        return chosen

    def close(self):
        """Ends a set: text rows are rolled back."""
        del self.rows[self.sensor_rows:]
        self.frame += 1

    def run_set(self, tokens, keep, ids, slots):
        """Sensor tokens at slots `keep`, then the given text -> logits [3, len(ids), 512]."""
        self.prefill(tokens, keep)
        logits = np.stack([self.step(i, s) for i, s in zip(ids, slots)], 1)
        self.close()
        return logits


def reference_hidden(model, frames, sink_moves=True):
    """PyTorch: all frames at once with the window mask; hidden states [1, text of the last frame, 192] after each slice.

    The sink's key is re-rotated at run time when sets leave the window: here the same is had by giving the last set's queries a sink
    whose position is the oldest visible frame times the stride, frame by frame (one sink copy a frame). sink_moves False: it stays at 0, as in training.
    """
    count = len(frames)
    parts, positions, owner, text = [], [], [], []
    for t in range(count):  # sink copy seen by frame t alone
        parts.append(model.decoder.embed(torch.tensor([L.SINK])))
        positions.append(max(0, t - L.WINDOW + 1) * L.STRIDE if sink_moves else 0)
        owner.append(t)
        text.append(2)
    for t, (keep, tokens, ids, slots) in enumerate(frames):
        parts += [torch.from_numpy(tokens), model.decoder.embed(torch.tensor(ids))]
        positions += [t * L.STRIDE + int(s) + 1 for s in [*keep, *slots]]
        owner += [t] * (len(keep) + len(ids))
        text += [0] * len(keep) + [1] * len(ids)
    owner, text = np.array(owner), np.array(text)
    n = len(owner)
    query, key = np.arange(n)[:, None], np.arange(n)[None]
    same = owner[:, None] == owner[None]
    sensor_key = (text[None] == 0) & (owner[None] < owner[:, None]) & (owner[None] > owner[:, None] - L.WINDOW)
    mask = ((same & (key <= query)) | sensor_key) & (text[:, None] != 2)
    mask |= np.eye(n, dtype=bool)
    bias = torch.zeros(1, 1, 1, n, n).masked_fill_(~torch.from_numpy(mask), -1e4)
    hidden = model.decoder(torch.cat(parts)[None], torch.tensor(positions), [[(0, n, [(0, n)], bias)]] * 3)
    last = len(frames[-1][2])
    return [h[:, -last:] for h in hidden]
