"""The rclpy side of NodeInteropTest: asks /robot1/java what ROS tools ask, one line a fact. Ends with its input."""

import sys
import threading
import time

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import Transition, TransitionEvent
from lifecycle_msgs.srv import ChangeState, GetAvailableStates, GetAvailableTransitions, GetState
from rcl_interfaces.msg import Log, ParameterEvent
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    GetParameterTypes,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String
from type_description_interfaces.srv import GetTypeDescription


def say(*words):
    # One write a line: callbacks come from several threads.
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


rclpy.init()
node = rclpy.create_node("python", namespace="/robot1")
node.declare_parameter("gain", 2.5)
seen = set()


def once(*words):
    if words not in seen:
        seen.add(words)
        say(*words)


latched = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
node.create_subscription(
    Log, "/rosout", lambda m: once("rosout", m.name, m.level, m.msg) if "java" in m.name else None, latched
)
node.create_subscription(
    DiagnosticArray,
    "/diagnostics",
    lambda m: [
        once("diagnostics", s.name, s.level[0], s.message, *["%s=%s" % (v.key, v.value) for v in s.values])
        for s in m.status
    ],
    10,
)
node.create_subscription(
    ParameterEvent,
    "/parameter_events",
    lambda m: [once("event", m.node, p.name, p.value.double_value) for p in m.changed_parameters],
    100,
)
node.create_subscription(
    TransitionEvent,
    "java/transition_event",
    lambda m: once("transition", m.start_state.label, m.transition.label, m.goal_state.label),
    10,
)
clock = node.create_publisher(Clock, "/clock", 10)


def spin():
    try:
        rclpy.spin(node)
    except Exception:
        pass  # the context ended under it


spinning = threading.Thread(target=spin, daemon=True)
spinning.start()


clients = {}


def call(kind, service, request):
    """Asks; again every five seconds, since a server that does not know of a client yet drops its answer."""
    if service not in clients:
        clients[service] = node.create_client(kind, "java/" + service)
    client = clients[service]
    if not client.wait_for_service(timeout_sec=60):
        say("no service", service)
        sys.exit(1)
    for _ in range(12):
        future = client.call_async(request)
        end = time.time() + 5
        while not future.done() and time.time() < end:
            time.sleep(0.01)
        if future.done():
            return future.result()
    say("no answer from", service)
    sys.exit(1)


def parameter(name, kind, value):
    return Parameter(name, kind, value).to_parameter_msg()


say("up")
names = call(ListParameters, "list_parameters", ListParameters.Request()).result
say("list", " ".join(names.names), "groups", " ".join(names.prefixes))
got = call(GetParameters, "get_parameters", GetParameters.Request(names=["rate", "camera.name", "nothing"])).values
say("get", got[0].double_value, got[1].string_value, got[2].type)
types = call(GetParameterTypes, "get_parameter_types", GetParameterTypes.Request(names=["rate", "weights"])).types
say("types", *[int(t) for t in types])
told = call(DescribeParameters, "describe_parameters", DescribeParameters.Request(names=["rate", "model"])).descriptors
say("describe", told[0].description, told[0].floating_point_range[0].to_value, told[1].read_only)
double = Parameter.Type.DOUBLE
results = call(
    SetParameters,
    "set_parameters",
    SetParameters.Request(
        parameters=[
            parameter("rate", double, 12.5),
            parameter("rate", double, 1000.0),
            parameter("rate", Parameter.Type.STRING, "fast"),
            parameter("model", Parameter.Type.STRING, "other"),
            parameter("secret", double, 1.0),
            parameter("nobody", double, 1.0),
        ]
    ),
).results
say("set", *[r.successful for r in results])
for r in results[1:]:
    say("because", r.reason)
result = call(
    SetParametersAtomically,
    "set_parameters_atomically",
    SetParametersAtomically.Request(parameters=[parameter("rate", double, 1.0), parameter("model", double, 1.0)]),
).result
say("atomically", result.successful)
state = call(GetState, "get_state", GetState.Request()).current_state
say("state", state.id, state.label)
say("states", len(call(GetAvailableStates, "get_available_states", GetAvailableStates.Request()).available_states))
graph = call(GetAvailableTransitions, "get_transition_graph", GetAvailableTransitions.Request())
say("graph", len(graph.available_transitions))
now = call(GetAvailableTransitions, "get_available_transitions", GetAvailableTransitions.Request())
say("available", *[t.transition.label for t in now.available_transitions])


def change(id, label=""):
    return call(ChangeState, "change_state", ChangeState.Request(transition=Transition(id=id, label=label))).success


change(0, "none")  # refused, whenever it is asked: from here on the server knows this client
say("change", change(1), change(0, "activate"), change(1), change(0, "shutdown"))
state = call(GetState, "get_state", GetState.Request()).current_state
say("state", state.id, state.label)
hash = None
for info in node.get_publishers_info_by_topic("/robot1/tuned"):
    say("tuned", info.qos_profile.durability.name, info.qos_profile.reliability.name)
    hash = str(info.topic_type_hash)
answer = call(
    GetTypeDescription,
    "get_type_description",
    GetTypeDescription.Request(
        type_name="std_msgs/msg/String",
        type_hash="RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18",
        include_type_sources=True,
    ),
)
say("description", answer.successful, answer.type_description.type_description.fields[0].name, len(answer.type_sources))
say("asked")


def ticks():
    tick = Clock()
    for sec in [100, 101, 102, 50]:
        tick.clock.sec = sec
        for _ in range(5):
            clock.publish(tick)
            time.sleep(0.1)


ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), ended.set()), daemon=True).start()
while not ended.is_set():  # who discovers this late sees the next round
    ticks()
rclpy.shutdown()
spinning.join(5)
