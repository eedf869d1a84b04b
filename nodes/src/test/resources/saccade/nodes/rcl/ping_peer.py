"""The rclpy twin of PingPeer: ping_peer.py ping SECONDS BYTES... | pong. Typed Images, as a rclpy user writes it."""

import sys
import time
from array import array

import rclpy
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image

rclpy.init()
node = rclpy.create_node(sys.argv[1] + "_python")
qos = QoSProfile(depth=10)
executor = rclpy.executors.SingleThreadedExecutor()
executor.add_node(node)
if sys.argv[1] == "pong":
    publisher = node.create_publisher(Image, "pong", qos)
    node.create_subscription(Image, "ping", publisher.publish, qos)
    print("ready", flush=True)
    try:
        executor.spin()
    except (KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
        pass
    sys.exit(0)
for size in map(int, sys.argv[3:]):
    message = Image(height=1, width=size, encoding="mono8", step=size, data=array("B", bytes(size)))
    message.header.frame_id = "cam"
    trips = []
    sent = [0]
    publisher = node.create_publisher(Image, "ping", qos)

    def send():
        sent[0] = time.perf_counter_ns()
        publisher.publish(message)

    end = [0.0]

    def on_pong(_):
        trips.append(time.perf_counter_ns() - sent[0])
        if time.time() < end[0]:
            send()

    subscription = node.create_subscription(Image, "pong", on_pong, qos)
    while publisher.get_subscription_count() == 0 or node.count_publishers("pong") == 0:
        time.sleep(0.02)
    time.sleep(0.3)
    end[0] = time.time() + float(sys.argv[2])
    lost = 0
    send()
    while time.time() < end[0]:
        before = len(trips)
        executor.spin_once(timeout_sec=1.0)
        if len(trips) == before and time.perf_counter_ns() - sent[0] > 1e9:
            lost += 1
            send()
    tail = sorted(trips[len(trips) // 5 :])
    p50, p99 = (tail[len(tail) // 2] / 1e3, tail[len(tail) * 99 // 100] / 1e3) if tail else (float("nan"),) * 2
    print("rclpy %d B: %d rounds, p50 %.0f us, p99 %.0f us, lost %d" % (size, len(trips), p50, p99, lost), flush=True)
    node.destroy_subscription(subscription)
    node.destroy_publisher(publisher)
