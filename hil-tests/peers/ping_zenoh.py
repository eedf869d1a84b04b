"""The official Python client of Zenoh as a contender of `saccade bench transport`, through a router.

ping_zenoh.py ping|pong|source|sink|router ENDPOINT      shared memory off; ends with its input
ping     `burst BYTES MILLIS`  -> `TRIPS LOST NS...`
source   `source BYTES COUNT`  -> `SOURCED`, messages that wait for a slow receiver
sink     `sink COUNT`          -> `OK`, then `SUNK GOT NS`: between the first and the last, or until 5 s without one
"""

import json
import os
import queue
import sys
import time

import zenoh

role, endpoint = sys.argv[1:]
config = zenoh.Config()
config.insert_json5('mode', '"router"' if role == 'router' else '"client"')
config.insert_json5('listen/endpoints' if role == 'router' else 'connect/endpoints', json.dumps([endpoint]))
config.insert_json5('scouting/multicast/enabled', 'false')
config.insert_json5('transport/shared_memory/enabled', 'false')
session = zenoh.open(config)


def publisher(key, express):
    return session.declare_publisher(key, congestion_control=zenoh.CongestionControl.BLOCK, express=express)


def say(*words):
    print(*words, flush=True)


def ping():
    to, back = publisher('python/ping', True), queue.SimpleQueue()
    keep = session.declare_subscriber('python/pong', back.put)
    say('READY')
    for line in sys.stdin:
        _, size, millis = line.split()
        data, trips, lost = zenoh.ZBytes(bytes(int(size))), [], 0
        end = time.perf_counter_ns() + int(millis) * 1e6
        while not trips and not lost or time.perf_counter_ns() < end:
            start = time.perf_counter_ns()
            to.put(data)
            try:
                back.get(timeout=5)
                trips.append(time.perf_counter_ns() - start)
            except queue.Empty:
                lost += 1
        say('TRIPS', lost, *trips)
    return keep


def sink():
    got = [0, 0, 0]

    def take(_):
        now = time.perf_counter_ns()
        got[0] += 1
        got[1] = got[1] or now
        got[2] = now

    keep = session.declare_subscriber('python/flow', take)
    say('READY')
    for line in sys.stdin:
        wanted = int(line.split()[1])
        got[:] = [0, 0, time.perf_counter_ns()]
        say('OK')
        while got[0] < wanted and time.perf_counter_ns() - got[2] < 5e9:
            time.sleep(0.002)
        say('SUNK', got[0], got[2] - got[1])
    return keep


if role == 'ping':
    ping()
elif role == 'sink':
    sink()
elif role == 'source':
    flow = publisher('python/flow', False)
    say('READY')
    for line in sys.stdin:
        _, size, count = line.split()
        data = zenoh.ZBytes(bytes(int(size)))
        for _ in range(int(count)):
            flow.put(data)
        say('SOURCED')
else:
    if role == 'pong':
        echo = publisher('python/pong', True)
        keep = session.declare_subscriber('python/ping', lambda sample: echo.put(sample.payload))
    say('READY')
    sys.stdin.read()
session.close()
os._exit(0)
