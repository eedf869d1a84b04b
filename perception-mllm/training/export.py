"""Writes a model package (ONNX graphs + saccade-model.json) and proves it equal to PyTorch on a stream with a sliding window.

    python export.py --checkpoint RUN/checkpoint.pt --out DIR                       (without --checkpoint: random weights, seed 0; with
                                                                                    --warm: those of layout v1 where they fit)
    python eval.py --package DIR --val VAL --out figures.json
    python export.py --checkpoint RUN/checkpoint.pt --figures figures.json --out DIR   (the same weights, now with what each exit may decide)

Graphs are put together by hand with onnx.helper, so that the decoder uses com.microsoft GroupQueryAttention with a shared KV buffer.
BatchNorm is folded into the convolutions.
"""
import argparse
import hashlib
import json
import math
import os

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper

import layout as L
from model import CAMERA_DIM, PAINT_WAVES_M, Nano, patchify, widened
from stream import Stream, reference_hidden
from warm import warm_start

TOLERANCE = 1e-3


class Graph:
    """One ONNX graph under construction; every method adds a node and returns the name of its result."""

    def __init__(self, name):
        self.name, self.nodes, self.weights, self.inputs, self.outputs, self.count = name, [], {}, [], [], 0

    def input(self, name, shape, kind=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name, shape, kind=TensorProto.FLOAT):
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def weight(self, array, name=None):
        array = array.detach().numpy() if isinstance(array, torch.Tensor) else np.asarray(array)
        name = name or f"w{len(self.weights)}"
        self.weights[name] = numpy_helper.from_array(np.array(array, order="C"), name)
        return name

    def op(self, kind, inputs, out=None, domain="", **attributes):
        self.count += 1
        outs = out if isinstance(out, list) else [out or f"t{self.count}"]
        self.nodes.append(helper.make_node(kind, inputs, outs, name=f"{kind}{self.count}", domain=domain, **attributes))
        return outs if isinstance(out, list) else outs[0]

    def linear(self, x, layer, out=None):
        y = self.op("MatMul", [x, self.weight(layer.weight.T)], None if layer.bias is not None else out)
        return y if layer.bias is None else self.op("Add", [y, self.weight(layer.bias)], out)

    def norm(self, x, layer, out=None):
        return self.op("SimplifiedLayerNormalization", [x, self.weight(layer.weight)], out, axis=-1, epsilon=L.NORM_EPS, stash_type=1)

    def conv(self, x, block):
        """Convolution with BatchNorm folded in, then ReLU."""
        scale = block.bn.weight / torch.sqrt(block.bn.running_var + block.bn.eps)
        w = block.conv.weight * scale[:, None, None, None]
        b = block.bn.bias - block.bn.running_mean * scale
        pad, stride = block.conv.padding[0], block.conv.stride[0]
        y = self.op("Conv", [x, self.weight(w), self.weight(b)], kernel_shape=list(w.shape[2:]), pads=[pad] * 4, strides=[stride] * 2)
        return self.op("Relu", [y])

    def reshape(self, x, shape):
        return self.op("Reshape", [x, self.weight(np.array(shape, np.int64))])

    def transpose(self, x, perm, out=None):
        return self.op("Transpose", [x], out, perm=perm)

    def slice(self, x, axis, start, end):
        one = [self.weight(np.array([v], np.int64)) for v in (start, end, axis)]
        return self.op("Slice", [x, *one])

    def save(self, path):
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, list(self.weights.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)],
                                  producer_name="saccade-training")
        model.ir_version = 9
        onnx.save(model, path)


