"""The rclpy side of RclInteropTest: talks to /robot1/java and prints what it saw, one line a fact. Ends with its input."""

import sys
import threading
import time

import rclpy
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Int32, String
from std_srvs.srv import SetBool


def say(*words):
    # One write a line: callbacks come from several threads.
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


rclpy.init()
node = rclpy.create_node("python", namespace="/robot1")
latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
best_effort = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
seen = set()


def once(*words):
    if words not in seen:
        seen.add(words)
        say(*words)


heard = [0]


def on_chatter(message):
    heard[0] += 1
    if heard[0] == 20:
        say("heard 20, last:", message.data)


def on_set(request, response):
    response.success = request.data
    response.message = "from python é"
    return response


node.create_subscription(String, "from_java", on_chatter, 10)
node.create_subscription(String, "latched_java", lambda m: say("latched:", m.data), latched)
node.create_service(SetBool, "python_set", on_set)
node.create_publisher(String, "latched_python", latched).publish(String(data="kept by python"))
node.create_publisher(
    String,
    "mismatch_python",
    best_effort,
    event_callbacks=PublisherEventCallbacks(use_default_callbacks=False),
)
node.create_subscription(
    String,
    "mismatch_java",
    lambda m: say("wrongly got", m.data),
    QoSProfile(depth=10),
    event_callbacks=SubscriptionEventCallbacks(
        incompatible_qos=lambda e: once("incompatible qos, policy", str(int(e.last_policy_kind))),
        use_default_callbacks=False,
    ),
)
node.create_publisher(
    Int32, "typed", 10, event_callbacks=PublisherEventCallbacks(use_default_callbacks=False)
)
talker = node.create_publisher(String, "from_python", 10)
client = node.create_client(SetBool, "java_set")

stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
say("up", rclpy.get_rmw_implementation_identifier())
count = 0
asked = 0.0
future = None
while not stop.is_set():
    rclpy.spin_once(node, timeout_sec=0.02)
    if talker.get_subscription_count() > 0:
        count += 1
        talker.publish(String(data="python %d é" % count))
    # Asked again: an answer is dropped by a server that does not know of this client yet.
    late = future is not None and not future.done() and time.time() - asked > 3
    if (future is None or late) and client.service_is_ready():
        future = client.call_async(SetBool.Request(data=True))
        asked = time.time()
    if future is not None and future.done():
        once("java answered", str(future.result().success), future.result().message)
    if ("java", "/robot1") in node.get_node_names_and_namespaces():
        once("sees node /robot1/java")
    for info in node.get_publishers_info_by_topic("/robot1/from_java"):
        once(
            "from_java by",
            info.node_namespace + "/" + info.node_name,
            info.topic_type,
            str(info.topic_type_hash),
            info.qos_profile.reliability.name,
            info.qos_profile.durability.name,
        )
    if ("/robot1/java_set", ["std_srvs/srv/SetBool"]) in node.get_service_names_and_types():
        once("sees service java_set")
    time.sleep(0.01)
node.destroy_node()
rclpy.shutdown()
say("down")
