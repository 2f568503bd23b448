//! Requests as small marks in a pixel buffer: dot, cross, ring, triangle. Only what was drawn is wiped.

use super::cells::Area;
use super::palette::{Palette, Rgb};
use crate::view::{Fate, Mark};

/// Half the width of a mark's mask, in pixels at scale 1.
const REACH: f32 = 5.5;
/// Samples a side of a pixel for smooth edges.
const SAMPLES: u32 = 4;

/// How much of each pixel a shape covers (0–255), row by row.
#[derive(Clone, Debug)]
struct Mask {
    side: usize,
    cover: Vec<u8>,
}

/// A picture of marks.
#[derive(Clone, Debug)]
pub struct Dots {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    drawn: Vec<(usize, usize)>,
    /// For each band of [`BAND`] lines: the columns that changed since they were last asked for.
    bands: Vec<(usize, usize)>,
    masks: [Mask; 4],
}

/// Lines of a band whose changes are told as one.
const BAND: usize = 48;
/// A band in which nothing changed.
const CALM: (usize, usize) = (usize::MAX, 0);

impl Dots {
    /// An empty picture; `scale`: device pixels per CSS pixel.
    pub fn new(width: usize, height: usize, scale: f32) -> Dots {
        let shapes: [fn(f32, f32) -> bool; 4] = [disc, cross, ring, triangle];
        let masks = shapes.map(|shape| mask(shape, scale));
        Dots {
            width,
            height,
            pixels: vec![0; width * height * 4],
            drawn: vec![],
            bands: vec![CALM; height.div_ceil(BAND)],
            masks,
        }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The picture: red, green, blue, alpha of each pixel, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Wipes what was drawn. False when there was nothing.
    pub fn wipe(&mut self) -> bool {
        let side = self.masks[0].side;
        let any = !self.drawn.is_empty();
        for (x, y) in std::mem::take(&mut self.drawn) {
            for row in y..(y + side).min(self.height) {
                let from = (row * self.width + x) * 4;
                let to = (row * self.width + (x + side).min(self.width)) * 4;
                self.pixels[from..to].fill(0);
            }
            self.touch(x, y);
        }
        any
    }

    /// Takes note that the mark at a place changed.
    fn touch(&mut self, x: usize, y: usize) {
        let side = self.masks[0].side;
        for band in self.bands.iter_mut().take((y + side - 1) / BAND + 1).skip(y / BAND) {
            *band = (band.0.min(x), band.1.max((x + side).min(self.width)));
        }
    }

    /// The areas that changed since this was last asked.
    pub fn changed(&mut self) -> Vec<Area> {
        let mut areas = vec![];
        for (i, band) in self.bands.iter_mut().enumerate() {
            let (from, to) = std::mem::replace(band, CALM);
            if from < to {
                areas.push((from, i * BAND, to - from, BAND.min(self.height - i * BAND)));
            }
        }
        areas
    }

    /// Draws a mark; its place is in CSS pixels.
    pub fn draw(&mut self, mark: &Mark, palette: &Palette, scale: f32) {
        let (shape, colour) = match mark.fate {
            Fate::Answered if mark.stubborn => (0, palette.failed),
            Fate::Answered => (0, mark.revision.map_or(palette.service, |r| palette.revisions[r % 2])),
            Fate::Failed => (1, palette.failed),
            Fate::Open if mark.stubborn => (2, palette.failed),
            Fate::Open | Fate::Late => (2, palette.late),
            Fate::Error => (3, palette.failed),
        };
        let half = self.masks[shape].side as f32 / 2.0;
        let (x, y) = (mark.at.x * scale - half, mark.at.y * scale - half);
        if x < 0.0 || y < 0.0 || x as usize >= self.width || y as usize >= self.height {
            return;
        }
        self.stamp(x as usize, y as usize, shape, colour);
    }

    fn stamp(&mut self, x: usize, y: usize, shape: usize, (r, g, b): Rgb) {
        let mask = &self.masks[shape];
        for row in 0..mask.side.min(self.height - y) {
            for column in 0..mask.side.min(self.width - x) {
                let cover = mask.cover[row * mask.side + column];
                let at = ((y + row) * self.width + x + column) * 4;
                if cover > self.pixels[at + 3] {
                    self.pixels[at..at + 4].copy_from_slice(&[r, g, b, cover]);
                }
            }
        }
        self.drawn.push((x, y));
        self.touch(x, y);
    }
}

fn mask(shape: fn(f32, f32) -> bool, scale: f32) -> Mask {
    let side = (2.0 * REACH * scale) as usize + 1;
    let half = side as f32 / 2.0;
    let mut cover = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let mut hits = 0;
            for i in 0..SAMPLES * SAMPLES {
                let part = |n: u32| (n as f32 + 0.5) / SAMPLES as f32;
                let px = (x as f32 + part(i % SAMPLES) - half) / scale;
                let py = (y as f32 + part(i / SAMPLES) - half) / scale;
                hits += u32::from(shape(px, py));
            }
            cover.push((hits * 255 / (SAMPLES * SAMPLES)) as u8);
        }
    }
    Mask { side, cover }
}

fn disc(x: f32, y: f32) -> bool {
    x * x + y * y <= 4.0 * 4.0
}

fn ring(x: f32, y: f32) -> bool {
    let far = x * x + y * y;
    (3.0 * 3.0..=4.8 * 4.8).contains(&far)
}

fn cross(x: f32, y: f32) -> bool {
    let near = |d: f32| d.abs() <= 1.5;
    x.abs() <= 4.6 && y.abs() <= 4.6 && (near(x - y) || near(x + y))
}

fn triangle(x: f32, y: f32) -> bool {
    (-4.5..=4.0).contains(&y) && x.abs() <= (y + 4.5) * 0.6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Point;

    fn mark(fate: Fate) -> Mark {
        Mark { at: Point { x: 20.0, y: 20.0 }, fate, revision: None, stubborn: false }
    }

    #[test]
    fn fates_differ_by_shape_and_what_was_drawn_is_wiped() {
        let mut shapes = vec![];
        for fate in [Fate::Answered, Fate::Failed, Fate::Late, Fate::Error] {
            let mut dots = Dots::new(40, 40, 1.0);
            dots.draw(&mark(fate), &Palette::LIGHT, 1.0);
            let alpha: Vec<u8> = dots.pixels().chunks(4).map(|p| p[3]).collect();
            assert!(!shapes.contains(&alpha), "{fate:?} looks like another one");
            shapes.push(alpha);
            assert_eq!(dots.changed(), [(14, 0, 12, 40)]);
            assert_eq!(dots.changed(), []);
            assert!(dots.wipe());
            assert_eq!(dots.changed().len(), 1);
            assert!(dots.pixels().iter().all(|p| *p == 0));
        }
    }

    #[test]
    fn marks_outside_are_not_drawn() {
        let mut dots = Dots::new(10, 10, 1.0);
        dots.draw(&mark(Fate::Answered), &Palette::DARK, 1.0);
        assert!(!dots.wipe());
    }
}
