//! How the table behaves over time, when it is full, and with many connections that are over.

use super::*;
use crate::time::SECOND;

fn tuple(source: &str, destination: &str) -> Tuple {
    Tuple { protocol: Protocol::Tcp, source: source.parse().unwrap(), destination: destination.parse().unwrap() }
}

#[test]
fn a_connection_is_translated_both_ways_and_outlives_its_rules() {
    let mut random = Stream::new(1, "ports");
    let mut table = Conntrack::default();
    let asked = tuple("198.51.100.5:40000", "192.0.2.11:30080");
    let node = Ipv4Addr::new(192, 0, 2, 11);
    let id = table.open(asked, "10.244.2.6:8080".parse().unwrap(), Some(node), 0, &mut random).unwrap();
    let flow = table.flow(id).unwrap().clone();
    assert_eq!(flow.dnat().unwrap().to_string(), "10.244.2.6:8080");
    assert_eq!(*flow.snat().unwrap().ip(), node);
    let inside = flow.translated(Direction::Original);
    assert_eq!((inside.source, inside.destination), (flow.snat().unwrap(), flow.dnat().unwrap()));
    assert_eq!(flow.translated(Direction::Reply), asked.reversed());
    assert_eq!(table.find(&inside.reversed(), 1), Some((id, Direction::Reply)));
    assert_eq!(table.find(&asked, 1), Some((id, Direction::Original)));
    for (direction, segment, state) in [
        (Direction::Reply, Segment::SynAck, State::SynRecv),
        (Direction::Original, Segment::Ack, State::Established),
        (Direction::Reply, Segment::Fin, State::FinWait),
        (Direction::Original, Segment::Ack, State::CloseWait),
        (Direction::Original, Segment::Fin, State::LastAck),
        (Direction::Reply, Segment::Ack, State::TimeWait),
    ] {
        assert!(table.packet(id, direction, segment, SECOND));
        assert_eq!(table.flow(id).unwrap().state, state);
    }
    assert!(table.find(&asked, 121 * SECOND - 1).is_some() && table.find(&asked, 121 * SECOND).is_none());
    // The same addresses again: a new connection.
    assert!(!table.packet(id, Direction::Original, Segment::Syn, 2 * SECOND));
    assert!(table.is_empty());
}

#[test]
fn equal_source_ports_towards_one_endpoint_are_told_apart() {
    let mut random = Stream::new(1, "ports");
    let mut table = Conntrack::default();
    let endpoint = "10.244.2.6:8080".parse().unwrap();
    let first = table.open(tuple("10.244.1.9:4000", "10.96.0.20:80"), endpoint, None, 0, &mut random).unwrap();
    let second = table.open(tuple("10.244.1.9:4000", "10.96.0.21:80"), endpoint, None, 0, &mut random).unwrap();
    assert_eq!(table.flow(first).unwrap().snat(), None);
    assert!(table.flow(second).unwrap().snat().is_some());
}

#[test]
fn a_full_table_forgets_what_is_nearly_over_or_refuses() {
    let mut random = Stream::new(1, "ports");
    let mut table = Conntrack::new(Timeouts::default(), 2);
    let to = |port: u16| tuple(&format!("10.244.1.9:{port}"), "10.244.2.6:80");
    let endpoint = to(1).destination;
    let ids: Vec<FlowId> = (1..3).map(|p| table.open(to(p), endpoint, None, 0, &mut random).unwrap()).collect();
    for id in &ids {
        table.packet(*id, Direction::Reply, Segment::SynAck, 1);
        table.packet(*id, Direction::Original, Segment::Ack, 1);
    }
    assert_eq!(table.open(to(3), endpoint, None, 2, &mut random), Err(Refused::TableFull));
    table.packet(ids[0], Direction::Original, Segment::Rst, 2);
    assert!(table.open(to(3), endpoint, None, 3, &mut random).is_ok());
    assert!(table.flow(ids[0]).is_none() && table.len() == 2);
}

#[test]
fn thousands_that_are_over_are_numbers_and_count_until_their_time_runs_out() {
    let mut random = Stream::new(1, "ports");
    let mut table = Conntrack::new(Timeouts::default(), 6_000);
    let server = (Ipv4Addr::new(10, 96, 0, 20), Protocol::Tcp, 80);
    let endpoint: SocketAddrV4 = "10.244.2.6:80".parse().unwrap();
    let open = |table: &mut Conntrack, random: &mut Stream, port: u16, now| {
        let id = table.open(tuple(&format!("10.244.1.9:{port}"), "10.96.0.20:80"), endpoint, None, now, random).unwrap();
        table.packet(id, Direction::Reply, Segment::Rst, now);
    };
    for port in 0..5_000 {
        open(&mut table, &mut random, 10_000 + port, SECOND / 2);
    }
    assert_eq!((table.len(), table.remembered()), (5_000, REMEMBERED));
    assert_eq!(table.count_behind(server, endpoint), (0, 5_000));
    // The table is full: what is over makes room.
    for port in 0..2_000 {
        open(&mut table, &mut random, 20_000 + port, 2 * SECOND);
    }
    assert_eq!(table.len(), 6_000);
    table.expire(11 * SECOND);
    assert_eq!(table.len(), 2_000);
    table.expire(13 * SECOND);
    assert!(table.is_empty() && table.timers.is_empty() && table.tuples.is_empty());
}

#[test]
fn udp_lasts_longer_once_it_is_a_conversation() {
    let mut random = Stream::new(1, "ports");
    let mut table = Conntrack::default();
    let asked = Tuple { protocol: Protocol::Udp, ..tuple("10.244.1.9:4000", "10.96.0.10:53") };
    let id = table.open(asked, "10.244.1.5:53".parse().unwrap(), None, 0, &mut random).unwrap();
    table.packet(id, Direction::Reply, Segment::Datagram, SECOND);
    assert_eq!(table.flow(id).unwrap().expires, 31 * SECOND);
    table.packet(id, Direction::Original, Segment::Datagram, 3 * SECOND);
    assert_eq!(table.flow(id).unwrap().expires, 123 * SECOND);
    table.expire(123 * SECOND);
    assert!(table.is_empty());
}
