//! Points and boxes.

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
}

/// A box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// Its middle.
    pub fn middle(&self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// The middle of its left edge.
    pub fn left(&self) -> Point {
        Point { x: self.x, y: self.y + self.h / 2.0 }
    }

    /// The middle of its right edge.
    pub fn right(&self) -> Point {
        Point { x: self.x + self.w, y: self.y + self.h / 2.0 }
    }
}

impl Rect {
    /// Whether a point is in it.
    pub fn holds(&self, p: Point) -> bool {
        (self.x..=self.x + self.w).contains(&p.x) && (self.y..=self.y + self.h).contains(&p.y)
    }

    /// Whether two boxes have any place in common.
    pub fn meets(&self, other: &Rect) -> bool {
        let across = self.x < other.x + other.w && other.x < self.x + self.w;
        across && self.y < other.y + other.h && other.y < self.y + self.h
    }
}
