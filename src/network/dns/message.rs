//! Questions and answers of DNS, as far as the cluster's names need them.

use std::fmt;
use std::net::Ipv4Addr;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// Addresses.
    A,
    /// Ports and the names behind them.
    Srv,
    /// The name of an address.
    Ptr,
    /// Another name for a name.
    Cname,
    /// Text.
    Txt,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// An address.
    A(Ipv4Addr),
    /// Priority is always 0.
    Srv {
        /// Share of this one among equals.
        weight: u16,
        /// Port.
        port: u16,
        /// A name that has an address, without the last dot.
        target: String,
    },
    /// A name, without the last dot.
    Ptr(String),
    /// A name, without the last dot.
    Cname(String),
    /// A text.
    Txt(String),
}

impl fmt::Display for Data {
    /// As `dig` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Data::A(ip) => write!(f, "{ip}"),
            Data::Srv { weight, port, target } => write!(f, "0 {weight} {port} {target}."),
            Data::Ptr(name) | Data::Cname(name) => write!(f, "{name}."),
            Data::Txt(text) => write!(f, "{text:?}"),
        }
    }
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose it is, without the last dot.
    pub name: String,
    /// Seconds for which it may be kept.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

/// Whether there is such a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// There is.
    NoError,
    /// There is not.
    NxDomain,
}

/// An answer. Without records and [`Code::NoError`]: the name exists, but has nothing of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Whether there is such a name.
    pub code: Code,
    /// The records.
    pub answers: Vec<Record>,
}

impl Response {
    /// There is no such name.
    pub fn nx_domain() -> Response {
        Response { code: Code::NxDomain, answers: vec![] }
    }

    /// The name exists without such records.
    pub fn no_data() -> Response {
        Response { code: Code::NoError, answers: vec![] }
    }

    /// The addresses in it.
    pub fn addresses(&self) -> Vec<Ipv4Addr> {
        let address = |r: &Record| if let Data::A(ip) = r.data { Some(ip) } else { None };
        self.answers.iter().filter_map(address).collect()
    }
}
