//! `nslookup`, as BusyBox has it: a name without a dot is asked for in every search domain, any other as it is.

use super::{Ran, files};
use crate::cluster::Cluster;
use crate::kubectl::exec::Executing;
use crate::network::dns::{Code, Data, LookupError, Record, Resolver, Response, Type};
use crate::time::{MILLISECOND, SECOND};

/// How long nslookup waits for answers in all.
const PATIENCE: u64 = 10 * SECOND;

/// A question, and whether the records of the answer are shown. (Names that have IPv4 addresses exist for IPv6 too, with none.)
struct Asked(Type, bool);

impl Cluster {
    pub(super) fn nslookup(&mut self, run: &Executing, args: &[String]) -> Ran {
        let flag = |a: &&String| a.starts_with('-');
        let kind = args.iter().find(flag).and_then(|a| a.split_once('=')).map(|(_, kind)| kind.to_ascii_uppercase());
        let Some(name) = args.iter().find(|a| !flag(a)) else {
            return Ran::Ended(
                "BusyBox v1.37.0 multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] HOST [DNS_SERVER]\n".into(),
                1,
            );
        };
        let types: &[Asked] = match kind.as_deref() {
            None => &[Asked(Type::A, true), Asked(Type::A, false)],
            Some("A") => &[Asked(Type::A, true)],
            Some("AAAA") => &[Asked(Type::A, false)],
            Some("SRV") => &[Asked(Type::Srv, true)],
            Some("CNAME") => &[Asked(Type::Cname, true)],
            Some("PTR") => &[Asked(Type::Ptr, true)],
            Some("TXT") => &[Asked(Type::Txt, true)],
            Some(other) => return Ran::Ended(format!("nslookup: invalid query type \"{other}\"\n"), 1),
        };
        let head = format!("Server:\t\t{0}\nAddress:\t{0}:53\n\n", files::server());
        let names = match name.parse::<std::net::Ipv4Addr>() {
            Ok(ip) => {
                let [a, b, c, d] = ip.octets();
                return self.answer(run, &head, &[format!("{d}.{c}.{b}.{a}.in-addr.arpa")], &[Asked(Type::Ptr, true)]);
            }
            Err(_) if name.contains('.') => vec![name.trim_end_matches('.').to_string()],
            Err(_) => {
                let mut all = Resolver::cluster_first(&run.pod.namespace).candidates(name);
                all.pop();
                all
            }
        };
        self.answer(run, &head, &names, types)
    }

    fn answer(&mut self, run: &Executing, head: &str, names: &[String], types: &[Asked]) -> Ran {
        let probe = format!("{}.", names.first().map(String::as_str).unwrap_or_default());
        let took = match self.resolve(&run.pod, &probe) {
            Some(lookup) if matches!(lookup.found, Err(LookupError::Refused | LookupError::Timeout)) => {
                return self.wait(PATIENCE, ";; connection timed out; no servers could be reached\n\n".into(), 1);
            }
            Some(lookup) => lookup.took,
            None => return Ran::Ended(";; connection timed out; no servers could be reached\n\n".into(), 1),
        };
        let (mut text, mut code) = (head.to_string(), 0);
        for Asked(type_, shown) in types {
            for name in names {
                let response = self.ask_dns(name, *type_);
                if response.code != Code::NoError {
                    text.push_str(&format!("** server can't find {name}: NXDOMAIN\n\n"));
                    code = 1;
                } else if *shown && !response.answers.is_empty() {
                    text.push_str(&lines(&response));
                }
            }
        }
        self.wait(took.max(MILLISECOND), text, code)
    }
}

/// The records of an answer as nslookup lists them.
fn lines(response: &Response) -> String {
    let line = |record: &Record| match &record.data {
        Data::A(ip) => format!("Name:\t{}\nAddress: {ip}\n", record.name),
        Data::Cname(target) => format!("{}\tcanonical name = {target}\n", record.name),
        Data::Srv { weight, port, target } => format!("{}\tservice = 0 {weight} {port} {target}\n", record.name),
        Data::Ptr(name) => format!("{}\tname = {name}\n", record.name),
        Data::Txt(text) => format!("{}\ttext = {text:?}\n", record.name),
    };
    response.answers.iter().map(line).collect::<String>() + "\n"
}
