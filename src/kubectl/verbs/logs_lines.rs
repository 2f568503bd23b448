//! The lines that `kubectl logs` shows of a container: which of them, how they are printed, and those that `-f` waits for.
//!
//! Promises: values of flags that make no sense are named in kubectl's words; a stream that is followed ends with its container.

use crate::api::pod::ContainerState;
use crate::api::{Key, Pod, Time};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::wait::{Wait, Waited};
use crate::time::{Nanos, SECOND};

/// Lines that are shown of each container when Pods were picked by labels.
const SELECTOR_TAIL: i64 = 10;

/// Which lines are shown, and how.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    /// Only so many lines at the end; negative: all.
    pub(super) tail: i64,
    /// Only lines printed at this moment or later.
    since: Option<Nanos>,
    /// Only so many bytes of each container.
    limit: Option<i64>,
    timestamps: bool,
    prefix: bool,
    epoch: i64,
}

impl View {
    pub(super) fn of(cx: &Cx, flags: &Parsed, by_labels: bool) -> Result<View, Failure> {
        let (epoch, now) = (cx.backend.epoch(), cx.backend.read().now());
        let since_time = flags.text("since-time");
        let since = match (since_time.as_str(), flags.span("since")) {
            ("", None | Some(0)) => None,
            ("", Some(span)) => Some(now.saturating_sub(u64::try_from(span).unwrap_or(0))),
            (text, _) => {
                let time = Time::parse(text).ok_or_else(|| {
                    Failure::error(format!(
                        "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""
                    ))
                })?;
                Some(u64::try_from(time.0 - epoch).unwrap_or(0) * SECOND)
            }
        };
        Ok(View {
            tail: flags.int("tail").unwrap_or(if by_labels { SELECTOR_TAIL } else { -1 }),
            since,
            limit: flags.int("limit-bytes").filter(|n| *n != 0),
            timestamps: flags.on("timestamps"),
            prefix: flags.on("prefix") || flags.on("all-pods"),
            epoch,
        })
    }

    /// Values that make no sense.
    pub(super) fn check(&self, flags: &Parsed) -> Result<(), Failure> {
        let span = flags.span("since").unwrap_or(0);
        let rules = [
            (flags.has("since-time") && span != 0, "at most one of `sinceTime` or `sinceSeconds` may be specified"),
            (self.limit.is_some_and(|n| n < 0), "--limit-bytes must be greater than 0"),
            (span < 0, "--since must be greater than 0"),
            (self.tail < -1, "--tail must be greater than or equal to -1"),
        ];
        match rules.iter().find(|(broken, _)| *broken) {
            Some((_, text)) => Err(Failure::error(text)),
            None => Ok(()),
        }
    }

    /// The text of a container's lines.
    pub(super) fn text(&self, source: &Source, lines: &[(Nanos, String)]) -> String {
        let mut text = String::new();
        for (at, line) in lines {
            if self.since.is_some_and(|since| *at < since) {
                continue;
            }
            if self.prefix {
                text.push_str(&format!("[pod/{}/{}] ", source.pod.name, source.container));
            }
            if self.timestamps {
                let second = Time(self.epoch + (at / SECOND) as i64).rfc3339();
                text.push_str(&format!("{}.{:09}Z ", second.trim_end_matches('Z'), at % SECOND));
            }
            text.push_str(line);
            text.push('\n');
        }
        if let Some(limit) = self.limit {
            text.truncate((0..=text.len().min(limit as usize)).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0));
        }
        text
    }
}

/// One stream of lines.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    pub(super) pod: Key,
    pub(super) uid: String,
    pub(super) container: String,
    /// Lines printed so far, and of which life of the container.
    pub(super) seen: usize,
}

/// `logs -f` under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Following {
    pub(super) sources: Vec<Source>,
    pub(super) view: View,
}

impl Following {
    /// Prints what was added since the last look; ends when no container is left that could add more.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        let view = self.view.clone();
        self.sources.retain_mut(|source| {
            let Some(pod) = cx.backend.read().get::<Pod>(&source.pod).filter(|p| p.meta.uid == source.uid).cloned() else {
                return false;
            };
            let Ok(lines) = cx.backend.logs(&pod, &source.container, false) else { return false };
            if lines.len() < source.seen {
                // Another life of the container: the stream of the old one has ended.
                return false;
            }
            cx.out.push_str(&view.text(source, &lines[source.seen..]));
            source.seen = lines.len();
            let ended = |state: &ContainerState| state.terminated.is_some() || state.waiting.is_some();
            let statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
            !statuses.filter(|s| s.name == source.container).any(|s| ended(&s.state))
        });
        if self.sources.is_empty() { Waited::Done } else { Waited::Still(Wait::Logs(self)) }
    }
}
