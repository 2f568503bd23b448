//! Pods as cells in a pixel buffer. Only cells that changed are drawn anew, and only their box is told as changed.

use super::palette::{Palette, Rgb};
use crate::view::{Cell, Rect, Shape};

/// A picture of cells.
#[derive(Clone, Debug)]
pub struct Cells {
    width: usize,
    height: usize,
    scale: f32,
    pixels: Vec<u8>,
    drawn: Vec<Cell>,
}

/// A box of pixels: left, top, width, height.
pub type Area = (usize, usize, usize, usize);

/// The line around a cell that is chosen, in CSS pixels.
const RING: f32 = 1.5;

impl Cells {
    /// An empty picture; `scale`: device pixels per CSS pixel.
    pub fn new(width: usize, height: usize, scale: f32) -> Cells {
        Cells { width, height, scale, pixels: vec![0; width * height * 4], drawn: vec![] }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Red, green, blue, alpha of each pixel, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Draws the cells as they are now; `anew`: also those that look as before (other colours, another place). The box
    /// of all pixels that may have changed.
    pub fn update(&mut self, cells: Vec<Cell>, palette: &Palette, anew: bool) -> Option<Area> {
        let mut changed: Option<Rect> = None;
        let mut touch = |place: Rect| {
            let wide = Rect { x: place.x - 3.0, y: place.y - 3.0, w: place.w + 6.0, h: place.h + 6.0 };
            changed = Some(changed.map_or(wide, |c: Rect| union(c, wide)));
        };
        let old = std::mem::take(&mut self.drawn);
        let differs = |i: usize| anew || old.get(i) != cells.get(i);
        for (i, cell) in old.iter().enumerate() {
            if differs(i) {
                touch(cell.place);
                self.fill(grown(cell.place), [0; 4]);
            }
        }
        for (i, cell) in cells.iter().enumerate() {
            if differs(i) {
                touch(cell.place);
                self.draw(cell, palette);
            }
        }
        self.drawn = cells;
        self.area(changed?)
    }

    fn area(&self, place: Rect) -> Option<Area> {
        let (x, y, w, h) = self.clip(place);
        (w > 0 && h > 0).then_some((x, y, w, h))
    }

    fn clip(&self, place: Rect) -> Area {
        let at = |v: f32, most: usize| ((v * self.scale + 0.5).max(0.0) as usize).min(most);
        let (x, y) = (at(place.x, self.width), at(place.y, self.height));
        (x, y, at(place.x + place.w, self.width) - x, at(place.y + place.h, self.height) - y)
    }

    fn fill(&mut self, place: Rect, colour: [u8; 4]) {
        let (x, y, w, h) = self.clip(place);
        for row in y..y + h {
            let from = (row * self.width + x) * 4;
            for pixel in self.pixels[from..from + w * 4].as_chunks_mut::<4>().0 {
                *pixel = colour;
            }
        }
    }

    fn draw(&mut self, cell: &Cell, palette: &Palette) {
        let place = cell.place;
        let colour = cell.revision.map_or(palette.none, |n| palette.revisions[n % 2]);
        if cell.lit {
            self.fill(grown(place), solid(palette.service, 255));
            self.fill(shrunk(place, -0.5), [0; 4]);
        }
        let line = if place.w < 6.0 { 1.0 } else { 1.5 };
        match cell.shape {
            Shape::Full => self.fill(place, solid(colour, 255)),
            Shape::Outline => {
                self.fill(place, solid(colour, 255));
                self.fill(shrunk(place, line), [0; 4]);
            }
            Shape::Pale => {
                self.fill(place, solid(colour, 160));
                self.fill(shrunk(place, line), solid(colour, 70));
            }
            Shape::Cross => {
                self.fill(place, solid(palette.failed, 255));
                self.fill(shrunk(place, line), [0; 4]);
                self.cross(shrunk(place, line + 1.0), palette.failed);
            }
            Shape::Empty => {
                let (x, y) = (place.x + place.w / 2.0 - 1.0, place.y + place.h / 2.0 - 1.0);
                self.fill(Rect { x, y, w: 2.0, h: 2.0 }, solid(palette.none, 160));
            }
        }
        // Every other pair of revisions has a light line across, as the cards have stripes.
        if cell.revision.is_some_and(|n| n % 4 > 1) && cell.shape == Shape::Full {
            let y = place.y + place.h / 2.0 - 1.0;
            self.fill(Rect { y, h: 2.0, ..place }, solid((255, 255, 255), 150));
        }
    }

    fn cross(&mut self, place: Rect, colour: Rgb) {
        let steps = (place.w * self.scale * 2.0).max(1.0) as usize;
        let dot = 1.0_f32.max(place.w / 5.0);
        for i in 0..=steps {
            let part = i as f32 / steps as f32;
            let (x, y) = (place.x + part * (place.w - dot), place.y + part * (place.h - dot));
            let mirror = place.x + (1.0 - part) * (place.w - dot);
            self.fill(Rect { x, y, w: dot, h: dot }, solid(colour, 255));
            self.fill(Rect { x: mirror, y, w: dot, h: dot }, solid(colour, 255));
        }
    }
}

fn solid((r, g, b): Rgb, alpha: u8) -> [u8; 4] {
    [r, g, b, alpha]
}

fn shrunk(place: Rect, by: f32) -> Rect {
    let (w, h) = ((place.w - 2.0 * by).max(0.0), (place.h - 2.0 * by).max(0.0));
    Rect { x: place.x + by, y: place.y + by, w, h }
}

fn grown(place: Rect) -> Rect {
    shrunk(place, -RING)
}

fn union(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect { x, y, w: (a.x + a.w).max(b.x + b.w) - x, h: (a.y + a.h).max(b.y + b.h) - y }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(x: f32, shape: Shape) -> Cell {
        Cell { place: Rect { x, y: 10.0, w: 10.0, h: 10.0 }, shape, revision: Some(0), lit: false }
    }

    #[test]
    fn shapes_differ_also_without_colours() {
        let mut seen = vec![];
        for shape in [Shape::Full, Shape::Outline, Shape::Pale, Shape::Cross, Shape::Empty] {
            let mut cells = Cells::new(60, 40, 1.0);
            assert!(cells.update(vec![cell(20.0, shape)], &Palette::LIGHT, false).is_some());
            let alpha: Vec<u8> = cells.pixels().chunks(4).map(|p| p[3]).collect();
            assert!(!seen.contains(&alpha), "{shape:?} looks like another one");
            seen.push(alpha);
        }
    }

    #[test]
    fn what_did_not_change_is_not_drawn() {
        let mut cells = Cells::new(60, 40, 2.0);
        let two = |second| vec![cell(2.0, Shape::Full), cell(15.0, second)];
        cells.update(two(Shape::Full), &Palette::DARK, false);
        assert_eq!(cells.update(two(Shape::Full), &Palette::DARK, false), None);
        let (x, _, w, _) = cells.update(two(Shape::Pale), &Palette::DARK, false).expect("one changed");
        assert!(x >= 24 && w <= 34, "{x} {w}");
        assert!(cells.update(vec![], &Palette::DARK, false).is_some());
        assert!(cells.pixels().iter().all(|p| *p == 0));
    }
}
