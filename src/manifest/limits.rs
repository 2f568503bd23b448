//! How much text a manifest may have; beyond a limit it is refused with a clear message, nothing of it is used.

/// Bytes of a manifest (a ConfigMap may hold 1 MiB, no object may be larger).
pub const MAX_TEXT_BYTES: usize = 1 << 20;
/// Levels of nesting, by indentation and by brackets each; also how deep anchors may refer to each other.
pub const MAX_DEPTH: usize = 100;
/// Values in one document, those that aliases repeat included.
pub const MAX_VALUES: usize = 50_000;
/// Documents in one manifest.
pub const MAX_DOCUMENTS: usize = 5_000;
