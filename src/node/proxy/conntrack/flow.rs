//! One connection as a node knows it: its addresses on both sides of the translation, its state and how long that lasts.

use crate::node::proxy::port::Protocol;
use crate::time::{Nanos, SECOND};
use std::net::SocketAddrV4;

/// Protocol and addresses of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tuple {
    /// Protocol.
    pub protocol: Protocol,
    /// Who sends.
    pub source: SocketAddrV4,
    /// Who receives.
    pub destination: SocketAddrV4,
}

impl Tuple {
    /// The addresses of an answer.
    pub fn reversed(self) -> Tuple {
        Tuple { protocol: self.protocol, source: self.destination, destination: self.source }
    }
}

/// Which way a packet of a known connection goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// As the first packet.
    Original,
    /// Back.
    Reply,
}

/// What a packet says to the connection table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// TCP: wants to connect.
    Syn,
    /// TCP: accepts.
    SynAck,
    /// TCP: data or acknowledgement.
    Ack,
    /// TCP: has nothing more to send.
    Fin,
    /// TCP: breaks it off.
    Rst,
    /// UDP and others.
    Datagram,
}

/// The state of a connection, in the kernel's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// TCP: a SYN went out.
    SynSent,
    /// TCP: it was answered.
    SynRecv,
    /// TCP: open.
    Established,
    /// TCP: one side has closed.
    FinWait,
    /// TCP: that was acknowledged.
    CloseWait,
    /// TCP: the other side has closed too.
    LastAck,
    /// TCP: all is acknowledged.
    TimeWait,
    /// TCP: reset.
    Close,
    /// UDP and others: no answer yet.
    Unreplied,
    /// UDP and others: answered, but not for long.
    Replied,
    /// UDP: a conversation of more than two seconds.
    Assured,
}

/// How long each state lasts without packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// TCP SYN_SENT.
    pub syn_sent: Nanos,
    /// TCP SYN_RECV.
    pub syn_recv: Nanos,
    /// TCP ESTABLISHED (kube-proxy's `--conntrack-tcp-timeout-established`).
    pub established: Nanos,
    /// TCP FIN_WAIT.
    pub fin_wait: Nanos,
    /// TCP CLOSE_WAIT (kube-proxy's `--conntrack-tcp-timeout-close-wait`).
    pub close_wait: Nanos,
    /// TCP LAST_ACK.
    pub last_ack: Nanos,
    /// TCP TIME_WAIT.
    pub time_wait: Nanos,
    /// TCP CLOSE.
    pub close: Nanos,
    /// UDP without an answer, or with a short conversation.
    pub udp: Nanos,
    /// UDP conversations (`nf_conntrack_udp_timeout_stream`).
    pub udp_stream: Nanos,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            syn_sent: 120 * SECOND,
            syn_recv: 60 * SECOND,
            established: 86_400 * SECOND,
            fin_wait: 120 * SECOND,
            close_wait: 3_600 * SECOND,
            last_ack: 30 * SECOND,
            time_wait: 120 * SECOND,
            close: 10 * SECOND,
            udp: 30 * SECOND,
            udp_stream: 120 * SECOND,
        }
    }
}

impl Timeouts {
    /// How long a state lasts.
    pub fn of(&self, state: State) -> Nanos {
        match state {
            State::SynSent => self.syn_sent,
            State::SynRecv => self.syn_recv,
            State::Established => self.established,
            State::FinWait => self.fin_wait,
            State::CloseWait => self.close_wait,
            State::LastAck => self.last_ack,
            State::TimeWait => self.time_wait,
            State::Close => self.close,
            State::Unreplied | State::Replied => self.udp,
            State::Assured => self.udp_stream,
        }
    }
}

/// A UDP conversation that lasts longer than this counts as a stream.
const STREAM_AFTER: Nanos = 2 * SECOND;

/// A connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The first packet's addresses, before translation.
    pub original: Tuple,
    /// The answer's addresses, before it is translated back: from the endpoint to whatever source it saw.
    pub reply: Tuple,
    /// Its state.
    pub state: State,
    /// When it is looked at again.
    pub(super) timer: Nanos,
    /// When it was first seen.
    pub since: Nanos,
    /// When it is forgotten unless another packet comes.
    pub expires: Nanos,
    /// Whether anything came back.
    pub seen_reply: bool,
}

impl Flow {
    /// The addresses with which a packet of this direction goes on.
    pub fn translated(&self, direction: Direction) -> Tuple {
        match direction {
            Direction::Original => self.reply.reversed(),
            Direction::Reply => self.original.reversed(),
        }
    }

    /// Where it was sent, if the destination was rewritten.
    pub fn dnat(&self) -> Option<SocketAddrV4> {
        (self.reply.source != self.original.destination).then_some(self.reply.source)
    }

    /// The source that the receiver sees, if it was rewritten.
    pub fn snat(&self) -> Option<SocketAddrV4> {
        (self.reply.destination != self.original.source).then_some(self.reply.destination)
    }

    /// Whether a full table may forget it to make room (`nf_ct_tcp_can_early_drop`, or no answer so far).
    pub fn may_be_dropped(&self) -> bool {
        matches!(
            self.state,
            State::SynSent
                | State::SynRecv
                | State::FinWait
                | State::CloseWait
                | State::LastAck
                | State::TimeWait
                | State::Close
                | State::Unreplied
                | State::Replied
        )
    }

    /// Whether it is over: nothing but a new connection can come of it.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::TimeWait | State::Close)
    }

    /// The state after a packet.
    pub(super) fn next_state(&self, direction: Direction, segment: Segment, now: Nanos) -> State {
        use State::*;
        match (self.state, segment) {
            (_, Segment::Rst) => Close,
            (SynSent | SynRecv, Segment::SynAck) => SynRecv,
            (SynRecv, Segment::Ack) if direction == Direction::Original => Established,
            (SynSent | SynRecv | Established, Segment::Fin) => FinWait,
            (FinWait, Segment::Ack) => CloseWait,
            (FinWait | CloseWait, Segment::Fin) => LastAck,
            (LastAck, Segment::Ack) => TimeWait,
            (Unreplied, Segment::Datagram) if direction == Direction::Original => Unreplied,
            (Unreplied | Replied, Segment::Datagram) if now < self.since + STREAM_AFTER => Replied,
            (Unreplied | Replied, Segment::Datagram) => Assured,
            (state, _) => state,
        }
    }
}
