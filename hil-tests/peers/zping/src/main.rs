//! zping ping|pong ENDPOINT: round trips of the official Rust client through a router, shared memory not compiled in.
//! Reads `burst BYTES MILLIS` lines, answers `TRIPS LOST NS...`. Ends with its input.
use std::io::BufRead;
use std::time::{Duration, Instant};
use zenoh::{bytes::ZBytes, qos::CongestionControl, Wait};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut config = zenoh::Config::default();
    config.insert_json5("mode", "\"client\"").unwrap();
    config.insert_json5("connect/endpoints", &format!("[\"{}\"]", arguments[2])).unwrap();
    config.insert_json5("scouting/multicast/enabled", "false").unwrap();
    let session = zenoh::open(config).wait().unwrap();
    let ping = arguments[1] == "ping";
    let (from, to) = if ping { ("rust/pong", "rust/ping") } else { ("rust/ping", "rust/pong") };
    let publisher = session.declare_publisher(to).congestion_control(CongestionControl::Block).express(true).wait().unwrap();
    if !ping {
        session.declare_subscriber(from).callback(move |sample| publisher.put(sample.payload().clone()).wait().unwrap())
            .background().wait().unwrap();
        println!("READY");
        for _ in std::io::stdin().lock().lines() {}
        return;
    }
    let subscriber = session.declare_subscriber(from).wait().unwrap();
    println!("READY");
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let data: ZBytes = vec![7u8; words[1].parse().unwrap()].into();
        let end = Instant::now() + Duration::from_millis(words[2].parse().unwrap());
        let mut lost = 0;
        let mut trips: Vec<u64> = Vec::new();
        while trips.len() + lost == 0 || Instant::now() < end {
            let start = Instant::now();
            publisher.put(data.clone()).wait().unwrap();
            match subscriber.recv_timeout(Duration::from_secs(5)) {
                Ok(Some(_)) => trips.push(start.elapsed().as_nanos() as u64),
                _ => lost += 1,
            }
        }
        let text: Vec<String> = trips.iter().map(|trip| trip.to_string()).collect();
        println!("TRIPS {} {}", lost, text.join(" "));
    }
}
