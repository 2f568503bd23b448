//! Where the parts of a document are.
//!
//! Promises: a field path as Kubernetes writes it (`spec.ports[0].port`, `metadata.labels[app]`) finds its line and column, a path
//! that does not exist those of the nearest part around it.

/// Line and column, counted from 1.
pub type Position = (usize, usize);

/// The places of a value and of everything in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions {
    /// Where its key is (of list items and of the document: where the value starts).
    pub key: Position,
    /// Where the value starts.
    pub value: Position,
    pub children: Children,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Children {
    #[default]
    None,
    List(Vec<Positions>),
    /// In the order of the text; of a key set twice the last one counts.
    Map(Vec<(String, Positions)>),
}

impl Positions {
    /// The part at `path`, or the nearest one around it.
    pub fn find(&self, path: &str) -> &Self {
        let mut here = self;
        let mut rest = path;
        while let Some((child, behind)) = here.step(rest) {
            here = child;
            rest = behind;
        }
        here
    }

    /// The child that `path` starts with and the path behind it. Keys may contain dots: the longest key that fits counts.
    fn step<'a>(&self, path: &'a str) -> Option<(&Self, &'a str)> {
        match &self.children {
            Children::None => None,
            Children::List(items) => {
                let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
                Some((items.get(index.parse::<usize>().ok()?)?, rest))
            }
            Children::Map(entries) => {
                let fits = entries.iter().rev().filter_map(|(key, child)| Some((child, key, rest_behind(path, key)?)));
                let best = fits.max_by_key(|(_, key, _)| key.len())?;
                Some((best.0, best.2))
            }
        }
    }

    /// Moves everything `lines` down.
    pub fn shift(&mut self, lines: usize) {
        self.key.0 += lines;
        self.value.0 += lines;
        match &mut self.children {
            Children::None => {}
            Children::List(items) => items.iter_mut().for_each(|p| p.shift(lines)),
            Children::Map(entries) => entries.iter_mut().for_each(|(_, p)| p.shift(lines)),
        }
    }
}

/// The path behind `key`, written `.key`, `key`, `[key]` or `["key"]`.
fn rest_behind<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    if let Some(inner) = path.strip_prefix('[') {
        let inner = inner.strip_prefix('"').unwrap_or(inner);
        let rest = inner.strip_prefix(key)?;
        return rest.strip_prefix('"').unwrap_or(rest).strip_prefix(']');
    }
    let rest = path.strip_prefix('.').unwrap_or(path).strip_prefix(key)?;
    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
}
