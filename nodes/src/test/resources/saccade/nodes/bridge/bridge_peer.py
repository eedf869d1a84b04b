"""The rclpy side of BridgeInteropTest: Nav2's controller and the robot's base. Prints one line a fact; ends with its input."""

import math
import sys
import threading
import time

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Twist

rclpy.init()
node = rclpy.create_node("nav2")
wanted = [0.4, 0.2]  # m/s, rad/s
state = {"x": None, "z": None, "count": 0}
said = set()
told = []


def once(line):
    if line not in said:
        said.add(line)
        sys.stdout.write(line + "\n")  # in one: callbacks come from several threads
        sys.stdout.flush()


def on_twist(twist):
    state.update(x=twist.linear.x, z=twist.angular.z, count=state["count"] + 1)
    values = (twist.linear.x, twist.linear.y, twist.angular.z)
    if not all(math.isfinite(v) for v in values):
        once("wrong: not finite %r" % (values,))
    # What is wanted may have just changed: hold it against the largest.
    if abs(twist.linear.x) > 0.4 + 1e-9 or abs(twist.angular.z) > 0.2 + 1e-9:
        once("wrong: faster than wanted %r" % (values,))


def on_diagnostics(array):
    for status in array.status:
        level = status.level[0] if isinstance(status.level, bytes) else status.level
        told.append("%d %s: %s" % (level, status.name, status.message))
        if "bridge nav2" in status.name and "latched" in status.message:
            once("diagnostics " + told[-1])


node.create_subscription(Twist, "cmd_vel", on_twist, 10)
node.create_subscription(DiagnosticArray, "/diagnostics", on_diagnostics, 10)
publisher = node.create_publisher(Twist, "cmd_vel_nav", 10)


def publish():
    twist = Twist()
    twist.linear.x, twist.angular.z = wanted
    publisher.publish(twist)


node.create_timer(0.05, publish)


def until(holds, seconds=100):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            print("wrong: waited in vain; twist", state, "told", told[-3:], flush=True)
            sys.exit(1)
        time.sleep(0.02)


def story():
    until(lambda: state["count"] > 10)
    if state["x"] == 0 and state["z"] == 0:
        once("standing before the first message")
    until(lambda: state["x"] == 0.4)
    once("passed %.3f %.3f" % (state["x"], state["z"]))
    until(lambda: state["x"] == 0 and state["z"] == 0)
    count = state["count"]
    until(lambda: state["count"] > count + 50)
    if state["x"] == 0:
        once("stopped though the twist goes on")
    until(lambda: state["x"] == 0.4)
    once("passed again")
    until(lambda: state["x"] == 0)
    until(lambda: any("stopped for an object" in line for line in told))
    wanted[0] = -0.1
    until(lambda: state["x"] == -0.1)
    once("stopped for the object, backing away passes")


def ackermann():
    """The type has no wheel: what the graph knows of the topic is all there is to see."""
    until(lambda: any(i.topic_type == "ackermann_msgs/msg/AckermannDriveStamped"
                      for i in node.get_publishers_info_by_topic("/ackermann_cmd")))
    once("ackermann_cmd is in the graph")


def spin():
    try:
        rclpy.spin(node)
    except rclpy.executors.ExternalShutdownException:
        pass


spinner = threading.Thread(target=spin, daemon=True)
spinner.start()
watcher = threading.Thread(target=lambda: (story(), ackermann()), daemon=True)
watcher.start()
for line in sys.stdin:
    if line.strip() == "end":
        break
rclpy.shutdown()
spinner.join(10)
