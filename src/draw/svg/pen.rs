//! What draws the SVG: boxes, texts and crosses in a theme's colours.

use crate::draw::palette::{Palette, Rgb};
use crate::view::{Point, Rect};
use std::fmt::Write;

/// Colours of a theme that the dots do not need.
pub struct Theme {
    pub palette: &'static Palette,
    pub page: &'static str,
    pub panel: &'static str,
    pub line: &'static str,
    pub text: &'static str,
    pub quiet: &'static str,
    pub on_service: &'static str,
    pub good: &'static str,
}

pub const LIGHT: Theme = Theme {
    palette: &Palette::LIGHT,
    page: "#f6f8fa",
    panel: "#ffffff",
    line: "#d5dce4",
    text: "#17202b",
    quiet: "#5b6876",
    on_service: "#ffffff",
    good: "#00805c",
};
pub const DARK: Theme = Theme {
    palette: &Palette::DARK,
    page: "#0d1117",
    panel: "#151b23",
    line: "#2d3743",
    text: "#e6edf3",
    quiet: "#98a4b3",
    on_service: "#0b1220",
    good: "#2fbf8f",
};

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// As much of a text as fits into a width at a size: letters are about six tenths as wide as high.
pub fn fitted(text: &str, width: f32, size: f32) -> String {
    let most = (width / (size * 0.6)) as usize;
    if text.chars().count() <= most {
        return text.to_string();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A border: colour, width, dashes.
pub type Border = Option<(String, f32, &'static str)>;

/// The document so far.
pub struct Pen {
    pub out: String,
    pub theme: &'static Theme,
}

impl Pen {
    pub fn put(&mut self, text: std::fmt::Arguments) {
        self.out.write_fmt(text).unwrap_or_default(); // a String takes everything
    }

    pub fn rect(&mut self, r: Rect, round: f32, fill: &str, border: Border) {
        let border = border.map_or(String::new(), |(colour, width, dashes)| {
            let dashes = if dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dashes}\"") };
            format!(" stroke=\"{colour}\" stroke-width=\"{width}\"{dashes}")
        });
        let Rect { x, y, w, h } = r;
        self.put(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"{round}\" fill=\"{fill}\"{border}/>\n"
        ));
    }

    pub fn text(&mut self, at: Point, size: f32, colour: &str, bold: bool, text: &str) {
        let bold = if bold { " font-weight=\"600\"" } else { "" };
        let Point { x, y } = at;
        self.put(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{colour}\"{bold}>{}</text>\n",
            escape(text)
        ));
    }

    pub fn centred(&mut self, at: Point, size: f32, colour: &str, bold: bool, text: &str) {
        let bold = if bold { " font-weight=\"600\"" } else { "" };
        let Point { x, y } = at;
        self.put(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{colour}\"{bold} text-anchor=\"middle\">{}</text>\n",
            escape(text)
        ));
    }

    /// A line by its path data; `opacity` from 0 to 1; `dashes` may be `none`.
    pub fn line(&mut self, d: &str, colour: &str, width: f32, opacity: f32, dashes: &str) {
        self.put(format_args!(
            "<path d=\"{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-opacity=\"{opacity}\" stroke-dasharray=\"{dashes}\"/>\n"
        ));
    }

    pub fn revision(&self, revision: Option<usize>) -> String {
        hex(revision.map_or(self.theme.palette.none, |n| self.theme.palette.revisions[n % 2]))
    }

    pub fn cross(&mut self, at: Point, reach: f32, colour: &str) {
        let (a, b, c, d) = (at.x - reach, at.x + reach, at.y - reach, at.y + reach);
        self.put(format_args!(
            "<path d=\"M{a:.1} {c:.1}L{b:.1} {d:.1}M{a:.1} {d:.1}L{b:.1} {c:.1}\" stroke=\"{colour}\" stroke-width=\"2\"/>\n"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_their_place_and_escaped() {
        assert_eq!(fitted("web-56cd", 200.0, 12.0), "web-56cd");
        assert_eq!(fitted("web-56cd776789", 40.0, 12.0), "web-…");
        assert_eq!(escape("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
    }
}
