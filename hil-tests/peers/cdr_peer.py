"""Serialises messages as rclpy does, for a test that holds its own bytes against these.

Reads requests from standard input and answers on standard output; all integers little endian:
  request   u8 operation, u32 length, type name (ASCII, e.g. std_srvs/srv/SetBool_Request), u32 length, bytes
  answer    u8 status (0 done, 1 no such type, 2 failed), u32 length, bytes (text when the status is not 0)
Operation E: deserialise the bytes, serialise the message again. Operation R: the bytes are a seed of eight; make a
pseudo-random message and serialise it. Ends when the input ends.
"""

import importlib
import os
import random
import struct
import sys

from rclpy.serialization import deserialize_message, serialize_message
from rosidl_parser import definition as d

INTEGERS = {
    'int8': (-2**7, 2**7 - 1), 'uint8': (0, 2**8 - 1), 'int16': (-2**15, 2**15 - 1), 'uint16': (0, 2**16 - 1),
    'int32': (-2**31, 2**31 - 1), 'uint32': (0, 2**32 - 1), 'int64': (-2**63, 2**63 - 1), 'uint64': (0, 2**64 - 1),
}
LETTERS = 'abc XYZ_/09éß漢'


def find(name):
    package, kind, simple = name.split('/')
    module = importlib.import_module(package + '.' + kind)
    file, *rest = simple.split('_')
    found = getattr(module, file)
    if kind == 'action' and rest and rest[0] in ('SendGoal', 'GetResult'):
        return getattr(getattr(found.Impl, rest[0] + 'Service'), rest[1])
    if kind == 'action' and rest and rest[0] == 'FeedbackMessage':
        return found.Impl.FeedbackMessage
    return getattr(found, rest[0]) if rest else found


def value(slot, rng):
    if isinstance(slot, d.Array):
        return [value(slot.value_type, rng) for _ in range(slot.size)]
    if isinstance(slot, d.AbstractSequence):
        most = min(3, slot.maximum_size) if isinstance(slot, d.BoundedSequence) else 3
        return [value(slot.value_type, rng) for _ in range(rng.randint(0, most))]
    if isinstance(slot, d.NamespacedType):
        return message(find('/'.join(slot.namespaced_name())), rng)
    if isinstance(slot, d.AbstractGenericString):
        # A bound counts bytes of UTF-8 on the wire, and no letter here takes more than three.
        most = slot.maximum_size // 3 if slot.has_maximum_size() else 12
        return ''.join(rng.choice(LETTERS) for _ in range(rng.randint(0, min(12, most))))
    name = slot.typename
    if name == 'boolean':
        return rng.random() < 0.5
    if name == 'octet':
        return bytes([rng.randint(0, 255)])
    if name in ('float', 'double'):
        number = rng.choice([0.0, -1.5, rng.uniform(-1e6, 1e6)])
        return struct.unpack('<f', struct.pack('<f', number))[0] if name == 'float' else number
    return rng.randint(*INTEGERS[name])


def message(kind, rng):
    made = kind()
    # Empty structures have no field in Python.
    for field, slot in zip(kind.get_fields_and_field_types(), kind.SLOT_TYPES):
        if field != 'structure_needs_at_least_one_member':
            setattr(made, field, value(slot, rng))
    return made


def answer(operation, name, data):
    try:
        kind = find(name)
    except (AttributeError, ImportError) as missing:
        return 1, str(missing).encode()
    try:
        if operation == b'E':
            return 0, bytes(serialize_message(deserialize_message(data, kind)))
        return 0, bytes(serialize_message(message(kind, random.Random(struct.unpack('<q', data)[0]))))
    except Exception as failure:  # whatever it is, the test shows it
        return 2, (type(failure).__name__ + ': ' + str(failure)).encode()


def main():
    # Libraries below may print: keep the answers' channel for answers.
    out = os.fdopen(os.dup(1), 'wb')
    os.dup2(2, 1)
    source = sys.stdin.buffer
    while operation := source.read(1):
        name = source.read(struct.unpack('<I', source.read(4))[0]).decode()
        data = source.read(struct.unpack('<I', source.read(4))[0])
        status, reply = answer(operation, name, data)
        out.write(struct.pack('<BI', status, len(reply)) + reply)
        out.flush()


if __name__ == '__main__':
    main()
