"""Plays the key frames of a nuScenes folder as a robot would publish them, and says what comes back.

Six sensor_msgs/Image (1600x900), sensor_msgs/PointCloud2, nav_msgs/Odometry, camera_info and, if asked, /clock; through
rclpy (any sourced ROS 2) or straight over Zenoh in rmw_zenoh's form (rclpy then only serialises). Stamps are those of the
instant of publishing: one key frame after another, again from the first after the last. The speed is that between the ego
poses of the key frames; where there is but one, the vehicle stands, since a world that moves never looks the same twice.

    nuscenes_player.py --data DIR [--transport rcl|zenoh] [--hz 2] [--seconds 20] [--clock] [--rig FILE] [--bad]

What it sees of the node `perception` is printed, one line a fact. Needs rclpy, Pillow and, for Zenoh, eclipse-zenoh.
"""

import argparse
import array
import glob
import json
import math
import os
import struct
import sys
import threading
import time

CAMERAS = ["CAM_FRONT", "CAM_FRONT_LEFT", "CAM_FRONT_RIGHT", "CAM_BACK_LEFT", "CAM_BACK_RIGHT", "CAM_BACK"]
LIDAR = "LIDAR_TOP"

options = argparse.ArgumentParser()
options.add_argument("--data", required=True)
options.add_argument("--transport", choices=["rcl", "zenoh"], default="rcl")
options.add_argument("--connect", help="Zenoh endpoint to connect to, e.g. tcp/127.0.0.1:7447")
options.add_argument("--hz", type=float, default=2)
options.add_argument("--seconds", type=float, default=20)
options.add_argument("--clock", action="store_true", help="publish /clock; stamps are simulated time from 100 s on")
options.add_argument("--rig", help="write the exact calibration of the data as a rig file, and end")
options.add_argument("--bad", action="store_true", help="one camera with a wrong step, a cloud with a wrong point_step")
options.add_argument("--node", default="/perception")
args = options.parse_args()


def say(*words):
    # One write a line: callbacks come from several threads.
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def table(name):
    found = glob.glob(os.path.join(args.data, "v1.0-*", name + ".json"))
    if not found:
        sys.exit("%s: expected v1.0-*/%s.json, found none" % (args.data, name))
    with open(found[0]) as file:
        return json.load(file)


sent = set()  # stamps of the pictures, (sec, nanosec)
sensors = {row["token"]: row["channel"] for row in table("sensor")}
calibrated = {row["token"]: row for row in table("calibrated_sensor")}
frames = {}  # channel -> key frames in order
for row in sorted(table("sample_data"), key=lambda row: row["timestamp"]):
    if row["is_key_frame"]:
        frames.setdefault(sensors[calibrated[row["calibrated_sensor_token"]]["sensor_token"]], []).append(row)
poses = {row["token"]: row for row in table("ego_pose")}
calibration = {c: calibrated[f[0]["calibrated_sensor_token"]] for c, f in frames.items()}

if args.rig:
    with open(args.rig, "w") as rig:
        rig.write("name: nuscenes\ncameras:\n")
        for c in CAMERAS:
            k, t, q = (calibration[c][key] for key in ("camera_intrinsic", "translation", "rotation"))
            rig.write(
                "  - {name: %s, width: %d, height: %d, intrinsics: [%r, %r, %r, %r], xyz: %r, quatOptical: %r}\n"
                % (c.lower(), frames[c][0]["width"], frames[c][0]["height"], k[0][0], k[1][1], k[0][2], k[1][2], t, q)
            )
        rig.write(
            "lidar: {name: lidar_top, beams: 32, columns: 2200, elevationDeg: [-30.7, 10.7], maxRangeM: 100, xyz: %r, quat: %r}\n"
            % (calibration[LIDAR]["translation"], calibration[LIDAR]["rotation"])
        )
    sys.exit(0)

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import GetState
from nav_msgs.msg import Odometry
from PIL import Image as Picture
from rcl_interfaces.msg import Log
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, PointCloud2, PointField
from visualization_msgs.msg import MarkerArray

try:
    import saccade_msgs.msg as ours  # built by colcon from launch/ros/saccade_msgs
except ImportError:
    ours = None


