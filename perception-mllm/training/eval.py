"""Judges an exported package on held-out streams as the product runs it: ONNX, sliding window, greedy text under the grammar, own tokens fed back.

    python eval.py --package DIR --val DIR [--sequences 200] [--without camera0,...,camera5,cameras,lidar,ego,history]

For the author's own control while training; the product's figures come from `./saccade model eval`. Prints a table and, with --out, JSON.
"""
import argparse
import json

import numpy as np
import torch

import layout as L
from data import Export
from model import patchify
from stream import Stream

SENSOR_SLOTS = {f"camera{c}": (s, s + L.TOKENS_PER_CAMERA) for c, s in enumerate(L.SLOT_CAMERA)}
SENSOR_SLOTS |= {"cameras": (0, L.SLOT_LIDAR), "lidar": (L.SLOT_LIDAR, L.SLOT_EGO), "ego": (L.SLOT_EGO, L.SLOT_EGO + 1)}


SHIPPED_YAWS_DEG = (0, 0, 85, -85, 150, -150)


def shipped(rays):
    """rays [6,28,6] of a rig: whether its six cameras look where those of the shipped rig do, within 8 degrees."""
    middle = rays[:, [10, 17], :3].mean(1)
    off = np.rad2deg(np.arctan2(middle[:, 1], middle[:, 0])) - SHIPPED_YAWS_DEG
    return bool((np.abs((off + 180) % 360 - 180) < 8).all()) and bool((np.abs(middle).sum(1) > 0).all())


def judge(stream, export, sequences, without, exits):
    """Truth and guess lists a name and exit, taken at the last frame of each stream."""
    names = ["maneuver", "a0", "k0", *L.FACT_NAMES]
    truth, guess = {n: [] for n in names}, [{n: [] for n in names} for _ in exits]
    frames = min(export.frames, L.WINDOW)
    gone = set(range(*SENSOR_SLOTS[without])) if without in SENSOR_SLOTS else set()
    for s in sequences:
        stream.reset()
        places = export.arrays["places"][s]
        empty = {slot for c in range(L.CAMERAS) if not places[c] for slot in range(*SENSOR_SLOTS[f"camera{c}"])}
        slots = np.array([slot for slot in range(L.SENSOR_SLOTS) if slot not in gone | empty])
        first = frames - 1 if without == "history" else 0
        for f in range(first, frames):
            row = s * export.frames + export.frames - frames + f
            item = {k: np.array(export.arrays[k][row]) for k in ("images", "paint", "bev", "ego", "action", "labels")}
            paint = item["paint"] * np.float32(without != "lidar")
            patches = patchify(torch.from_numpy(item["images"])).numpy()
            tokens = stream.encode(patches, paint, np.ascontiguousarray(export.arrays["rays"][s]), item["bev"], item["ego"], places)
            stream.prefill(tokens[slots], slots)
            if f == frames - 1:
                bins = np.floor(L.encode_actions(item["action"][None]))[0]
                labels = dict(zip(L.FACT_NAMES, (int(v) if v >= 0 else None for v in item["labels"][2:])))
                labels |= {"maneuver": int(item["labels"][0]), "a0": int(bins[0]), "k0": int(bins[3])}
                for n in names:
                    truth[n].append(labels[n])
                for e, k in enumerate(exits):
                    said = stream.speak(k)
                    for n in names:
                        guess[e][n].append(said[n])
            stream.close()
    return truth, guess


def score(truth, guess):
    """Share right where the fact holds in truth (a fact wrongly not spoken is wrong), and the majority's share."""
    figures = {}
    for name in truth:
        pairs = [(t, g) for t, g in zip(truth[name], guess[name]) if t is not None]
        if not pairs:
            continue
        t = np.array([p[0] for p in pairs])
        g = np.array([-99 if p[1] is None else p[1] for p in pairs])
        entry = {"n": len(pairs), "majority": float(np.bincount(t).max() / len(t)), "accuracy": float((t == g).mean())}
        if name.endswith("distance"):
            entry["withinOneBin"] = float((np.abs(t - g) <= 1).mean())
        if name in ("a0", "k0"):
            entry["meanBinError"] = float(np.abs(t - g)[g >= 0].mean())
            entry["meanBinErrorOfMedian"] = float(np.abs(t - np.median(t)).mean())
        if name not in ("a0", "k0") and not name.endswith("distance"):
            entry["recall"] = [round(float((g[t == v] == v).mean()), 3) if (t == v).any() else None for v in range(int(t.max()) + 1)]
            entry["precision"] = [round(float((t[g == v] == v).mean()), 3) if (g == v).any() else None for v in range(int(t.max()) + 1)]
        figures[name] = {k: round(v, 3) if isinstance(v, float) else v for k, v in entry.items()}
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", required=True)
    parser.add_argument("--val", required=True)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--without", default="")
    parser.add_argument("--int8", action="store_true", help="cameras by the package's int8 encoder, see quantise.py")
    parser.add_argument("--out")
    args = parser.parse_args()
    torch.set_num_threads(1)
    export, stream = Export(args.val), Stream(args.package, int8=args.int8)
    sequences = np.linspace(0, export.sequences - 1, min(args.sequences, export.sequences)).astype(int)
    truth, guess = judge(stream, export, sequences, "", (0, 1, 2))
    exits = [score(truth, g) for g in guess]
    result = {"validation": export.describe(), "sequences": len(sequences), "exits": exits, "without": {}}
    print(f"{'fact':18}{'n':>5}{'majority':>10}{'exit 2':>9}{'exit 4':>9}{'exit 6':>9}")
    for name in exits[2]:
        row = [e[name] for e in exits]
        print(f"{name:18}{row[0]['n']:5}{row[0]['majority']:10.3f}" + "".join(f"{r['accuracy']:9.3f}" for r in row)
              + (f"   within one bin {row[2]['withinOneBin']:.3f}" if "withinOneBin" in row[2] else "")
              + (f"   bin error {row[2]['meanBinError']:.1f} of {row[2]['meanBinErrorOfMedian']:.1f}" if "meanBinError" in row[2] else "")
              + (f"   recall {row[2]['recall']}" if "recall" in row[2] else ""))
    # A sensor removed is only held against the same streams with it: place 3 is the right camera of the shipped rig alone.
    rig = np.array([s for s in sequences if shipped(export.arrays["rays"][s])], int)
    rest = [n for n in filter(None, args.without.split(",")) if len(rig)]
    if rest:
        print(f"{len(rig)} streams of the shipped rig; difference to all sensors there, percentage points")
        truth, guess = judge(stream, export, rig, "", (2,))
        whole = score(truth, guess[0])
        result["shippedRig"] = whole
        print(f"{'':18}{'all':>9}" + "".join(f"{n:>9}" for n in rest))
        for sensor in rest:
            truth, guess = judge(stream, export, rig, sensor, (2,))
            result["without"][sensor] = score(truth, guess[0])
        for name in whole:
            print(f"{name:18}{100 * whole[name]['accuracy']:9.1f}"
                  + "".join(f"{100 * (result['without'][n][name]['accuracy'] - whole[name]['accuracy']):+9.1f}" for n in rest))
    if args.out:
        with open(args.out, "w") as f:
            json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
