//! What a step showed, in words: for those who look at the scene as stills.

use super::pod::PodCard;
use super::scene::Scene;
use super::words::counted;
use crate::lab::Lab;
use crate::time::{MILLISECOND, Nanos};
use std::rc::Rc;

/// Sentences about Pods; more are counted.
const SENTENCES: usize = 4;

/// One still of the scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Still {
    /// The number of the still since time stood still.
    pub number: usize,
    /// Its moment.
    pub at: Nanos,
    /// What is new since the still before.
    pub news: Vec<String>,
}

impl Still {
    /// Requests that were answered and not answered so far.
    pub fn count(lab: &Lab) -> (u64, u64) {
        lab.traffic().clients().fold((0, 0), |(a, b), c| (a + c.stats.answered, b + c.stats.bad()))
    }

    /// The still after a step from one scene to another; `counted` was the count before.
    pub fn between(number: usize, before: &Scene, after: &Scene, counted_before: (u64, u64), lab: &Lab) -> Still {
        let now = Still::count(lab);
        let (answered, failed) = (now.0 - counted_before.0.min(now.0), now.1 - counted_before.1.min(now.1));
        let mut news = vec![format!("{} answered, {failed} failed", counted(answered as usize, "request"))];
        let mut pods = pods(before, after);
        let more = pods.len().saturating_sub(SENTENCES);
        pods.truncate(SENTENCES);
        news.append(&mut pods);
        if more > 0 {
            news.push(format!("and {more} more Pods changed"));
        }
        Still { number, at: lab.now() / MILLISECOND * MILLISECOND, news }
    }
}

/// A sentence for each Pod that came, went or is in another state.
fn pods(before: &Scene, after: &Scene) -> Vec<String> {
    fn all(scene: &Scene) -> impl Iterator<Item = &Rc<PodCard>> {
        scene.pods.iter().chain(&scene.waiting)
    }
    let old: std::collections::BTreeMap<&str, &Rc<PodCard>> = all(before).map(|c| (&*c.uid, c)).collect();
    let mut left = old.clone();
    let mut news = vec![];
    for card in all(after) {
        left.remove(&*card.uid);
        match old.get(&*card.uid) {
            None => news.push(format!("{} is new: {}", card.name, card.word)),
            Some(was) if was.state != card.state => news.push(format!("{} is {} now", card.name, card.word)),
            Some(_) => {}
        }
    }
    news.extend(left.values().map(|card| format!("{} is gone", card.name)));
    news
}
