"""The official Python client as the other runner of PingPong.java: bench.py ROLE ENDPOINT BYTES COUNT

ping: round trips to whoever echoes, us. pong: echoes until its input ends. source: sends COUNT messages.
sink: counts them, MiB/s between the first and the last.
"""
import json
import queue
import sys
import threading
import time

import zenoh

role, endpoint, size, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
config = zenoh.Config()
config.insert_json5("mode", '"client"')
config.insert_json5("connect/endpoints", json.dumps([endpoint]))
config.insert_json5("scouting/multicast/enabled", "false")
config.insert_json5("transport/shared_memory/enabled", "false")
session = zenoh.open(config)
block = zenoh.CongestionControl.BLOCK
data = zenoh.ZBytes(bytes(size))


def publisher(key, express=True):
    return session.declare_publisher(key, congestion_control=block, express=express)


if role == "pong":
    echo = publisher("bench/pong")
    subscriber = session.declare_subscriber("bench/ping", lambda s: echo.put(s.payload))
    print("READY", flush=True)
    sys.stdin.readline()
elif role == "ping":
    ping = publisher("bench/ping")
    back = queue.SimpleQueue()
    subscriber = session.declare_subscriber("bench/pong", back.put)
    times = []
    time.sleep(0.5)
    for i in range(count + count // 4):
        start = time.perf_counter_ns()
        ping.put(data)
        back.get()
        times.append(time.perf_counter_ns() - start)
    times = sorted(times[count // 4:])
    print(f"python ping {size} B: p50 {times[len(times) // 2] / 1e3:.1f} us p99 {times[len(times) * 99 // 100] / 1e3:.1f} us")
elif role == "source":
    source = publisher("bench/flow", express=False)
    time.sleep(0.5)
    for i in range(count):
        source.put(data)
    time.sleep(2)
elif role == "sink":
    done = threading.Event()
    got = [0, 0, 0]

    def take(sample):
        got[0] += 1
        got[1] = got[1] or time.perf_counter_ns()
        got[2] = time.perf_counter_ns()
        if got[0] == count:
            done.set()

    subscriber = session.declare_subscriber("bench/flow", take)
    print("READY", flush=True)
    done.wait(60)
    rate = (got[0] - 1) * size / 1048576 / max(1e-9, (got[2] - got[1]) / 1e9)
    print(f"python sink {size} B: {got[0]} of {count}, {rate:.0f} MiB/s")
session.close()
