"""rclpy as a contender of `saccade bench transport`: ping_rclpy.py ping|pong. Typed Images, as a rclpy user writes it.

ping reads `burst BYTES MILLIS` lines and answers `TRIPS LOST NS...`. Ends with its input.
"""

import os
import sys
import threading
import time
from array import array

import rclpy
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image

rclpy.init()
node = rclpy.create_node(sys.argv[1] + '_python')
qos = QoSProfile(depth=10)
executor = rclpy.executors.SingleThreadedExecutor()
executor.add_node(node)
if sys.argv[1] == 'pong':
    publisher = node.create_publisher(Image, 'pong', qos)
    node.create_subscription(Image, 'ping', publisher.publish, qos)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    print('READY', flush=True)
    executor.spin()

publisher = node.create_publisher(Image, 'ping', qos)
trips, sent, end, made = [], [0], [0.0], {}


def send():
    sent[0] = time.perf_counter_ns()
    publisher.publish(made['message'])


def on_pong(_):
    now = time.perf_counter_ns()
    trips.append(now - sent[0])
    if now < end[0]:
        send()
    else:
        end[0] = 0


node.create_subscription(Image, 'pong', on_pong, qos)
while publisher.get_subscription_count() == 0 or node.count_publishers('pong') == 0:
    time.sleep(0.02)
print('READY', flush=True)
for line in sys.stdin:
    _, size, millis = line.split()
    made['message'] = Image(height=1, width=int(size), encoding='mono8', step=int(size), data=array('B', bytes(int(size))))
    trips.clear()
    lost = 0
    end[0] = time.perf_counter_ns() + int(millis) * 1e6
    send()
    while end[0]:
        executor.spin_once(timeout_sec=0.5)
        if end[0] and time.perf_counter_ns() - sent[0] > 5e9:
            lost += 1
            if time.perf_counter_ns() > end[0]:
                break
            send()
    print('TRIPS', lost, *trips, flush=True)
os._exit(0)
