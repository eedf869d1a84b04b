"""The other side of `saccade hil interop`: does what lines on its standard input say, prints what it saw.

interop_peer.py rclpy               a node /interop/peer of rclpy, with the middleware of its environment
interop_peer.py zenoh PORT          the official Zenoh as a client of the router there, in rmw_zenoh's form: its keys,
                                    attachments, tokens, advanced publishers and subscribers; messages are rclpy's
interop_peer.py router PORT         the official Zenoh as a router, until its input ends

Payloads are printed in hexadecimal, encapsulation header included.
"""

import json
import os
import pathlib
import queue
import random
import struct
import sys
import threading
import time
from array import array

HISTORY = 10
BULK_HISTORY = 100
PATIENCE_S = 60
AGAIN_S = 3


def say(*words):
    # One write a line: callbacks come from several threads.
    sys.stdout.write(' '.join(str(word) for word in words) + '\n')
    sys.stdout.flush()


def zenoh_config(mode, port):
    import zenoh

    config = zenoh.Config()
    config.insert_json5('mode', json.dumps(mode))
    config.insert_json5(('listen' if mode == 'router' else 'connect') + '/endpoints', json.dumps(['tcp/127.0.0.1:' + port]))
    if mode == 'router':
        config.insert_json5('connect/endpoints', '[]')
    else:
        # A robot's own settings would be slower to try again than the one second that is asked for here.
        config.insert_json5('connect/retry', '{period_init_ms: 200, period_max_ms: 200, period_increase_factor: 1}')
    config.insert_json5('scouting/multicast/enabled', 'false')
    config.insert_json5('transport/shared_memory/enabled', 'false')
    config.insert_json5('timestamping/enabled', 'true')
    return config


if sys.argv[1] == 'router':
    import zenoh

    keep = zenoh.open(zenoh_config('router', sys.argv[2]))
    say('READY')
    sys.stdin.read()
    os._exit(0)

import rclpy  # noqa: E402
from cdr_peer import find, message  # noqa: E402
from rclpy.serialization import deserialize_message, serialize_message  # noqa: E402
from sensor_msgs.msg import Image, PointCloud2, PointField  # noqa: E402
from std_msgs.msg import Header  # noqa: E402


def made(kind, seed):
    return message(kind, random.Random(seed))


class Rclpy:
    def __init__(self):
        from rclpy import event_handler, qos

        self.events, self.qos = event_handler, qos
        rclpy.init()
        self.node = rclpy.create_node('peer', namespace='/interop')
        self.executor = rclpy.executors.SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.clients, self.asked = {}, {}

    def profile(self, name):
        q = self.qos
        return q.QoSProfile(
            depth=BULK_HISTORY if name == 'bulk' else HISTORY,
            reliability=q.ReliabilityPolicy.BEST_EFFORT if name == 'best_effort' else q.ReliabilityPolicy.RELIABLE,
            durability=q.DurabilityPolicy.TRANSIENT_LOCAL if name == 'latched' else q.DurabilityPolicy.VOLATILE)

    def subscribe(self, name, topic, quality, callback):
        events = self.events.SubscriptionEventCallbacks(
            incompatible_qos=lambda e: say('QOS', topic, self.qos.qos_policy_name_from_kind(e.last_policy_kind)), use_default_callbacks=False)
        return self.node.create_subscription(find(name), topic, callback, self.profile(quality), event_callbacks=events)

    def advertise(self, name, topic, quality):
        events = self.events.PublisherEventCallbacks(
            incompatible_qos=lambda e: say('QOS', topic, self.qos.qos_policy_name_from_kind(e.last_policy_kind)), use_default_callbacks=False)
        publisher = self.node.create_publisher(find(name), topic, self.profile(quality), event_callbacks=events)
        return publisher, publisher.publish, publisher.get_subscription_count

    def forget(self, endpoints):
        for each in endpoints:
            if isinstance(each, rclpy.publisher.Publisher):
                self.node.destroy_publisher(each)
            elif isinstance(each, rclpy.subscription.Subscription):
                self.node.destroy_subscription(each)
            elif isinstance(each, rclpy.service.Service):
                self.node.destroy_service(each)

    def serve(self, name, topic, answer):
        return self.node.create_service(find(name), topic, lambda request, response: answer(request))

    def call(self, name, topic, request, done, keep=False):
        # Kept, it is known from the first question on.
        if topic not in self.clients:
            self.clients[topic] = self.node.create_client(find(name), topic)
        client = self.clients[topic]
        if not client.wait_for_service(PATIENCE_S):
            return say('NOBODY', topic)
        asked = {'open': True}

        def answered(future):
            if asked['open'] and not future.cancelled():
                asked['open'] = False
                self.asked.pop(topic, None)
                done(future.result())
                if not keep:
                    self.node.destroy_client(self.clients.pop(topic))

        def ask():
            client.call_async(request).add_done_callback(answered)

        # Asked again: a server that does not know of a client yet drops its answer.
        self.asked[topic] = [ask, time.time() + AGAIN_S]
        ask()

    def acknowledged(self, publisher):
        return publisher.wait_for_all_acked(rclpy.duration.Duration(seconds=20))

    def spin(self):
        self.executor.spin_once(timeout_sec=0.01)
        for again in list(self.asked.values()):
            if time.time() > again[1]:
                again[1] = time.time() + AGAIN_S
                again[0]()

    def close(self):
        self.node.destroy_node()
        rclpy.shutdown()


