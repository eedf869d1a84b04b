"""The frozen token layout of saccade-nano: slots, vocabulary, grammar and action codec.

Everything that model.py, data.py and export.py must agree on lives here, and nothing else does. The Java runtime reads the same facts
from saccade-model.json, which export.py writes from this file.

Units: metres, seconds, radians, m/s, m/s^2, 1/m. Frames as in REP-103 (x forward, y left, z up).
"""
import math

import numpy as np

# --- sizes ------------------------------------------------------------------------------------------------------------------------
HIDDEN = 192
LAYERS_PER_SLICE = (2, 2, 2)
LAYERS = sum(LAYERS_PER_SLICE)
HEADS, KV_HEADS, HEAD_DIM = 6, 2, 32
FFN = 512
KV_CAPACITY = 896
ROPE_THETA = 10000.0
MAX_POSITION = 16384
NORM_EPS = 1e-5
VOCABULARY_SIZE = 512

CAMERAS, IMAGE_H, IMAGE_W, PATCH_PX = 6, 128, 224, 4  # six places; the i-th camera of a rig takes place i, a smaller rig leaves places empty
PATCH_ROWS, PATCH_COLS = IMAGE_H // PATCH_PX, IMAGE_W // PATCH_PX  # 32 x 56 patches of 4 px
GRID_ROWS, GRID_COLS = 8, 14  # 16 px cells: dense labels and painted ranges live here
TOKEN_ROWS, TOKEN_COLS = 4, 7
TOKENS_PER_CAMERA = TOKEN_ROWS * TOKEN_COLS
# Bird's-eye tokens of 8 x 6 cells of 1 m, 4 features a cell; index = ix * BEV_Y + iy, ix = 0 is the rearmost, iy = 0 the rightmost.
BEV_X, BEV_Y, BEV_X_MIN_M, BEV_Y_MIN_M = 9, 4, -24.0, -12.0
BEV_TOKENS, BEV_FEATURES = BEV_X * BEV_Y, 192
PIXEL_MEAN, PIXEL_STD = 0.5, 0.25
# Own motion: m/s, rad/s (left positive), m/s wanted, m/s^2; how long the last standstill lasted so far, 0..3 s (0: none known), and how far it
# is behind, 0..20 m (0: stands, 20: none known), as saccade.kernels.motion.Standstill counts them. Each is divided by its scale.
EGO_ORDER = ("speed", "yawRate", "setSpeed", "acceleration", "stood", "driven")
EGO_SCALE = (15.0, 0.5, 15.0, 5.0, 3.0, 20.0)
EGO_FEATURES = len(EGO_ORDER)

# --- slots (RoPE position = frame * STRIDE + slot + 1; the sink has position 0) ----------------------------------------------------
STRIDE, WINDOW = 256, 4
SLOT_CAMERA = tuple(TOKENS_PER_CAMERA * c for c in range(CAMERAS))
SLOT_LIDAR = TOKENS_PER_CAMERA * CAMERAS
SLOT_EGO = SLOT_LIDAR + BEV_TOKENS
SENSOR_SLOTS = SLOT_EGO + 1
SLOT_ACT, SLOT_ACTION, SLOT_SAY, SLOT_FACT = SENSOR_SLOTS, SENSOR_SLOTS + 1, SENSOR_SLOTS + 7, SENSOR_SLOTS + 8

# --- vocabulary -------------------------------------------------------------------------------------------------------------------
SINK, ACT, SAY = 0, 1, 2
MANEUVER_BASE, A_BASE, K_BASE, FACT_BASE, BINS = 8, 16, 80, 144, 64
MANEUVERS = ("brake", "keep", "accelerate")
DISTANCE_EDGES_M = (0, 3, 6, 9, 12, 15, 18, 22, 26, 30, 35, 40, 45)
_CENTRES = [math.floor((a + b) / 2 + 0.5) for a, b in zip(DISTANCE_EDGES_M, DISTANCE_EDGES_M[1:])]

