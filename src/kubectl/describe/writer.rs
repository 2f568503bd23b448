//! The lines of `describe` before they are aligned: levels of indentation, tabs between columns, and the lists that every kind has.

use crate::api::meta::StringMap;
use crate::api::node::Taint;
use crate::api::pod::Toleration;
use crate::kubectl::apply::LAST_APPLIED;
use crate::kubectl::print::tabwriter::TabWriter;
use crate::sorting::Arrange;

/// Bytes of an annotation's line beyond which its value gets lines of its own.
const MAX_ANNOTATION: usize = 140;

/// Text with tabs, to be aligned at the end.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
}

impl Writer {
    /// A line, indented by two blanks a level.
    pub fn line(&mut self, level: usize, text: &str) {
        self.put(level, text);
        self.text.push('\n');
    }

    /// The same without an end.
    pub fn put(&mut self, level: usize, text: &str) {
        self.text.extend(std::iter::repeat_n("  ", level));
        self.text.push_str(text);
    }

    /// `key:` and its value.
    pub fn field(&mut self, level: usize, key: &str, value: impl std::fmt::Display) {
        self.line(level, &format!("{key}:\t{value}"));
    }

    /// The lines as they are, with their tabs.
    pub fn raw(self) -> String {
        self.text
    }

    /// The lines in aligned columns.
    pub fn aligned(self) -> String {
        let mut tabs = TabWriter::for_describe();
        tabs.write(&self.text);
        tabs.finish()
    }

    /// A title and lines behind it, each under the first; `<none>` without any.
    pub fn list(&mut self, title: &str, lines: &[String]) {
        self.put(0, &format!("{title}:\t"));
        if lines.is_empty() {
            self.line(0, "<none>");
        }
        for (i, line) in lines.iter().enumerate() {
            if i > 0 {
                self.put(0, "\t");
            }
            self.line(0, line);
        }
    }

    /// Labels, one a line.
    pub fn labels(&mut self, title: &str, labels: &StringMap) {
        let lines: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        self.list(title, &lines);
    }

    /// Annotations but the one that `apply` keeps; long ones and those of several lines begin on the next line.
    pub fn annotations(&mut self, title: &str, annotations: &StringMap) {
        let mut lines = Vec::new();
        for (key, value) in annotations.iter().filter(|(key, _)| *key != LAST_APPLIED) {
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 <= MAX_ANNOTATION && !value.contains('\n') {
                lines.push(format!("{key}: {value}"));
                continue;
            }
            lines.push(format!("{key}:"));
            lines.extend(value.split('\n').map(|line| format!("  {}", shorten(line))));
        }
        self.list(title, &lines);
    }

    /// Taints by effect and key.
    pub fn taints(&mut self, title: &str, taints: &[Taint]) {
        let mut taints: Vec<&Taint> = taints.iter().collect();
        taints.arrange_by_key(|t| format!("{},{}", t.effect, t.key));
        let lines: Vec<String> = taints.into_iter().map(taint).collect();
        self.list(title, &lines);
    }

    /// Tolerations by key.
    pub fn tolerations(&mut self, title: &str, tolerations: &[Toleration]) {
        let mut tolerations: Vec<&Toleration> = tolerations.iter().collect();
        tolerations.arrange_by_key(|t| &t.key);
        let lines: Vec<String> = tolerations.into_iter().map(toleration).collect();
        self.list(title, &lines);
    }
}

fn shorten(line: &str) -> String {
    const MAX: usize = MAX_ANNOTATION - 2;
    if line.len() <= MAX {
        return line.to_owned();
    }
    let end = (0..=MAX).rev().find(|i| line.is_char_boundary(*i)).unwrap_or(0);
    format!("{}...", &line[..end])
}

fn taint(taint: &Taint) -> String {
    match (taint.effect.as_str(), taint.value.as_str()) {
        ("", "") => taint.key.clone(),
        ("", value) => format!("{}={value}:", taint.key),
        (effect, "") => format!("{}:{effect}", taint.key),
        (effect, value) => format!("{}={value}:{effect}", taint.key),
    }
}

fn toleration(toleration: &Toleration) -> String {
    let mut text = toleration.key.clone();
    if !toleration.value.is_empty() {
        text += &format!("={}", toleration.value);
    }
    if !toleration.effect.is_empty() {
        text += &format!(":{}", toleration.effect);
    }
    if toleration.operator == "Exists" && toleration.value.is_empty() {
        text += if text.is_empty() { "op=Exists" } else { " op=Exists" };
    }
    match toleration.toleration_seconds {
        Some(seconds) => format!("{text} for {seconds}s"),
        None => text,
    }
}