class Zenoh:
    """What rmw_zenoh does with Zenoh, by hand."""

    QUALITY = {'reliable': '::,10:,:,:,,', 'best_effort': '2::,10:,:,:,,', 'latched': ':1:,10:,:,:,,', 'bulk': '::2,:,:,:,,'}

    def __init__(self, port):
        import zenoh
        import zenoh.ext

        self.zenoh, self.session = zenoh, zenoh.open(zenoh_config('client', port))
        self.entities = 0
        self.hashes = {}
        self.work = queue.Queue()
        self.tokens = {}
        self.token('NN', '')

    def hash(self, name):
        if name not in self.hashes:
            package, kind, simple = name.split('/')
            for prefix in os.environ['AMENT_PREFIX_PATH'].split(':'):
                file = pathlib.Path(prefix) / 'share' / package / kind / (simple + '.json')
                if file.exists():
                    for each in json.loads(file.read_text())['type_hashes']:
                        self.hashes[each['type_name']] = each['hash_string']
        return self.hashes[name]

    def key(self, name, topic):
        package, kind, simple = name.split('/')
        return f"0/{topic.strip('/')}/{package}::{kind}::dds_::{simple}_/{self.hash(name)}"

    def token(self, kind, rest):
        self.entities += 1
        text = f"@ros2_lv/0/{self.session.zid()}/0/{self.entities}/{kind}/%/%interop/peer{rest}"
        return self.session.liveliness().declare_token(text)

    def endpoint_token(self, kind, name, topic, quality):
        key = self.key(name, topic).split('/')
        return self.token(kind, f"/{topic.replace('/', '%')}/{key[-2]}/{key[-1]}/{self.QUALITY[quality]}")

    def attachment(self, number):
        return struct.pack('<qqB', number, time.time_ns(), 16) + bytes(range(16))

    def subscribe(self, name, topic, quality, callback):
        kind, key, ext = find(name), self.key(name, topic), self.zenoh.ext

        def take(sample):
            # Not on Zenoh's thread: its callbacks must be short.
            self.work.put(lambda: callback(deserialize_message(bytes(sample.payload), kind)))

        if quality == 'latched':
            subscriber = ext.declare_advanced_subscriber(
                self.session, key, take, history=ext.HistoryConfig(detect_late_publishers=True, max_samples=HISTORY),
                recovery=ext.RecoveryConfig(heartbeat=True), subscriber_detection=True)
        else:
            subscriber = self.session.declare_subscriber(key, take)
        return subscriber, self.endpoint_token('MS', name, topic, quality)

    def advertise(self, name, topic, quality):
        key, ext, number = self.key(name, topic), self.zenoh.ext, [0]
        if quality == 'latched':
            publisher = ext.declare_advanced_publisher(
                self.session, key, cache=ext.CacheConfig(max_samples=HISTORY), publisher_detection=True,
                sample_miss_detection=ext.MissDetectionConfig(sporadic_heartbeat=0.5))
        else:
            control = self.zenoh.CongestionControl
            publisher = self.session.declare_publisher(
                key, congestion_control=control.BLOCK if quality == 'bulk' else control.DROP)

        def publish(m):
            number[0] += 1
            publisher.put(serialize_message(m), attachment=self.attachment(number[0]))

        def subscribers():
            return 1 if quality == 'latched' or publisher.matching_status.matching else 0

        return (publisher, self.endpoint_token('MP', name, topic, quality)), publish, subscribers

    def forget(self, endpoints):
        for each in endpoints:
            for part in each:
                part.undeclare()

    def serve(self, name, topic, answer):
        kind, key = find(name), self.key(name, topic)

        def work(query, payload):
            response = answer(deserialize_message(payload, kind.Request))
            query.reply(key, serialize_message(response), attachment=bytes(query.attachment))
            query.drop()

        queryable = self.session.declare_queryable(key, lambda q: self.work.put(lambda: work(q, bytes(q.payload))), complete=True)
        return queryable, self.endpoint_token('SS', name, topic, 'reliable')

    def call(self, name, topic, request, done, keep=False):
        kind = find(name)
        for reply in self.session.get(
                self.key(name, topic), payload=serialize_message(request), attachment=self.attachment(1),
                target=self.zenoh.QueryTarget.ALL_COMPLETE, consolidation=self.zenoh.ConsolidationMode.NONE, timeout=PATIENCE_S):
            if reply.ok:
                return done(deserialize_message(bytes(reply.ok.payload), kind.Response))
        say('NOBODY', topic)

    def acknowledged(self, publisher):
        return True

    def spin(self):
        try:
            self.work.get(timeout=0.01)()
        except queue.Empty:
            pass

    def close(self):
        self.session.close()


