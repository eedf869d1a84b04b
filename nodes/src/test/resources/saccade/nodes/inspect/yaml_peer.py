"""Random trees as JSON and as PyYAML dumps them, one JSON line each: [tree, text]."""

import json
import random
import sys

import yaml

WORDS = ['', 'a', 'base_link', 'true', 'No', 'null', '~', '12', '1.5', '1e5', '0x1F', '0o7', '017', '-', '- a', 'a - b', ':', 'a: b',
         'a:b', '#x', 'a #b', 'a#b', '"', "it's", "'", '[x]', '{x}', 'a, b', '%x', '@x', '`x', '&a', '*a', '!t', '|', '>', '?', '? x',
         ' lead', 'trail ', 'two\nlines', 'end\n', '\nstart', 'a\n\nb', 'tab\there', '\x00', '\x07', '\x1b[0m', 'é', '漢字', '\u2028', '\ufeff',
         '\x85', '\xa0', '😀', '2001-01-01', '2001-01-01 10:00:00', '1:30', '---', '...', '--- x', '=', '<<', 'y', 'on', '.inf', '.5', '+1', '1_000',
         'a \nb', 'a\n b', '/ns/topic', 'sensor_msgs/msg/Image', 'x' * 200, 'a b c', '-1', '--', '-a', '?a', ':a', 'a:', 'a :b', 'é: b', '\ud7ff',
         '\\', 'back\\slash\n"q"', '0', '00', '08', '1.', '1e+5', '1.5e+05', '1.e5', '.', '..']


def value(rng, depth):
    kind = rng.randint(0, 9)
    if kind < 4 or depth > 3 and kind > 6:
        return rng.choice(WORDS)
    if kind == 4:
        return rng.choice([True, False])
    if kind == 5:
        return rng.choice([0, -1, 7, 2**31 - 1, -2**63, 2**64 - 1])
    if kind == 6:
        return rng.choice([0.0, -0.0, 1.0, 0.1, 1e-5, 1e16, 1.5e300, 123456789012345.0, 1e15, 9999999999999998.0, 5e-324, 0.0001,
                           float(rng.uniform(-1, 1)), rng.uniform(-1e20, 1e20), float('inf'), float('-inf'), float('nan')])
    if kind == 7:
        return [value(rng, 9) if rng.random() < 0.7 else mapping(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    return mapping(rng, depth + 1)


def mapping(rng, depth):
    return {name: value(rng, depth) for name in rng.sample(['a', 'b', 'frame_id', 'stamp', 'data', 'x1'], rng.randint(0, 4))}


rng = random.Random(int(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    tree = mapping(rng, 0)
    print(json.dumps([tree, yaml.dump(tree, allow_unicode=True, sort_keys=False, width=sys.maxsize)]))
for word in WORDS:
    tree = {'w': word, 'l': [word]}
    print(json.dumps([tree, yaml.dump(tree, allow_unicode=True, sort_keys=False, width=sys.maxsize)]))
