//! The headless command line: the same model, without a page.

fn main() {}
