"""Adds a camera encoder in int8 with static scales to a package: weights per channel, activations per tensor, measured on exported pictures.

    python quantise.py --package DIR --data W/wide              (writes encoder_camera.int8.onnx and its sha256 into saccade-model.json)
    python eval.py --package DIR --val W/val --int8             (accuracy decides whether it is worth having, not this script)

The four 3x3 convolutions are three quarters of the encoder's work and feed rectified, well-behaved activations; all that carries ranges,
rays or attention stays float32 (the attention block's products in int8 save nothing). Prints how far the tokens are off and, in turns with
the original, the time.
"""
import argparse
import hashlib
import json
import os
import tempfile
import time

import numpy as np
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from data import Export
from model import patchify
from stream import session

NAME = "encoder_camera.int8.onnx"


def pictures(export, count, seed):
    """Feeds of the camera encoder for pictures drawn at random, of every place."""
    rng = np.random.default_rng(seed)
    feeds = []
    while len(feeds) < count:
        row = int(rng.integers(0, export.rows))
        sequence = row // export.frames
        place = int(rng.choice(np.nonzero(export.arrays["places"][sequence])[0]))
        image = torch.from_numpy(np.array(export.arrays["images"][row, place]))[None]
        feeds.append({"patches": patchify(image).numpy(), "paint": np.array(export.arrays["paint"][row, place])[None],
                      "rays": np.array(export.arrays["rays"][sequence, place])[None]})
    return feeds


class Feeds(CalibrationDataReader):
    def __init__(self, feeds):
        self.left = iter(feeds)

    def get_next(self):
        return next(self.left, None)


def chosen(path):
    """Names of the nodes that become int8: the 3x3 convolutions."""
    graph = onnx.load(path).graph
    shapes = {w.name: list(w.dims) for w in graph.initializer}
    return [n.name for n in graph.node if n.op_type == "Conv" and shapes[n.input[1]][2:] == [3, 3]]


def register(package, name):
    """Puts the file's sha256 into the description, which is otherwise written as export.py does."""
    with open(os.path.join(package, name), "rb") as f:
        sha256 = hashlib.sha256(f.read()).hexdigest()
    path = os.path.join(package, "saccade-model.json")
    with open(path) as f:
        description = json.load(f)
    description["files"][name] = sha256
    with open(path, "w") as f:
        json.dump(description, f, indent=1)
        f.write("\n")


def milliseconds(a, b, feeds, rounds=7):
    """p50 of two sessions over the same feeds, in turns."""
    took = [[], []]
    for _ in range(rounds):
        for feed in feeds:
            for which, one in enumerate((a, b)):
                start = time.process_time_ns()
                one.run(None, feed)
                took[which].append((time.process_time_ns() - start) * 1e-6)
    return np.median(took[0]), np.median(took[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--pictures", type=int, default=256)
    args = parser.parse_args()
    torch.set_num_threads(1)
    source = os.path.join(args.package, "encoder_camera.onnx")
    export = Export(args.data)
    target = os.path.join(args.package, NAME)
    nodes = chosen(source)
    with tempfile.TemporaryDirectory() as folder:  # the quantiser leaves files beside its input
        copy = os.path.join(folder, "encoder.onnx")
        onnx.save(onnx.load(source), copy)
        quantize_static(copy, target, Feeds(pictures(export, args.pictures, 1)), quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, nodes_to_quantize=nodes,
                        calibrate_method=CalibrationMethod.MinMax)
    register(args.package, NAME)
    a, b = session(source), session(target)
    feeds = pictures(export, 60, 2)
    off = [np.stack([one.run(None, f)[0] for f in feeds]) for one in (a, b)]
    error = np.sqrt(((off[0] - off[1]) ** 2).mean() / (off[0] ** 2).mean())
    ms = milliseconds(a, b, feeds)
    print(f"{len(nodes)} nodes int8: tokens off by {100 * error:.2f} % (rms), float32 {ms[0]:.2f} ms, int8 {ms[1]:.2f} ms, ratio {ms[1] / ms[0]:.3f}")


if __name__ == "__main__":
    main()
