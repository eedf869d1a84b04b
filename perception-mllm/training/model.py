"""saccade-nano: up to six cameras, a LiDAR sweep and the ego state in, an action chunk and a scene sentence out.

Encoder per camera: 4x4 px patches through a linear stem, two strided convolutions to the 8x14 grid, painted LiDAR ranges and ray
directions joined there, one attention block, 2x2 merge to 28 tokens. LiDAR: one token per 8 m x 6 m piece of the bird's-eye grid. Ego: one
token. Decoder: 6 layers in three slices with an exit after each; rotary positions fixed by slot (layout.py).
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

import layout as L

PAINT_WAVES_M = (4.0, 16.0, 64.0)  # wavelengths of the range code: keeps decimetres visible after the first linear layer
CAMERA_DIM = 128


class Attention(torch.autograd.Function):
    """softmax(q k' + bias) v with the probabilities kept for the way back: on a CPU twice as fast as SDPA's flash backward.

    q [B,KV,G*S,D] already scaled (G query heads share a key head), k and v [B,KV,T,D], bias [B,1,1,S,T] additive or None.
    """

    @staticmethod
    def forward(ctx, q, k, v, bias):
        p = torch.matmul(q, k.transpose(-1, -2))
        if bias is not None:
            b, kv, gs, t = p.shape
            p = (p.view(b, kv, -1, bias.shape[-2], t).add_(bias)).view(b, kv, gs, t)
        p = torch.softmax(p, -1)
        ctx.save_for_backward(q, k, v, p)
        return torch.matmul(p, v)

    @staticmethod
    def backward(ctx, dy):
        q, k, v, p = ctx.saved_tensors
        dy = dy.contiguous()
        dv = torch.matmul(p.transpose(-1, -2), dy)
        ds = torch._softmax_backward_data(torch.matmul(dy, v.transpose(-1, -2)), p, -1, p.dtype)
        return torch.matmul(ds, k), torch.matmul(ds.transpose(-1, -2), q), dv, None


def attend(q, k, v, bias=None):
    """Attention outside autocast, in the type that the linear layers gave out (bf16 in training, float32 in checks)."""
    with torch.autocast("cpu", enabled=False):
        kind = v.dtype
        return Attention.apply(q.to(kind).contiguous(), k.to(kind).contiguous(), v.contiguous(), bias)


class Gather(torch.autograd.Function):
    """pool[index] where every row is asked for at most once, and index -1 gives a row of zeros: the way back is a copy, not a sum."""

    @staticmethod
    def forward(ctx, pool, index):
        flat = index.reshape(-1)
        ctx.save_for_backward(flat)
        ctx.rows = pool.shape[0]
        result = pool.index_select(0, flat.clamp(min=0))
        result[flat < 0] = 0
        return result.view(*index.shape, pool.shape[1])

    @staticmethod
    def backward(ctx, dy):
        flat, = ctx.saved_tensors
        dy = dy.reshape(-1, dy.shape[-1])
        back = dy.new_zeros(ctx.rows + 1, dy.shape[-1])  # rows of padding end in the last one
        back.index_copy_(0, torch.where(flat < 0, ctx.rows, flat), dy)
        return back[:-1], None


class Normalise(torch.autograd.Function):
    """x / rms(x) * weight in few passes over memory; the sum of squares is float32 whatever x is."""

    @staticmethod
    def forward(ctx, x, weight):
        dim = x.shape[-1]
        inverse = torch.rsqrt(torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32).square_().div_(dim).add_(L.NORM_EPS))
        unit, w = x * inverse.to(x.dtype), weight.to(x.dtype)
        ctx.save_for_backward(unit, inverse, w)
        return unit * w

    @staticmethod
    def backward(ctx, dy):
        unit, inverse, w = ctx.saved_tensors
        dim = unit.shape[-1]
        product = (dy * unit).view(-1, dim)
        dweight = (torch.ones(1, len(product), dtype=product.dtype) @ product).float().view(-1)
        mean = (product @ w[:, None]).view(*unit.shape[:-1], 1) / dim
        return (dy * w).addcmul_(unit, mean, value=-1).mul_(inverse.to(unit.dtype)), dweight


class RmsNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        with torch.autocast("cpu", enabled=False):
            return Normalise.apply(x, self.weight)


class ConvBnRelu(nn.Module):
    def __init__(self, cin, cout, kernel, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        nn.init.kaiming_normal_(self.conv.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class CameraEncoder(nn.Module):
    """patches [N,1792,48], paint [N,112,3], rays [N,28,6] -> tokens [N,28,192]."""

    def __init__(self):
        super().__init__()
        c = CAMERA_DIM
        self.stem = ConvBnRelu(48, 48, 1)  # the 4x4/4 convolution, as a linear map on ready-cut patches
        self.down1 = ConvBnRelu(48, 96, 3, 2)
        self.down2 = ConvBnRelu(96, c, 3, 2)
        self.res1 = ConvBnRelu(c, c, 3)
        self.res2 = ConvBnRelu(c, c, 3)
        self.join = ConvBnRelu(c + 3 + 2 * len(PAINT_WAVES_M) + 9, c, 1)
        self.grid = nn.Parameter(torch.randn(1, L.GRID_ROWS * L.GRID_COLS, c) * 0.02)
        self.norm1, self.norm2 = RmsNorm(c), RmsNorm(c)
        self.qkv = nn.Linear(c, 3 * c, bias=False)
        self.out = nn.Linear(c, c, bias=False)
        self.up = nn.Linear(c, 2 * c)
        self.down = nn.Linear(2 * c, c)
        self.merge = nn.Linear(4 * c, L.HIDDEN)
        self.ray1 = nn.Linear(9, 64)
        self.ray2 = nn.Linear(64, L.HIDDEN)
        nn.init.normal_(self.out.weight, std=0.02)
        nn.init.normal_(self.down.weight, std=0.02)

    @staticmethod
    def ray_features(rays):
        """Adds the camera's angular extent (last ray minus first): a tele and a wide camera share their central ray."""
        extent = rays[:, -1:, :3] - rays[:, :1, :3]
        return torch.cat([rays, extent.expand(-1, rays.shape[1], -1)], -1)

    def forward(self, patches, paint, rays):
        n, c = patches.shape[0], CAMERA_DIM
        x = patches.view(n, L.PATCH_ROWS, L.PATCH_COLS, 48).permute(0, 3, 1, 2)  # channels_last in memory
        x = self.down2(self.down1(self.stem(x)))
        x = x + self.res1(x)
        x = x + self.res2(x)
        ray = self.ray_features(rays)
        ray_grid = ray.view(n, L.TOKEN_ROWS, 1, L.TOKEN_COLS, 1, 9).expand(-1, -1, 2, -1, 2, -1).reshape(n, L.GRID_ROWS, L.GRID_COLS, 9)
        phase = paint[..., :1] * (40.0 * 2 * math.pi) / torch.tensor(PAINT_WAVES_M)
        painted = torch.cat([paint, phase.sin(), phase.cos()], -1).view(n, L.GRID_ROWS, L.GRID_COLS, -1)
        extra = torch.cat([painted, ray_grid], -1).permute(0, 3, 1, 2).to(x.dtype)
        x = self.join(torch.cat([x, extra], 1))
        # The product with ones only serves the way back: autograd then sums the gradient over images by one fast matrix product.
        place = (torch.ones(n, 1, dtype=x.dtype) @ self.grid.view(1, -1)).view(n, -1, c)
        x = x.permute(0, 2, 3, 1).reshape(n, L.GRID_ROWS * L.GRID_COLS, c) + place
        q, k, v = self.qkv(self.norm1(x)).view(n, -1, 3, 4, c // 4).permute(2, 0, 3, 1, 4)
        y = attend(q * (c // 4) ** -0.5, k, v).transpose(1, 2).reshape(n, -1, c)
        x = x + self.out(y)
        x = x + self.down(F.relu(self.up(self.norm2(x))))
        x = x.view(n, L.TOKEN_ROWS, 2, L.TOKEN_COLS, 2, c).permute(0, 1, 3, 2, 4, 5).reshape(n, L.TOKENS_PER_CAMERA, 4 * c)
        return self.merge(x) + self.ray2(F.relu(self.ray1(ray)))


class LidarEncoder(nn.Module):
    """bev [N,36,192] (8 x 6 cells x 4 features a token) -> tokens [N,36,192]; a learned place per token."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(L.BEV_FEATURES, 256)
        self.fc2 = nn.Linear(256, L.HIDDEN)
        self.place = nn.Parameter(torch.randn(L.BEV_TOKENS, L.HIDDEN) * 0.3)
        self.norm = RmsNorm(L.HIDDEN)
        self.fc3 = nn.Linear(L.HIDDEN, 256)
        self.fc4 = nn.Linear(256, L.HIDDEN)

    def forward(self, bev):
        x = self.fc2(F.relu(self.fc1(bev))) + self.place
        return x + self.fc4(F.relu(self.fc3(self.norm(x))))


class EgoEncoder(nn.Module):
    """ego [N,1,6] (layout.EGO_ORDER, scaled) -> tokens [N,1,192]."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(L.EGO_FEATURES, 128)
        self.fc2 = nn.Linear(128, L.HIDDEN)

    def forward(self, ego):
        return self.fc2(F.relu(self.fc1(ego)))


def rope_tables(positions):
    """positions [...] -> cos, sin [..., 16] float32 (half-split rotary, theta 10000)."""
    inverse = torch.tensor([L.ROPE_THETA ** (-2 * i / L.HEAD_DIM) for i in range(L.HEAD_DIM // 2)], dtype=torch.float32)
    angle = positions.float()[..., None] * inverse
    return angle.cos(), angle.sin()


class Rotate(torch.autograd.Function):
    """Half-split rotary of x [...,32]: cos and sin [...,32] hold each angle twice, the first half of sin negated."""

    @staticmethod
    def forward(ctx, x, cos, sin):
        ctx.save_for_backward(cos, sin)
        return (x * cos).addcmul_(x.roll(L.HEAD_DIM // 2, -1), sin)

    @staticmethod
    def backward(ctx, dy):
        cos, sin = ctx.saved_tensors
        return (dy * cos).add_((dy * sin).roll(L.HEAD_DIM // 2, -1)), None, None


LOOKING_BACK = 1  # the layer in which one key head and its queries begin by looking back, see Layer.look_back
LOOK_BACK_SCORE = 3.0  # of each pair of channels: with six of them the token looked for gets over 0.9 of the attention (test_training.py)


class Layer(nn.Module):
    """Attention and SwiGLU, pre-norm. Queries and keys have a bias (as in Qwen2), so that a head may look at a distance whatever the tokens show."""

    def __init__(self):
        super().__init__()
        d, kv = L.HIDDEN, L.KV_HEADS * L.HEAD_DIM
        self.norm1, self.norm2 = RmsNorm(d), RmsNorm(d)
        self.q = nn.Linear(d, d)
        self.k = nn.Linear(d, kv)
        self.v = nn.Linear(d, kv, bias=False)
        self.o = nn.Linear(d, d, bias=False)
        self.gate = nn.Linear(d, L.FFN, bias=False)
        self.up = nn.Linear(d, L.FFN, bias=False)
        self.down = nn.Linear(L.FFN, d, bias=False)
        for w in (self.q, self.k, self.v, self.gate, self.up):
            nn.init.normal_(w.weight, std=1 / math.sqrt(d))
        nn.init.zeros_(self.q.bias)
        nn.init.zeros_(self.k.bias)
        nn.init.normal_(self.o.weight, std=1 / math.sqrt(d) / math.sqrt(2 * L.LAYERS))
        nn.init.normal_(self.down.weight, std=1 / math.sqrt(L.FFN) / math.sqrt(2 * L.LAYERS))

    @torch.no_grad()
    def look_back(self):
        """Sets the last key head and its three queries to the token of the same slot one, two and three sets ago, by bias alone.

        What a place shows now beside what it showed then is motion; left to themselves the heads never found the way there, and the model
        answered as well without its memory as with it. RoPE turns channel pair i of a query at P and a key at p by theta_i (P - p) against each
        other, so a key of phase 0 and a query of phase -theta_i D score highest where P - p = D; the six fastest pairs tell one slot from the next.
        """
        group, half = L.HEADS // L.KV_HEADS, L.HEAD_DIM // 2
        head = L.KV_HEADS - 1
        pairs = torch.arange(6)
        turn = L.ROPE_THETA ** (-2.0 * pairs / L.HEAD_DIM)
        size = math.sqrt(LOOK_BACK_SCORE * math.sqrt(L.HEAD_DIM))
        self.k.weight.view(L.KV_HEADS, L.HEAD_DIM, -1)[head] = 0
        self.k.bias.view(L.KV_HEADS, L.HEAD_DIM)[head] = 0
        self.k.bias.view(L.KV_HEADS, L.HEAD_DIM)[head, pairs] = size
        for sets in range(1, group + 1):
            query = head * group + sets - 1
            self.q.weight.view(L.HEADS, L.HEAD_DIM, -1)[query] = 0
            bias = self.q.bias.view(L.HEADS, L.HEAD_DIM)[query]
            bias.zero_()
            bias[pairs] = size * torch.cos(-turn * L.STRIDE * sets)
            bias[half + pairs] = size * torch.sin(-turn * L.STRIDE * sets)

    def forward(self, x, cos, sin, blocks):
        b, s, d = x.shape
        # One product each for q, k, v and for gate and up: fewer passes over memory than five.
        scale = L.HEAD_DIM ** -0.5
        bias = torch.cat([self.q.bias * scale, self.k.bias, torch.zeros(self.v.out_features)])
        qkv = F.linear(self.norm1(x), torch.cat([self.q.weight * scale, self.k.weight, self.v.weight]), bias)
        qk, v = qkv.split([(L.HEADS + L.KV_HEADS) * L.HEAD_DIM, L.KV_HEADS * L.HEAD_DIM], -1)
        qk = Rotate.apply(qk.reshape(b, s, -1, L.HEAD_DIM), cos, sin).transpose(1, 2)
        q, k = qk[:, :L.HEADS], qk[:, L.HEADS:]
        v = v.reshape(b, s, L.KV_HEADS, L.HEAD_DIM).transpose(1, 2)
        parts = []
        for start, end, keys, bias in blocks:
            ks, vs = ([x[:, :, a:z] for a, z in keys] for x in (k, v))
            ks, vs = (x[0] if len(x) == 1 else torch.cat(x, 2) for x in (ks, vs))
            part = attend(q[:, :, start:end].reshape(b, L.KV_HEADS, -1, L.HEAD_DIM), ks, vs, bias.to(v.dtype))
            parts.append(part.view(b, L.HEADS, end - start, L.HEAD_DIM))
        x = x + self.o(torch.cat(parts, 2).transpose(1, 2).reshape(b, s, d))
        gate, up = F.linear(self.norm2(x), torch.cat([self.gate.weight, self.up.weight])).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Decoder(nn.Module):
    """Three slices of two layers; `exits[k]` norms the hidden state after slice k for the tied unembedding."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(L.VOCABULARY_SIZE, L.HIDDEN) / math.sqrt(L.HIDDEN))
        self.layers = nn.ModuleList(Layer() for _ in range(L.LAYERS))
        self.layers[LOOKING_BACK].look_back()
        self.exits = nn.ModuleList(RmsNorm(L.HIDDEN) for _ in L.LAYERS_PER_SLICE)
        self.register_buffer("rarity", torch.zeros(L.VOCABULARY_SIZE))  # logarithm of each token's weight in the loss

    def embed(self, ids):
        return F.embedding(ids, self.embedding) * math.sqrt(L.HIDDEN)

    def forward(self, x, positions, blocks):
        """x [B,S,192], positions [S] or [B,S], blocks: per slice a list of (first query, end, key ranges, bias) -> hidden state after each slice.

        A block attends its queries to the keys in `key ranges` [(from, to)...] alone, with an additive bias [B,1,1,queries,keys] (0 or -1e4);
        the blocks of a slice follow one another and cover all queries. Cutting by frame spares the scores that no mask would let through.
        """
        cos, sin = rope_tables(positions)
        cos, sin = (torch.cat([h, t], -1).to(x.dtype)[..., None, :] for h, t in ((cos, cos), (-sin, sin)))
        hidden, layer = [], 0
        for count, slice_blocks in zip(L.LAYERS_PER_SLICE, blocks):
            for _ in range(count):
                x = self.layers[layer](x, cos, sin, slice_blocks)
                layer += 1
            hidden.append(x)
        return hidden

    def logits(self, hidden, exit_index):
        """What the loss is taken of: with rare words weighted up, so that they are learnt."""
        return self.exits[exit_index](hidden) @ self.embedding.T.to(hidden.dtype)

    def answers(self, hidden, exit_index):
        """What the model says: the loss's weights taken out again, so that a word is as likely as it was in the data (logit adjustment, Menon et al. 2021)."""
        return self.logits(hidden, exit_index) - self.rarity.to(hidden.dtype)


class DenseHeads(nn.Module):
    """Training-only heads on the encoder tokens; they make perception learn before language does and are not exported."""

    SCENE = ("road", "light", "sign", "daylight", "weather")  # facts that one look around answers

    def __init__(self):
        super().__init__()
        self.patch = nn.Linear(L.HIDDEN, 4 * (len(L.DENSE_CLASSES) + 1))  # the four 16 px cells of a token: class logits, log depth
        self.occupancy = nn.Linear(L.HIDDEN, 1)
        self.rate = nn.Linear(L.HIDDEN, 4)  # on hidden states of the decoder: how fast each cell's depth changes
        self.way1, self.way2 = nn.Linear(L.HIDDEN, 64), nn.Linear(64, 3)  # a weight and two votes of each token, see `ways`
        self.scene_sizes = [L.FACT_SIZES[L.FACT_NAMES.index(n)] for n in self.SCENE]
        self.scene = nn.Linear(2 * L.HIDDEN, sum(self.scene_sizes))

    def cells(self, camera_tokens):
        """camera_tokens [N,28,192] -> class logits [N,112,12], log depth [N,112]."""
        n = camera_tokens.shape[0]
        p = self.patch(camera_tokens).view(n, L.TOKEN_ROWS, L.TOKEN_COLS, 2, 2, -1).permute(0, 1, 3, 2, 4, 5)
        p = p.reshape(n, L.GRID_ROWS * L.GRID_COLS, -1)
        return p[..., :-1], p[..., -1]

    def ways(self, camera_tokens, frame, frames):
        """camera_tokens [N,28,192] of the frames `frame` [N] -> [frames,2]: where the way goes, as the codec's k0 and k1 in [-1, 1]; frames without pictures: 0.

        Nothing else asks the encoders where the lane is: depth and classes are of objects, and through the decoder the question comes a long way round.
        """
        votes = self.way2(F.relu(self.way1(camera_tokens))).float()
        weight = votes[..., 2:].clamp(-8, 8).exp()
        top = torch.zeros(frames, 2).index_add(0, frame, (weight * votes[..., :2]).sum(1))
        return top / torch.zeros(frames, 1).index_add(0, frame, weight.sum(1)).clamp(min=1e-3)

    def scenes(self, camera_tokens, frame, frames):
        """camera_tokens [N,28,192] of the frames `frame` [N] -> logits [frames, 3+4+2+3+3] from mean and max over all cameras of a frame."""
        mean, peak = camera_tokens.mean(1), camera_tokens.amax(1)
        count = torch.zeros(frames, 1).index_add_(0, frame, torch.ones(len(frame), 1)).clamp(min=1)
        total = torch.zeros(frames, L.HIDDEN).index_add(0, frame, mean)
        least = torch.full((frames, L.HIDDEN), -1e4)
        best = least.scatter_reduce(0, frame[:, None].expand(-1, L.HIDDEN), peak, "amax")
        return self.scene(torch.cat([total / count, torch.where(best > -9e3, best, torch.zeros(()))], -1))


class Nano(nn.Module):
    def __init__(self):
        super().__init__()
        self.camera, self.lidar, self.ego = CameraEncoder(), LidarEncoder(), EgoEncoder()
        self.decoder = Decoder()
        self.dense = DenseHeads()

    def sensor_tokens(self, patches, paint, rays, bev, ego):
        """One set with all places filled: patches [6,1792,48], paint [6,112,3], rays [6,28,6], bev [36,192], ego [6] -> [205,192] in slot order."""
        return torch.cat([self.camera(patches, paint, rays).flatten(0, 1), self.lidar(bev[None])[0], self.ego(ego[None, None])[0]])


def looking_back(state):
    """A train.py file of a model without biases of queries and keys, with them. One key head of a layer is lost to looking back; training forgets the rest
    of what it had gathered about the gradients."""
    weights = dict(state["model"])
    if "decoder.layers.0.q.bias" in weights:
        return state
    for i in range(L.LAYERS):
        weights[f"decoder.layers.{i}.q.bias"] = torch.zeros(L.HIDDEN)
        weights[f"decoder.layers.{i}.k.bias"] = torch.zeros(L.KV_HEADS * L.HEAD_DIM)
    prefix = f"decoder.layers.{LOOKING_BACK}."
    layer = Layer()
    layer.load_state_dict({n[len(prefix):]: w for n, w in weights.items() if n.startswith(prefix)})
    layer.look_back()
    weights |= {prefix + n: w for n, w in layer.state_dict().items()}
    return dict(state, model=weights, optimizer=None)


def grown(state):
    """A train.py file of a model without the rarity of its words or without a head that asks for the way, with them as in a new model."""
    new = {n: w for n, w in Nano().state_dict().items() if n == "decoder.rarity" or n.startswith("dense.way")}
    if all(n in state["model"] for n in new):
        return state
    return dict(state, model=new | state["model"], optimizer=None)


def widened(state):
    """A train.py file of a model that knew fewer features of its own motion, with zero weights for the new ones: it says what it said before."""
    state = grown(looking_back(state))
    weights = state["model"]
    old = weights["ego.fc1.weight"].shape[1]
    if old == L.EGO_FEATURES:
        return state
    fill = lambda w: F.pad(w, (0, L.EGO_FEATURES - old))  # noqa: E731
    wide = dict(state, model=dict(weights, **{"ego.fc1.weight": fill(weights["ego.fc1.weight"])}))
    if state.get("optimizer"):  # its moments have the shapes of the weights, and no names: this shape is the ego encoder's alone
        shape = weights["ego.fc1.weight"].shape
        moments = {i: {k: fill(v) if torch.is_tensor(v) and v.shape == shape else v for k, v in m.items()} for i, m in state["optimizer"]["state"].items()}
        wide["optimizer"] = dict(state["optimizer"], state=moments)
    return wide


def patchify(images, gain=None, shift=None):
    """uint8 RGB [N,128,224,3] -> float patches [N,1792,48], normalised as the product's kernel does; gain, shift [N,1,1] vary the light."""
    n = images.shape[0]
    x = images.view(n, L.PATCH_ROWS, L.PATCH_PX, L.PATCH_COLS, L.PATCH_PX, 3).permute(0, 1, 3, 2, 4, 5)
    x = x.reshape(n, L.PATCH_ROWS * L.PATCH_COLS, 48).float()
    if gain is None:
        return x.mul_(1 / (255.0 * L.PIXEL_STD)).sub_(L.PIXEL_MEAN / L.PIXEL_STD)
    return x.mul_(gain / (255.0 * L.PIXEL_STD)).add_(shift - gain * (L.PIXEL_MEAN / L.PIXEL_STD))