def image(channel, row):
    picture = Picture.open(os.path.join(args.data, row["filename"])).convert("RGB")
    message = Image(height=picture.height, width=picture.width, encoding="rgb8", step=3 * picture.width)
    message.header.frame_id = channel.lower()
    message.data = array.array("B", picture.tobytes())
    return message


def camera_info(channel, row):
    k = calibration[channel]["camera_intrinsic"]
    message = CameraInfo(height=row["height"], width=row["width"], distortion_model="plumb_bob", d=[0.0] * 5)
    message.header.frame_id = channel.lower()
    message.k = [float(v) for line in k for v in line]
    message.p = [float(v) for line in k for v in line + [0.0]]
    return message


def cloud(row):
    with open(os.path.join(args.data, row["filename"]), "rb") as file:
        points = file.read()
    step = 20  # x, y, z, intensity, ring, float32 each
    message = PointCloud2(height=1, width=len(points) // step, point_step=step, is_dense=True)
    message.row_step = step * message.width
    message.header.frame_id = LIDAR.lower()
    message.fields = [
        PointField(name=name, offset=4 * i, datatype=PointField.FLOAT32, count=1)
        for i, name in enumerate(["x", "y", "z", "intensity", "ring"])
    ]
    message.data = array.array("B", points[: message.row_step])
    return message


def speeds(rows):
    """m/s at each key frame: from its ego pose to the next one's; the last has the one before it, a single one 0."""
    found = []
    for here, there in zip(rows, rows[1:]):
        a, b = poses[here["ego_pose_token"]], poses[there["ego_pose_token"]]
        found.append(math.dist(a["translation"], b["translation"]) / max((b["timestamp"] - a["timestamp"]) * 1e-6, 1e-3))
    return found + found[-1:] or [0.0]


class Rcl:
    """Publishes by rclpy, and looks at the node as any ROS tool would."""

    def __init__(self):
        rclpy.init()
        self.node = rclpy.create_node("nuscenes_player")
        self.seen = set()
        reliable = QoSProfile(depth=10)
        name = args.node.split("/")[-1]
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self.diagnostics, reliable)
        self.node.create_subscription(MarkerArray, args.node + "/markers", self.markers, reliable)
        self.node.create_subscription(
            Log, "/rosout", lambda m: self.once("rosout", m.name, m.level, m.msg) if m.name == name else None,
            QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL),
        )
        self.typed = {}
        if ours:
            for kind, topic in ((ours.Scene, "scene"), (ours.ActionChunk, "action"), (ours.PlannerMessage, "message"), (ours.Health, "health")):
                self.node.create_subscription(kind, args.node + "/" + topic, lambda m, t=topic: self.take(t, m), reliable)
        self.thread = threading.Thread(target=self.spin, daemon=True)
        self.thread.start()
        threading.Thread(target=self.ask, daemon=True).start()

    def spin(self):
        try:
            rclpy.spin(self.node)
        except Exception:
            pass  # the context ended under it

    def once(self, *words):
        if words not in self.seen:
            self.seen.add(words)
            say(*words)

    def take(self, topic, message):
        self.typed.setdefault(topic, []).append(message)

    def diagnostics(self, message):
        for status in message.status:
            level = status.level[0] if isinstance(status.level, bytes) else status.level
            self.once("diagnostics", status.name, "level", level)
            for pair in status.values:
                if status.name.endswith(": messages") and pair.key in ("fresh", "age p50", "missed", "deadlines"):
                    self.latest = getattr(self, "latest", {})
                    self.latest[pair.key] = pair.value

    def markers(self, message):
        texts = [m.text.replace("\n", " | ") for m in message.markers if m.text]
        now = time.time()
        stamp = message.markers[-1].header.stamp
        self.once("markers frame", message.markers[-1].header.frame_id)
        self.stamps = getattr(self, "stamps", set()) | {(stamp.sec, stamp.nanosec)}
        self.last = (texts, now - stamp.sec - stamp.nanosec * 1e-9)

    def ask(self):
        """Parameters, lifecycle state, graph: as ros2 param, ros2 lifecycle and ros2 node do."""
        from rcl_interfaces.srv import GetParameters, ListParameters, SetParameters
        from rclpy.parameter import Parameter

        def call(kind, service, request):
            client = self.node.create_client(kind, args.node + "/" + service)
            if not client.wait_for_service(timeout_sec=args.seconds):
                self.once("no service", service)
                return None
            future = client.call_async(request)
            end = time.time() + 10
            while not future.done() and time.time() < end:
                time.sleep(0.02)
            return future.result() if future.done() else None

        try:
            state = call(GetState, "get_state", GetState.Request())
            if state:
                say("state", state.current_state.label)
            names = call(ListParameters, "list_parameters", ListParameters.Request())
            if names:
                say("parameters", " ".join(sorted(names.result.names)))
            value = Parameter("set_speed", Parameter.Type.DOUBLE, 8.5).to_parameter_msg()
            done = call(SetParameters, "set_parameters", SetParameters.Request(parameters=[value]))
            if done:
                say("set set_speed", done.results[0].successful)
            value = Parameter("budget_ms", Parameter.Type.DOUBLE, 5.0).to_parameter_msg()
            done = call(SetParameters, "set_parameters", SetParameters.Request(parameters=[value]))
            if done:
                say("set budget_ms", done.results[0].successful, done.results[0].reason)
            got = call(GetParameters, "get_parameters", GetParameters.Request(names=["set_speed"]))
            if got:
                say("get set_speed", got.values[0].double_value)
            space, name = args.node.rsplit("/", 1)
            for topic, types in sorted(self.node.get_publisher_names_and_types_by_node(name, space or "/")):
                say("publishes", topic, types[0])
            for topic, types in sorted(self.node.get_subscriber_names_and_types_by_node(name, space or "/")):
                say("subscribes", topic, types[0])
        except Exception as e:
            say("asking failed:", e)

    def publisher(self, kind, topic):
        return self.node.create_publisher(kind, topic, QoSProfile(depth=5)).publish

    def close(self):
        stamps = getattr(self, "stamps", set())
        say("markers of", len(stamps), "instants,", len(stamps & sent), "of them stamps of pictures sent")
        say("last markers:", *getattr(self, "last", ("none",)))
        for topic, messages in sorted(self.typed.items()):
            stamps = {(m.header.stamp.sec, m.header.stamp.nanosec) for m in messages}
            say("typed", topic, len(messages), "messages,", len(stamps & sent), "stamps of pictures sent")
        said = [m for m in self.typed.get("message", []) if m.kind == 1] if ours else []
        if said:
            m = said[-1]
            ages = sorted(x.age.sec + x.age.nanosec * 1e-9 for x in said)
            say("fresh messages", len(said), "age p50 %.0f ms" % (1000 * ages[len(ages) // 2]), "used", *m.sensors_used)
            say("action of", len(m.action.acceleration), "steps, first %.2f m/s2" % m.action.acceleration[0], "maneuver", m.action.maneuver)
            say("scene:", m.scene.sentence)
        say("values", json.dumps(getattr(self, "latest", {}), sort_keys=True))
        rclpy.shutdown()
        self.thread.join(5)


class Zenoh:
    """Publishes with rmw_zenoh's keys, tokens and attachments through the official Zenoh."""

    def __init__(self):
        import zenoh

        self.zenoh = zenoh
        config = zenoh.Config()
        if args.connect:
            config.insert_json5("mode", '"client"')
            config.insert_json5("connect/endpoints", json.dumps([args.connect]))
        config.insert_json5("scouting/multicast/enabled", "false")
        self.session = zenoh.open(config)
        self.entity = 1
        self.tokens = [self.token("0/0/NN/%/%/nuscenes_player")]
        self.scenes = []
        self.subscriptions = [
            self.session.declare_subscriber("0%s/%s/**" % (args.node, topic), self.heard) for topic in ("scene", "action")
        ]
        self.heard_of = set()

    def token(self, rest):
        return self.session.liveliness().declare_token("@ros2_lv/0/%s/%s" % (self.session.zid(), rest))

    def heard(self, sample):
        payload = sample.payload.to_bytes()
        sec, nanosec = struct.unpack_from("<iI", payload, 4)
        topic = str(sample.key_expr).split("/")[2]
        age = time.time() - sec - nanosec * 1e-9
        if topic == "scene":
            # The sentence is the last field: a length, the text and its NUL end the message.
            text = payload.rstrip(b"\0").rsplit(b"\0", 1)[-1].decode("utf-8", "replace")
            self.scenes.append((sec, nanosec, age, text))
        if topic not in self.heard_of:
            self.heard_of.add(topic)
            say("heard", topic, "type", str(sample.key_expr).split("/")[3], "bytes", len(payload))

    def publisher(self, kind, topic):
        from rclpy.serialization import serialize_message
        from rclpy.type_support import check_for_type_support

        check_for_type_support(kind)
        package, _, name = kind.__module__.split(".")[0], "msg", kind.__name__
        dds = "%s::msg::dds_::%s_" % (package, name)
        with open(os.path.join(os.environ["AMENT_PREFIX_PATH"].split(":")[0], "share", package, "msg", name + ".json")) as f:
            hashes = {row["type_name"]: row["hash_string"] for row in json.load(f)["type_hashes"]}
        key = "%s/%s/%s" % (topic.lstrip("/"), dds, hashes["%s/msg/%s" % (package, name)])
        entity, self.entity = self.entity, self.entity + 1
        self.tokens.append(
            self.token("0/%d/MP/%%/%%/nuscenes_player/%s/%s/%s/::,5:,:,:,," % (entity, topic.replace("/", "%"), *key.rsplit("/", 2)[1:]))
        )
        publisher = self.session.declare_publisher("0/" + key, congestion_control=self.zenoh.CongestionControl.BLOCK)
        gid = bytes([entity]) * 16
        number = [0]

        def publish(message):
            number[0] += 1
            head = struct.pack("<qq", number[0], time.time_ns()) + b"\x10" + gid
            publisher.put(serialize_message(message), attachment=head)

        return publish

    def close(self):
        ages = sorted(age for _, _, age, _ in self.scenes)
        if ages:
            stamps = {(sec, nanosec) for sec, nanosec, _, _ in self.scenes}
            say("scenes of", len(stamps), "instants,", len(stamps & sent), "of them stamps of pictures sent; age p50 %.0f ms" % (1000 * ages[len(ages) // 2]))
            say("sentences:", " | ".join(sorted({text for _, _, _, text in self.scenes if text})[:3]))
        else:
            say("scenes of 0 instants")
        self.session.close()


def main():
    side = Rcl() if args.transport == "rcl" else Zenoh()
    say("up", args.transport)
    pictures = {c: [image(c, row) for row in frames[c]] for c in CAMERAS}
    infos = {c: camera_info(c, frames[c][0]) for c in CAMERAS}
    sweeps = [cloud(row) for row in frames[LIDAR]]
    if args.bad:
        pictures["CAM_BACK"][0].step -= 3
        sweeps[0].point_step = 10
        sweeps[0].row_step += 1
    send_image = {c: side.publisher(Image, "/%s/image_raw" % c.lower()) for c in CAMERAS}
    send_info = {c: side.publisher(CameraInfo, "/%s/camera_info" % c.lower()) for c in CAMERAS}
    send_cloud = side.publisher(PointCloud2, "/lidar_top/points")
    send_odometry = side.publisher(Odometry, "/odom")
    send_clock = side.publisher(Clock, "/clock") if args.clock else None
    odometry = Odometry()
    odometry.header.frame_id = "odom"
    odometry.child_frame_id = "base_link"
    speed = speeds(frames[LIDAR])
    say("playing", sum(len(f) for f in frames.values()), "key frames at", args.hz, "Hz")
    began = time.monotonic()
    count = 0
    while time.monotonic() - began < args.seconds:
        now = 100_000_000_000 + int(count * 1e9 / args.hz) if args.clock else time.time_ns()
        stamp = Clock().clock
        stamp.sec, stamp.nanosec = divmod(now, 1_000_000_000)
        sent.add((stamp.sec, stamp.nanosec))
        if send_clock:
            send_clock(Clock(clock=stamp))
        odometry.header.stamp = stamp
        odometry.twist.twist.linear.x = speed[count % len(speed)]
        send_odometry(odometry)
        sweep = sweeps[count % len(sweeps)]
        sweep.header.stamp = stamp
        send_cloud(sweep)
        for c in CAMERAS:
            picture = pictures[c][count % len(pictures[c])]
            picture.header.stamp = stamp
            infos[c].header.stamp = stamp
            send_info[c](infos[c])
            send_image[c](picture)
        count += 1
        left = began + count / args.hz - time.monotonic()
        if left > 0:
            time.sleep(left)
    say("played", count, "sets")
    time.sleep(1)
    side.close()


main()
