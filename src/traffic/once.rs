//! One request more, from a client that asks only when somebody tells it to.

use super::client::Client;
use super::{ClientSetting, Pattern, Record, Traffic, TrafficEvent};
use crate::time::Nanos;
use std::rc::Rc;

impl Traffic {
    /// Sends one request as `setting` says, by the client of that name (made anew if there is none). Returns which of that
    /// client's requests it is.
    pub fn ask_once(&mut self, setting: ClientSetting, now: Nanos, out: &mut Vec<(Nanos, TrafficEvent)>) -> u64 {
        let name: Rc<str> = setting.name.as_str().into();
        let seed = self.seed;
        let client = self.clients.entry(name.clone()).or_insert_with(|| Client::new(setting.clone(), 0, now, seed));
        let total = Some(client.stats.sent + 1);
        client.setting = ClientSetting { pattern: Pattern::Sequence, total, ..setting };
        client.serial += 1;
        out.push((now, TrafficEvent::Tick(name, client.serial)));
        client.number + 1
    }

    /// A client's request by its number, if it has ended.
    pub fn ended(&self, client: &str, number: u64) -> Option<&Record> {
        let mut own = self.remembered().rev().filter(|r| *r.client == *client && r.number == number);
        own.next().filter(|r| r.ended.is_some())
    }
}