def plain(value):
    """A message as JSON has it."""
    if hasattr(value, 'get_fields_and_field_types'):
        return {field: plain(getattr(value, field)) for field in value.get_fields_and_field_types()}
    if isinstance(value, (bytes, bytearray)):
        return list(value)
    if isinstance(value, (list, tuple)) or hasattr(value, 'tolist'):
        return [plain(each) for each in value]
    return value


def filled(made, fields):
    """A message with these fields set."""
    slots = dict(zip(made.get_fields_and_field_types(), made.SLOT_TYPES))
    for field, value in fields.items():
        if isinstance(value, dict):
            filled(getattr(made, field), value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            kind = find('/'.join(slots[field].value_type.namespaced_name()))
            setattr(made, field, [filled(kind(), each) for each in value])
        else:
            setattr(made, field, value)
    return made


def image(number, size):
    m = Image(header=Header(frame_id='%d' % number), height=1000, width=size // 3000, encoding='rgb8', step=size // 1000)
    m.data = array('B', bytes([number % 251]) * size)
    return m


def cloud(number, size):
    m = PointCloud2(header=Header(frame_id='%d' % number), height=1, width=size // 16, point_step=16, row_step=size)
    m.fields = [PointField(name=n, offset=4 * i, datatype=7, count=1) for i, n in enumerate(('x', 'y', 'z', 'intensity'))]
    m.data = array('B', bytes([number % 251]) * size)
    return m


class Peer:
    def __init__(self, wire):
        self.wire = wire
        self.kept = {}
        self.publish = {}
        self.counts = {}

    def do(self, line):
        word, *arguments = line.split()
        try:
            getattr(self, 'do_' + word)(*arguments)
        except Exception as failure:  # whatever it is, the other side shows it
            say('FAILED', word, type(failure).__name__, str(failure).replace('\n', ' '))

    def do_types(self, *names):
        """Each message of a type is published again as this side has it, then one of its own making."""
        absent = []
        for number, name in enumerate(names):
            try:
                topic = '/' + name.replace('/msg/', '/')
                publisher, publish, _ = self.wire.advertise(name, '/echo' + topic, 'bulk')
                count = [number]

                def on(m, publish=publish, kind=find(name), count=count):
                    publish(m)
                    count[0] += 1
                    publish(made(kind, count[0]))

                subscriber = self.wire.subscribe(name, '/to' + topic, 'bulk', on)
                self.kept[name] = [publisher, subscriber]
            except (AttributeError, ImportError):
                absent.append(name)
        say('OK', 'types', *absent)

    def do_serialize(self, name, payload):
        """A message as this side writes what it has read, and one of its own making."""
        try:
            kind = find(name)
        except (AttributeError, ImportError):
            return say('ABSENT', name)
        echoed = serialize_message(deserialize_message(bytes.fromhex(payload), kind))
        say('SERIALIZED', name, echoed.hex(), serialize_message(made(kind, 7)).hex())

    def do_serve(self, name, topic):
        try:
            kind = find(name)
        except (AttributeError, ImportError):
            return say('ABSENT', name)

        def answer(request):
            response = made(kind.Response, 5)
            say('REQUEST', topic, serialize_message(request).hex(), serialize_message(response).hex())
            return response

        self.kept[topic] = [self.wire.serve(name, topic, answer)]
        say('OK', 'serve')

    def do_call(self, name, topic):
        request = made(find(name).Request, 3)

        def done(response):
            say('CALLED', topic, serialize_message(request).hex(), serialize_message(response).hex())

        self.wire.call(name, topic, request, done)

    def do_ask(self, name, topic, text):
        """A request of these fields; the response as JSON."""
        self.wire.call(name, topic, filled(find(name).Request(), json.loads(text)),
                       lambda response: say('ANSWER', topic, json.dumps(plain(response), separators=(',', ':'))), keep=True)

    def do_watch(self, name, topic, quality):
        """What comes there, as JSON."""
        self.kept['s' + topic] = [self.wire.subscribe(
            name, topic, quality, lambda m: say('SAW', topic, json.dumps(plain(m), separators=(',', ':'))))]
        say('OK', 'watch')

    def do_sub(self, name, topic, quality):
        self.kept['s' + topic] = [self.wire.subscribe(name, topic, quality, lambda m: say('GOT', topic, m.data))]
        say('OK', 'sub')

    def do_pub(self, name, topic, quality):
        publisher, self.publish[topic], _ = self.wire.advertise(name, topic, quality)
        self.kept['p' + topic] = [publisher]
        say('OK', 'pub')

    def do_put(self, name, topic, text):
        self.publish[topic](find(name)(data=text))
        say('OK', 'put')

    def do_drop(self, *names):
        for name in names:
            self.wire.forget(self.kept.pop(name, []))
        say('OK', 'drop')

    def do_receive(self, name, topic, size):
        count = self.counts[topic] = {'got': 0, 'wrong': 0, 'last': -1}
        size = int(size)

        def take(m):
            number, data = int(m.header.frame_id), m.data
            count['got'] += 1
            fill = number % 251
            if number <= count['last'] or len(data) != size or data[0] != fill or data[size // 2] != fill or data[-1] != fill:
                count['wrong'] += 1
            count['last'] = number

        self.kept['s' + topic] = [self.wire.subscribe(name, topic, 'bulk', take)]
        say('OK', 'receive')

    def do_received(self, topic):
        count = self.counts[topic]
        say('RECEIVED', topic, count['got'], count['wrong'])

    def do_send(self, name, topic, size, count, period):
        publisher, publish, subscribers = self.wire.advertise(name, topic, 'bulk')
        maker = image if name.endswith('Image') else cloud
        end = time.time() + PATIENCE_S
        while subscribers() == 0 and time.time() < end:
            time.sleep(0.02)
        time.sleep(0.5)
        start = time.time()
        for number in range(int(count)):
            publish(maker(number, int(size)))
            time.sleep(max(0.0, start + (number + 1) * float(period) - time.time()))
        say('SENT', topic, count, self.wire.acknowledged(publisher), '%.1f' % (time.time() - start))
        self.kept['p' + topic] = [publisher]

    def do_tokens(self, key):
        replies = self.wire.session.liveliness().get(key, timeout=1)
        say('TOKENS', *sorted(str(reply.ok.key_expr) for reply in replies if reply.ok))


def main():
    peer = Peer(Rclpy() if sys.argv[1] == 'rclpy' else Zenoh(sys.argv[2]))
    commands = queue.Queue()

    def read():
        for line in sys.stdin:
            commands.put(line)
        commands.put(None)

    threading.Thread(target=read, daemon=True).start()
    say('READY', rclpy.get_rmw_implementation_identifier() if sys.argv[1] == 'rclpy' else peer.wire.session.zid())
    while True:
        peer.wire.spin()
        try:
            line = commands.get_nowait()
        except queue.Empty:
            continue
        if line is None:
            break
        peer.do(line)
    peer.wire.close()
    os._exit(0)


main()
