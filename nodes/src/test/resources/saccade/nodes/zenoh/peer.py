"""The official Zenoh as a peer in tests: does what lines on its standard input say, prints what it sees.

peer.py MODE [connect|listen ENDPOINT]... [key=json5]...      MODE: client, peer, router
"""
import hashlib
import json
import os
import sys
import threading

import zenoh
import zenoh.ext

config = zenoh.Config()
config.insert_json5("mode", json.dumps(sys.argv[1]))
config.insert_json5("scouting/multicast/enabled", "false")
config.insert_json5("transport/shared_memory/enabled", "false")
endpoints = {"connect": [], "listen": []}
rest = sys.argv[2:]
while rest:
    word = rest.pop(0)
    if word in endpoints:
        endpoints[word].append(rest.pop(0))
    else:
        key, value = word.split("=", 1)
        config.insert_json5(key, value)
for kind, list_ in endpoints.items():
    if list_:
        config.insert_json5(kind + "/endpoints", json.dumps(list_))
    elif kind == "listen" and sys.argv[1] != "client":
        config.insert_json5("listen/endpoints", "[]")
session = zenoh.open(config)
lock = threading.Lock()
kept = {}


def say(*words):
    with lock:
        print(*words, flush=True)


def attachment(sample):
    return bytes(sample.attachment).hex() if sample.attachment else "-"


def describe(sample):
    data = bytes(sample.payload)
    shown = data.decode("ascii") if len(data) <= 64 and data.isascii() and data.isalnum() else "."
    return f"{sample.key_expr} {len(data)} {hashlib.sha1(data).hexdigest()} {attachment(sample)} {shown}"


def token(sample):
    say("TOKEN", "+" if sample.kind == zenoh.SampleKind.PUT else "-", sample.key_expr)


def answer(prefix):
    def call(query):
        payload = prefix.encode() + (bytes(query.payload) if query.payload else b"")
        query.reply(query.key_expr, payload, attachment=bytes(query.attachment) if query.attachment else None)
        query.drop()
    return call


def echo(key):
    publisher = session.declare_publisher(key, congestion_control=zenoh.CongestionControl.BLOCK)
    return lambda s: publisher.put(bytes(s.payload), attachment=bytes(s.attachment) if s.attachment else None)


def ask(key, payload):
    for reply in session.get(
        key, payload=payload, attachment=b"A" * 33, target=zenoh.QueryTarget.ALL_COMPLETE,
        consolidation=zenoh.ConsolidationMode.NONE, timeout=5,
    ):
        say("REPLY", describe(reply.ok)) if reply.ok else say("ERROR", bytes(reply.err.payload))
    say("DONE")


def advanced_publisher(key, depth, reliable):
    ext = zenoh.ext
    options = {"cache": ext.CacheConfig(max_samples=int(depth)), "publisher_detection": True}
    if reliable == "reliable":
        options["sample_miss_detection"] = ext.MissDetectionConfig(sporadic_heartbeat=0.5)
    return ext.declare_advanced_publisher(session, key, **options)


def advanced_subscriber(key, depth, reliable):
    ext = zenoh.ext
    options = {
        "history": ext.HistoryConfig(detect_late_publishers=True, max_samples=int(depth)),
        "subscriber_detection": True,
    }
    if reliable == "reliable":
        options["recovery"] = ext.RecoveryConfig(heartbeat=True)
    return ext.declare_advanced_subscriber(session, key, lambda s: say("SAMPLE", describe(s)), **options)


say("READY", session.zid())
for line in sys.stdin:
    word, *a = line.split()
    if word == "sub":
        kept[word + a[0]] = session.declare_subscriber(a[0], lambda s: say("SAMPLE", describe(s)))
    elif word == "echo":
        kept[word + a[0]] = session.declare_subscriber(a[0], echo(a[1]))
    elif word == "pub":  # KEY BYTES|TEXT [attachment hex]
        data = os.urandom(int(a[1])) if a[1].isdigit() else a[1].encode()
        session.put(a[0], data, attachment=bytes.fromhex(a[2]) if len(a) > 2 else None,
                    congestion_control=zenoh.CongestionControl.BLOCK)
        say("PUT", hashlib.sha1(data).hexdigest())
    elif word == "queryable":
        kept[word + a[0]] = session.declare_queryable(a[0], answer(a[1]), complete=True)
    elif word == "get":
        threading.Thread(target=ask, args=(a[0], a[1].encode())).start()
    elif word == "token":
        kept[word + a[0]] = session.liveliness().declare_token(a[0])
    elif word == "untoken":
        kept.pop("token" + a[0]).undeclare()
    elif word == "tokens":
        kept[word + a[0]] = session.liveliness().declare_subscriber(a[0], token, history=True)
    elif word == "advpub":
        kept[a[0]] = advanced_publisher(*a)
    elif word == "advput":
        kept[a[0]].put(a[1], attachment=bytes.fromhex(a[2]) if len(a) > 2 else None)
    elif word == "advsub":
        kept[word + a[0]] = advanced_subscriber(*a)
    elif word == "peers":
        say("PEERS", len(session.info.peers_zid()), "ROUTERS", len(session.info.routers_zid()))
    elif word == "quit":
        break
    else:
        say("UNKNOWN", word)
        continue
    say("OK", word)
session.close()
os._exit(0)
