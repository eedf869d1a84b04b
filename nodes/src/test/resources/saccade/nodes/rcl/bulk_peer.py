"""The rclpy side of BulkPeer: bulk_peer.py send|receive IMAGES CLOUDS. Large messages, reliable, counted and checked."""

import sys
import time
from array import array

import rclpy
import rclpy.duration
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image, PointCloud2, PointField
from std_msgs.msg import Header

IMAGE_BYTES = 6_000_000
CLOUD_BYTES = 3_000_000


def image(number):
    m = Image(header=Header(frame_id="cam %d" % number), height=1000, width=2000, encoding="rgb8", step=6000)
    m.data = array("B", bytes([number % 251]) * IMAGE_BYTES)
    return m


def cloud(number):
    m = PointCloud2(header=Header(frame_id="lidar %d" % number), height=1, width=CLOUD_BYTES // 16)
    m.fields = [PointField(name=n, offset=4 * i, datatype=7, count=1) for i, n in enumerate(("x", "y", "z", "intensity"))]
    m.point_step = 16
    m.row_step = CLOUD_BYTES
    m.data = array("B", bytes([number % 251]) * CLOUD_BYTES)
    return m


mode, images, clouds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rclpy.init()
node = rclpy.create_node("bulk_python")
qos = QoSProfile(depth=100)
if mode == "send":
    for kind, maker, topic, count in ((Image, image, "images", images), (PointCloud2, cloud, "clouds", clouds)):
        publisher = node.create_publisher(kind, topic, qos)
        while publisher.get_subscription_count() == 0:
            time.sleep(0.05)
        time.sleep(0.5)
        start = time.time()
        for number in range(count):
            publisher.publish(maker(number))
            # A camera's pace, as fast as the receiver can be expected to follow.
            time.sleep(max(0.0, start + (number + 1) * float(sys.argv[4]) - time.time()))
        acked = publisher.wait_for_all_acked(rclpy.duration.Duration(seconds=20))
        print("sent", count, topic, "acked", acked, "in %.1f s" % (time.time() - start), flush=True)
else:
    got = {"images": [], "clouds": []}

    def on(topic, message, size):
        number = int(message.header.frame_id.split()[1])
        data = message.data
        if len(data) != size or data[0] != number % 251 or data[size - 1] != number % 251:
            print("wrong content", topic, number, len(data), flush=True)
        got[topic].append(number)

    node.create_subscription(Image, "images", lambda m: on("images", m, IMAGE_BYTES), qos)
    node.create_subscription(PointCloud2, "clouds", lambda m: on("clouds", m, CLOUD_BYTES), qos)
    print("ready", flush=True)
    last = time.time()
    before = 0
    while len(got["images"]) < images or len(got["clouds"]) < clouds:
        rclpy.spin_once(node, timeout_sec=0.5)
        total = len(got["images"]) + len(got["clouds"])
        if total != before:
            before = total
            last = time.time()
        elif time.time() - last > 15:
            break
    for topic, count in (("images", images), ("clouds", clouds)):
        print("got", len(got[topic]), "of", count, topic, "in order", got[topic] == sorted(set(got[topic])), flush=True)
node.destroy_node()
rclpy.shutdown()