FACTS = (
    ("road", ("straight road", "curve left", "curve right")),
    ("light", ("no traffic light", "red light", "green light", "amber light")),
    ("sign", ("no sign", "stop sign")),
    ("first.kind", ("nothing ahead", "car ahead", "pedestrian ahead", "truck ahead", "cyclist ahead", "cones ahead")),
    ("first.distance", tuple(f"at {c} m" for c in _CENTRES)),
    ("first.motion", ("closing", "opening", "steady", "crossing")),
    ("first.brakelight", ("brake lights on", "brake lights off")),
    ("second.kind", ("no other object", "another car", "another pedestrian", "another truck", "another cyclist")),
    ("second.side", ("on the left", "in front", "on the right")),
    ("second.distance", tuple(f"{c} m away" for c in _CENTRES)),
    ("second.motion", ("coming nearer", "going away", "keeping pace", "moving across")),
    ("left.kind", ("nothing on the left", "car on the left", "pedestrian on the left", "truck on the left", "cyclist on the left")),
    ("right.kind", ("nothing on the right", "car on the right", "pedestrian on the right", "truck on the right", "cyclist on the right")),
    ("behind.kind", ("nothing behind", "car behind", "truck behind", "cyclist behind")),
    ("hazard", ("no hazard", "cut-in", "crossing from the left", "crossing from the right", "oncoming in the lane", "lane closed")),
    ("daylight", ("day", "dusk", "night")),
    ("weather", ("clear", "rain", "fog")),
    ("reason", ("because the road is clear", "because of the car", "because of the pedestrian", "because of the red light",
                "because of the curve", "because of the truck", "because of the cyclist", "because of the cones", "because of the stop sign")),
)
FACT_NAMES = tuple(name for name, _ in FACTS)
FACT_SIZES = tuple(len(values) for _, values in FACTS)
FACT_OFFSETS = tuple(FACT_BASE + sum(FACT_SIZES[:i]) for i in range(len(FACTS)))
# A fact is spoken only if an earlier fact has one of these value indices: {fact index: (other fact index, allowed values)}.
ONLY_IF = {4: (3, (1, 2, 3, 4, 5)), 5: (3, (1, 2, 3, 4)), 6: (3, (1, 3)), 8: (7, (1, 2, 3, 4)), 9: (7, (1, 2, 3, 4)), 10: (7, (1, 2, 3, 4))}

DENSE_CLASSES = ("other", "car", "pedestrian", "light red", "light green", "brake lamp", "truck", "cyclist", "cone", "stop sign", "light amber",
                 "indicator")


def vocabulary():
    """512 strings, index = token id."""
    words = [f"<unused{i}>" for i in range(VOCABULARY_SIZE)]
    words[:8] = ["<sink>", "<act>", "<say>"] + [f"<reserved{i}>" for i in range(3, 8)]
    words[MANEUVER_BASE:MANEUVER_BASE + 3] = MANEUVERS
    for b in range(BINS):
        words[A_BASE + b] = f"<a{b}>"
        words[K_BASE + b] = f"<k{b}>"
    for offset, (_, values) in zip(FACT_OFFSETS, FACTS):
        words[offset:offset + len(values)] = values
    return words


def grammar():
    """The `grammar` list of saccade-model.json: which ids may stand in which fact slot, and when the slot is spoken at all."""
    rules = []
    for i, (name, values) in enumerate(FACTS):
        rule = {"fact": name, "slot": SLOT_FACT + i, "values": [FACT_OFFSETS[i] + v for v in range(len(values))]}
        if i in ONLY_IF:
            other, allowed = ONLY_IF[i]
            rule["onlyIf"] = {FACT_NAMES[other]: [FACT_OFFSETS[other] + v for v in allowed]}
        rules.append(rule)
    return rules


# --- action codec: 10 steps of 0.2 s, orthonormal DCT-II, 3 coefficients of acceleration and 2 of curvature -------------------------
STEPS, STEP_S = 10, 0.2
A_RANGE = ((-26.0, 10.0), (-12.0, 12.0), (-8.0, 8.0))
K_RANGE = ((-0.48, 0.48), (-0.2, 0.2))
_N = np.arange(STEPS)
DCT = np.stack([np.cos(np.pi * (_N + 0.5) * j / STEPS) * math.sqrt((1 if j == 0 else 2) / STEPS) for j in range(STEPS)])  # [coef, step]


def encode_actions(action):
    """[rows, 20] plan (a_0..a_9, k_0..k_9) -> [rows, 5] float bin coordinates in [0, 64): a0, a1, a2, k0, k1 (bin = floor)."""
    action = np.asarray(action, np.float64)
    a = action[:, :STEPS] @ DCT[:3].T
    k = action[:, STEPS:] @ DCT[:2].T
    coords = np.empty((len(action), 5))
    for j, (lo, hi) in enumerate(A_RANGE):
        coords[:, j] = (a[:, j] - lo) / (hi - lo) * BINS
    for j, (_, hi) in enumerate(K_RANGE):
        companded = np.sign(k[:, j]) * np.sqrt(np.minimum(np.abs(k[:, j]) / hi, 1.0))
        coords[:, 3 + j] = (companded + 1) / 2 * BINS
    return np.clip(coords, 0, BINS - 1e-3).astype(np.float32)


def decode_bins(bins):
    """[rows, 5] bins -> [rows, 20] plan from bin centres."""
    bins = np.asarray(bins)
    a = np.stack([lo + (bins[:, j] + 0.5) * (hi - lo) / BINS for j, (lo, hi) in enumerate(A_RANGE)], 1)
    s = (bins[:, 3:] + 0.5) / BINS * 2 - 1
    k = np.sign(s) * s * s * np.array([hi for _, hi in K_RANGE])
    return np.concatenate([a @ DCT[:3], k @ DCT[:2]], 1)