def encoder_camera(m):
    g, c = Graph("encoder_camera"), CAMERA_DIM
    patches, paint, rays = g.input("patches", [1, 1792, 48]), g.input("paint", [1, 112, 3]), g.input("rays", [1, 28, 6])
    # Stem as a linear map on patches, BatchNorm folded.
    s = m.stem
    scale = s.bn.weight / torch.sqrt(s.bn.running_var + s.bn.eps)
    x = g.op("MatMul", [patches, g.weight((s.conv.weight[:, :, 0, 0] * scale[:, None]).T)])
    x = g.op("Relu", [g.op("Add", [x, g.weight(s.bn.bias - s.bn.running_mean * scale)])])
    x = g.transpose(g.reshape(x, [1, L.PATCH_ROWS, L.PATCH_COLS, 48]), [0, 3, 1, 2])
    x = g.conv(g.conv(x, m.down1), m.down2)
    x = g.op("Add", [x, g.conv(x, m.res1)])
    x = g.op("Add", [x, g.conv(x, m.res2)])
    extent = g.op("Sub", [g.slice(g.slice(rays, 2, 0, 3), 1, 27, 28), g.slice(g.slice(rays, 2, 0, 3), 1, 0, 1)])
    extent = g.op("Expand", [extent, g.weight(np.array([1, 28, 3], np.int64))])
    ray = g.op("Concat", [rays, extent], axis=2)
    ray_grid = g.reshape(ray, [1, L.TOKEN_ROWS, 1, L.TOKEN_COLS, 1, 9])
    ray_grid = g.op("Expand", [ray_grid, g.weight(np.array([1, L.TOKEN_ROWS, 2, L.TOKEN_COLS, 2, 9], np.int64))])
    ray_grid = g.reshape(ray_grid, [1, 112, 9])
    waves = (np.float32(40.0 * 2 * math.pi) / np.array(PAINT_WAVES_M, np.float32)).astype(np.float32)
    phase = g.op("Mul", [g.slice(paint, 2, 0, 1), g.weight(waves)])
    extra = g.op("Concat", [paint, g.op("Sin", [phase]), g.op("Cos", [phase]), ray_grid], axis=2)
    extra = g.reshape(g.transpose(extra, [0, 2, 1]), [1, -1, L.GRID_ROWS, L.GRID_COLS])
    x = g.conv(g.op("Concat", [x, extra], axis=1), m.join)
    x = g.op("Add", [g.transpose(g.reshape(x, [1, c, 112]), [0, 2, 1]), g.weight(m.grid)])
    qkv = g.transpose(g.reshape(g.linear(g.norm(x, m.norm1), m.qkv), [1, 112, 3, 4, c // 4]), [2, 0, 3, 1, 4])
    q, k, v = (g.reshape(g.slice(qkv, 0, i, i + 1), [1, 4, 112, c // 4]) for i in range(3))
    score = g.op("MatMul", [q, g.transpose(k, [0, 1, 3, 2])])
    score = g.op("Softmax", [g.op("Mul", [score, g.weight(np.float32(1 / math.sqrt(c // 4)))])], axis=-1)
    y = g.reshape(g.transpose(g.op("MatMul", [score, v]), [0, 2, 1, 3]), [1, 112, c])
    x = g.op("Add", [x, g.linear(y, m.out)])
    x = g.op("Add", [x, g.linear(g.op("Relu", [g.linear(g.norm(x, m.norm2), m.up)]), m.down)])
    x = g.transpose(g.reshape(x, [1, L.TOKEN_ROWS, 2, L.TOKEN_COLS, 2, c]), [0, 1, 3, 2, 4, 5])
    x = g.linear(g.reshape(x, [1, 28, 4 * c]), m.merge)
    g.op("Add", [x, g.linear(g.op("Relu", [g.linear(ray, m.ray1)]), m.ray2)], "tokens")
    g.output("tokens", [1, 28, L.HIDDEN])
    return g


def encoder_lidar(m):
    g = Graph("encoder_lidar")
    bev = g.input("bev", [1, L.BEV_TOKENS, L.BEV_FEATURES])
    x = g.op("Add", [g.linear(g.op("Relu", [g.linear(bev, m.fc1)]), m.fc2), g.weight(m.place)])
    g.op("Add", [x, g.linear(g.op("Relu", [g.linear(g.norm(x, m.norm), m.fc3)]), m.fc4)], "tokens")
    g.output("tokens", [1, L.BEV_TOKENS, L.HIDDEN])
    return g


def encoder_ego(m):
    g = Graph("encoder_ego")
    x = g.reshape(g.input("ego", [1, L.EGO_FEATURES]), [1, 1, L.EGO_FEATURES])
    g.linear(g.op("Relu", [g.linear(x, m.fc1)]), m.fc2, "tokens")
    g.output("tokens", [1, 1, L.HIDDEN])
    return g


def embed(decoder):
    g = Graph("embed")
    table = g.weight(decoder.embedding * math.sqrt(L.HIDDEN))
    g.op("Gather", [table, g.input("input_ids", [1, "S"], TensorProto.INT64)], "embeds", axis=0)
    g.output("embeds", [1, "S", L.HIDDEN])
    return g


def decoder_slice(decoder, index):
    g = Graph(f"decoder_{index}")
    first = sum(L.LAYERS_PER_SLICE[:index])
    x = g.input("hidden", [1, "S", L.HIDDEN])
    seqlens = g.input("seqlens_k", [1], TensorProto.INT32)
    total = g.input("total_sequence_length", [], TensorProto.INT32)
    positions = g.input("position_ids", [1, "S"], TensorProto.INT64)
    # The rotary tables are computed in the graph from 16 numbers: ORT folds them into constants when the session opens.
    inverse = np.array([[L.ROPE_THETA ** (-2 * i / L.HEAD_DIM) for i in range(L.HEAD_DIM // 2)]], np.float32)
    steps = g.op("Range", [g.weight(np.float32(0)), g.weight(np.float32(L.MAX_POSITION)), g.weight(np.float32(1))])
    angle = g.op("MatMul", [g.reshape(steps, [L.MAX_POSITION, 1]), g.weight(inverse)])
    cos, sin = g.op("Cos", [angle]), g.op("Sin", [angle])
    kv_shape = [1, L.KV_HEADS, L.KV_CAPACITY, L.HEAD_DIM]
    for i in range(first, first + L.LAYERS_PER_SLICE[index]):
        layer = decoder.layers[i]
        past = [g.input(f"past_key_values.{i}.{p}", kv_shape) for p in ("key", "value")]
        h = g.norm(x, layer.norm1)
        q, k, v = g.linear(h, layer.q), g.linear(h, layer.k), g.linear(h, layer.v)
        present = [f"present.{i}.key", f"present.{i}.value"]
        y, _, _ = g.op("GroupQueryAttention", [q, k, v, *past, seqlens, total, cos, sin, positions], [f"attention{i}", *present],
                       domain="com.microsoft", num_heads=L.HEADS, kv_num_heads=L.KV_HEADS, do_rotary=1, rotary_interleaved=0)
        for name in present:
            g.output(name, kv_shape)
        x = g.op("Add", [x, g.linear(y, layer.o)])
        h = g.norm(x, layer.norm2)
        gate = g.linear(h, layer.gate)
        gate = g.op("Mul", [gate, g.op("Sigmoid", [gate])])
        last = i == first + L.LAYERS_PER_SLICE[index] - 1
        x = g.op("Add", [x, g.linear(g.op("Mul", [gate, g.linear(h, layer.up)]), layer.down)], "hidden_out" if last else None)
    g.outputs.insert(0, helper.make_tensor_value_info("hidden_out", TensorProto.FLOAT, [1, "S", L.HIDDEN]))
    return g


def head(decoder, index):
    g = Graph(f"head_{index}")
    h = g.norm(g.input("hidden", [1, 1, L.HIDDEN]), decoder.exits[index])
    g.op("Sub", [g.op("MatMul", [h, g.weight(decoder.embedding.T)]), g.weight(decoder.rarity)], "logits")
    g.output("logits", [1, 1, L.VOCABULARY_SIZE])
    return g


def write_graphs(model, out):
    os.makedirs(out, exist_ok=True)
    graphs = {"encoder_camera": encoder_camera(model.camera), "encoder_lidar": encoder_lidar(model.lidar),
              "encoder_ego": encoder_ego(model.ego), "embed": embed(model.decoder)}
    for i in range(3):
        graphs[f"decoder_{i}"] = decoder_slice(model.decoder, i)
        graphs[f"head_{i}"] = head(model.decoder, i)
    for name, graph in graphs.items():
        graph.save(os.path.join(out, f"{name}.onnx"))
    return [f"{name}.onnx" for name in graphs]


def write_manifest(out, files, version, trained, exits):
    def sha256(name):
        with open(os.path.join(out, name), "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()

    manifest = {
        "format": 1, "name": "saccade-nano", "version": version, "kind": "saccade-nano", "license": "Apache-2.0",
        "hidden": L.HIDDEN, "layersPerSlice": list(L.LAYERS_PER_SLICE), "heads": L.HEADS, "kvHeads": L.KV_HEADS, "headDim": L.HEAD_DIM,
        "kvCapacity": L.KV_CAPACITY, "ropeTheta": L.ROPE_THETA, "maxPosition": L.MAX_POSITION,
        "positionRule": {"stride": L.STRIDE, "sink": 1, "offset": 1},
        "window": {"sets": L.WINDOW, "sinkMaxSets": L.WINDOW + 1},
        "cameras": {"count": L.CAMERAS, "width": L.IMAGE_W, "height": L.IMAGE_H, "patchPx": L.PATCH_PX, "tokenRows": L.TOKEN_ROWS,
                    "tokenCols": L.TOKEN_COLS, "mean": [L.PIXEL_MEAN] * 3, "std": [L.PIXEL_STD] * 3,
                    "paint": {"rows": L.GRID_ROWS, "cols": L.GRID_COLS, "rangeScaleM": 40, "minZM": 0.5, "maxZM": 60, "minHeightM": 0.25}},
        "lidar": {"tokens": L.BEV_TOKENS, "tokensX": L.BEV_X, "tokensY": L.BEV_Y, "cellsX": 8, "cellsY": 6, "cellM": 1.0,
                  "xMinM": L.BEV_X_MIN_M, "yMinM": L.BEV_Y_MIN_M, "zMinM": 0.25, "zMaxM": 3.0, "features": 4, "egoBoxM": [-1.2, 3.9, -1.1, 1.1]},
        "ego": {"scale": list(L.EGO_SCALE), "order": list(L.EGO_ORDER)},
        "slots": {"camera": list(L.SLOT_CAMERA), "tokensPerCamera": L.TOKENS_PER_CAMERA, "lidar": L.SLOT_LIDAR, "ego": L.SLOT_EGO, "act": L.SLOT_ACT,
                  "action": L.SLOT_ACTION, "say": L.SLOT_SAY, "fact": L.SLOT_FACT, "facts": len(L.FACTS)},
        "vocabulary": L.vocabulary(), "grammar": L.grammar(),
        "actionCodec": {"stepS": L.STEP_S, "steps": L.STEPS, "aRange": [list(r) for r in L.A_RANGE], "kRange": [list(r) for r in L.K_RANGE],
                        "bins": L.BINS, "aBase": L.A_BASE, "kBase": L.K_BASE,
                        "maneuver": {name: L.MANEUVER_BASE + i for i, name in enumerate(L.MANEUVERS)}},
        "exits": exits, "files": {name: sha256(name) for name in files}, "trained": trained,
    }
    with open(os.path.join(out, "saccade-model.json"), "w") as f:
        json.dump(manifest, f, indent=1)
        f.write("\n")


# What the first exit may never decide, however good it looks: an error here is an accident.
LAST_WORD = ("maneuver", "light")
SHARE_OF_GAIN = 0.97


def exits_that_decide(figures):
    """The `exits` block from eval.py's figures of every exit (a list of three {name: {accuracy, majority}}).

    An exit may decide a fact, or the action (named by its maneuver), when its accuracy gained over the majority is positive and at least
    97 % of what the last exit gains; the first exit never decides the maneuver or the light. The last exit decides everything.
    """
    exits = []
    for k, own in enumerate(figures):
        last = k == len(figures) - 1
        decides = []
        for name in ("maneuver", *L.FACT_NAMES):
            gain, best = (e[name]["accuracy"] - e[name]["majority"] for e in (own, figures[-1]))
            if last or gain > 0 and gain >= SHARE_OF_GAIN * best and not (k == 0 and name in LAST_WORD):
                decides.append(name)
        exits.append({"afterSlice": k, "decides": decides})
    return exits


ONLY_THE_LAST = [{"afterSlice": 0, "decides": []}, {"afterSlice": 1, "decides": []}, {"afterSlice": 2, "decides": ["maneuver", *L.FACT_NAMES]}]


def trained_block(info, commit, figures):
    """How the weights came about, for the manifest: free text to the runtime."""
    stages = info.get("stages", {}) | ({str(info["stage"]): {k: info[k] for k in ("seconds", "samples", "steps")}} if "stage" in info else {})
    block = {"commit": commit, "seed": info.get("seed", 0),
             "stages": {k: {"minutes": round(v["seconds"] / 60, 1), "samples": v["samples"], "steps": v["steps"]} for k, v in sorted(stages.items())},
             "minutes": round(sum(v["seconds"] for v in stages.values()) / 60, 1), "samples": sum(v["samples"] for v in stages.values())}
    block["data"] = info.get("data", [])
    if figures:
        block["figures"] = {"heldOut": figures["validation"], "sequences": figures["sequences"],
                            "perFact": {n: {"majority": v["majority"], "exits": [e[n]["accuracy"] for e in figures["exits"]]}
                                        for n, v in figures["exits"][-1].items()}}
    return block


def check_parity(model, out, sets=6, seed=7):
    """Streams random sets (some with dropped tokens) through ONNX and PyTorch; returns the largest |difference| over all logits."""
    rng = np.random.default_rng(seed)
    model.eval()
    rays = rng.normal(size=(L.CAMERAS, 28, 6)).astype(np.float32)
    worst_encoder, worst_order = 0.0, 0.0
    stream, shuffled = Stream(out), Stream(out, evict_seed=seed)
    frames = []
    for t in range(sets):
        images = torch.from_numpy(rng.integers(0, 256, (L.CAMERAS, L.IMAGE_H, L.IMAGE_W, 3), dtype=np.uint8))
        patches = patchify(images).numpy()
        paint = rng.uniform(0, 1, (L.CAMERAS, 112, 3)).astype(np.float32)
        bev = rng.normal(size=(L.BEV_TOKENS, L.BEV_FEATURES)).astype(np.float32)
        ego = rng.normal(size=(L.EGO_FEATURES,)).astype(np.float32)
        with torch.no_grad():
            want = model.sensor_tokens(*(torch.from_numpy(a) for a in (patches, paint, rays, bev, ego))).numpy()
        got = stream.encode(patches, paint, rays, bev, ego)
        worst_encoder = max(worst_encoder, float(np.abs(want - got).max()))
        keep = np.sort(rng.choice(L.SENSOR_SLOTS, L.SENSOR_SLOTS if t % 2 == 0 else 90, replace=False))
        ids = [L.ACT, L.MANEUVER_BASE + t % 3] + [int(i) for i in rng.integers(16, 144, 5)] + [L.SAY, L.FACT_BASE, L.FACT_BASE + 5]
        slots = list(range(L.SLOT_ACT, L.SLOT_ACT + len(ids)))
        frames.append((keep, want[keep], ids, slots))
    worst = 0.0
    for t, (keep, tokens, ids, slots) in enumerate(frames):
        got = stream.run_set(tokens, keep, ids, slots)
        other = shuffled.run_set(tokens, keep, ids, slots)
        with torch.no_grad():
            hidden = reference_hidden(model, frames[:t + 1])
            want = np.stack([model.decoder.answers(h, k)[0].numpy() for k, h in enumerate(hidden)])
        worst = max(worst, float(np.abs(got - want).max()))
        worst_order = max(worst_order, float(np.abs(got - other).max()))
    return worst_encoder, worst, worst_order


def describe(directory):
    """Seed, size, mix and commit of an export. One that was stopped before its end has no meta.json: only its rows are known."""
    path = os.path.join(directory, "meta.json")
    if not os.path.exists(path):
        return {"rows": os.path.getsize(os.path.join(directory, "occupancy.u8")) // L.BEV_TOKENS}
    with open(path) as f:
        meta = json.load(f)
    return {k: meta[k] for k in ("seed", "sequences", "frames", "mix", "commit") if k in meta}


def load(path, warm):
    torch.manual_seed(0)
    model = Nano()
    info = {}
    if warm:
        warm_start(model, *warm)
    if path:
        state = widened(torch.load(path, map_location="cpu", weights_only=False))
        model.load_state_dict(state["model"])
        info = state.get("info", {})
    return model.eval(), info


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint")
    parser.add_argument("--warm", nargs=2, metavar=("CHECKPOINT", "MANIFEST"), help="weights of layout v1 and their saccade-model.json (warm.py)")
    parser.add_argument("--out", required=True)
    parser.add_argument("--version", default="0.3.0")
    parser.add_argument("--commit", default="")
    parser.add_argument("--figures", help="what eval.py --out wrote for these weights: goes under `trained` and decides `exits`")
    parser.add_argument("--data", help="the exports trained on, with commas between, for `trained`")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, info = load(args.checkpoint, args.warm)
    with torch.no_grad():
        files = write_graphs(model, args.out)
    figures = None
    if args.figures:
        with open(args.figures) as f:
            figures = json.load(f)
    if args.data:
        info["data"] = [describe(d) for d in args.data.split(",")]
    exits = exits_that_decide(figures["exits"]) if figures else ONLY_THE_LAST
    write_manifest(args.out, files, args.version, trained_block(info, args.commit, figures), exits)
    encoder, decoder, order = check_parity(model, args.out)
    size = sum(os.path.getsize(os.path.join(args.out, f)) for f in files) / 1e6
    print(f"{args.out}: {size:.1f} MB; largest difference encoders {encoder:.1e}, decoder logits {decoder:.1e}, hole-fill order {order:.1e}")
    if max(encoder, decoder, order) > TOLERANCE:
        raise SystemExit(f"parity broken: more than {TOLERANCE}")


if __name__ == "__main__":
    main()
