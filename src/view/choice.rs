//! Something that can be set, as ways in plain words.

/// One thing that can be set; `T`: what makes it so.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<T> {
    /// What it is about.
    pub label: &'static str,
    /// The ways it can be: words, and what makes it so. The first is the default where there is one.
    pub options: Vec<(&'static str, T)>,
    /// Which of them it is now; `None`: another way.
    pub chosen: Option<usize>,
}

/// The choice among a list of values.
pub(super) fn values<V: PartialEq + Copy, T>(
    label: &'static str,
    list: &[(&'static str, V)],
    now: V,
    make: impl Fn(V) -> T,
) -> Choice<T> {
    let options = list.iter().map(|(words, value)| (*words, make(*value))).collect();
    Choice { label, options, chosen: list.iter().position(|(_, value)| *value == now) }
}
