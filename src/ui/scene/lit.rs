//! What belongs to the thing that is chosen, and is lit with it: its endpoints, routes, labels, owner, clients.

use crate::view::{Bar, ClientCard, PodCard, Scene};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Everything that is lit. Empty when nothing is chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lit {
    chosen: Option<Rc<str>>,
    pods: Rc<BTreeSet<Rc<str>>>,
    ips: Rc<BTreeSet<String>>,
    bars: Rc<BTreeSet<String>>,
    clients: Rc<BTreeSet<Rc<str>>>,
    labels: Rc<BTreeSet<String>>,
}

impl Lit {
    /// What is lit when the Pod of a uid is chosen, or else a thing: `service/web`, `node/node-1`, `client/curl-1`.
    pub fn of(scene: &Scene, uid: Option<&str>, thing: Option<&str>) -> Lit {
        let mut pods: BTreeSet<Rc<str>> = BTreeSet::new();
        let (mut bars, mut clients, mut labels) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let selects = |bar: &Bar, card: &PodCard| {
            !bar.selector.is_empty() && bar.selector.iter().all(|(k, v)| card.labels.get(k) == Some(v))
        };
        let light_bar = |bar: &Bar, bars: &mut BTreeSet<String>, labels: &mut BTreeSet<String>| {
            bars.insert(bar.key.name.to_string());
            labels.extend(bar.selector.iter().map(|(k, v)| format!("{k}={v}")));
        };
        let chosen = scene.pods.iter().find(|c| Some(&*c.uid) == uid);
        if let Some(card) = chosen {
            let family = |c: &&Rc<PodCard>| !card.owner.is_empty() && c.owner == card.owner;
            pods.extend(scene.pods.iter().filter(family).map(|c| c.uid.clone()));
            pods.insert(card.uid.clone());
            for bar in scene.bars.iter().filter(|bar| selects(bar, card)) {
                light_bar(bar, &mut bars, &mut labels);
            }
        } else if let Some((kind, name)) = thing.and_then(|t| t.split_once('/')) {
            match kind {
                "service" => {
                    for bar in scene.bars.iter().filter(|b| &*b.key.name == name) {
                        light_bar(bar, &mut bars, &mut labels);
                        pods.extend(scene.pods.iter().filter(|c| selects(bar, c)).map(|c| c.uid.clone()));
                    }
                }
                "node" => pods.extend(scene.pods.iter().filter(|c| &*c.node == name).map(|c| c.uid.clone())),
                _ => {
                    clients.insert(name.into());
                    for client in scene.clients.iter().filter(|c| &*c.name == name) {
                        let host = client.detail.trim_start_matches("→ ");
                        let door = client.door.is_some();
                        let asked = scene.bars.iter().filter(|b| door || &*b.key.name == host || b.address == host);
                        asked.for_each(|bar| light_bar(bar, &mut bars, &mut labels));
                        pods.extend(scene.pods.iter().filter(|c| c.ip == host).map(|c| c.uid.clone()));
                    }
                }
            }
        }
        let ips: BTreeSet<String> = match chosen {
            Some(card) => [card.ip.clone()].into(),
            None => scene.pods.iter().filter(|c| pods.contains(&c.uid)).map(|c| c.ip.clone()).collect(),
        };
        let holds = |c: &&Rc<ClientCard>| chosen.is_some() && ips.contains(c.detail.trim_start_matches("→ "));
        clients.extend(scene.clients.iter().filter(holds).map(|c| c.name.clone()));
        Lit {
            chosen: thing.filter(|_| chosen.is_none()).map(Rc::from),
            pods: Rc::new(pods),
            ips: Rc::new(ips),
            bars: Rc::new(bars),
            clients: Rc::new(clients),
            labels: Rc::new(labels),
        }
    }

    /// Whether this thing is the one that is chosen.
    pub fn is(&self, thing: &str) -> bool {
        self.chosen.as_deref() == Some(thing)
    }

    /// A Pod.
    pub fn pod(&self, card: &PodCard) -> bool {
        self.pods.contains(&card.uid)
    }

    /// An address.
    pub fn ip(&self, ip: &str) -> bool {
        self.ips.contains(ip)
    }

    /// A Service.
    pub fn bar(&self, bar: &Bar) -> bool {
        self.bars.contains(&*bar.key.name)
    }

    /// A client.
    pub fn client(&self, client: &ClientCard) -> bool {
        self.clients.contains(&client.name)
    }

    /// A label by which the chosen thing is found.
    pub fn label(&self, label: &str) -> bool {
        self.labels.contains(label)
    }
}
