//! The line that a request follows across the scene: what is drawn faintly and what its dot flies along are the same curve.

use super::layout::Point;

/// Straight pieces that stand for a curve.
const PIECES: usize = 12;

/// The two points that bend the curve from one point to another: it leaves and arrives level.
fn handles(from: Point, to: Point) -> (Point, Point) {
    let half = (to.x - from.x) * 0.5;
    (Point { x: from.x + half, y: from.y }, Point { x: to.x - half, y: to.y })
}

/// A curve as the path data of an SVG.
pub fn curve_data(from: Point, to: Point) -> String {
    let (a, b) = handles(from, to);
    format!("M{:.0},{:.0} C{:.0},{:.0} {:.0},{:.0} {:.0},{:.0}", from.x, from.y, a.x, a.y, b.x, b.y, to.x, to.y)
}

/// Goes on from the last point of a way to another one, along the curve.
pub fn curve_on(way: &mut Vec<Point>, to: Point) {
    let Some(from) = way.last().copied() else { return way.push(to) };
    if (from.y - to.y).abs() < 1.0 {
        return way.push(to);
    }
    let (a, b) = handles(from, to);
    way.extend((1..=PIECES).map(|n| {
        let t = n as f32 / PIECES as f32;
        let s = 1.0 - t;
        let mix = |p: f32, q: f32, r: f32, u: f32| s * s * s * p + 3.0 * s * s * t * q + 3.0 * s * t * t * r + t * t * t * u;
        Point { x: mix(from.x, a.x, b.x, to.x), y: mix(from.y, a.y, b.y, to.y) }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_begin_and_end_where_they_should_and_never_turn_back() {
        let (from, to) = (Point { x: 10.0, y: 20.0 }, Point { x: 110.0, y: -80.0 });
        let mut way = vec![from];
        curve_on(&mut way, to);
        assert_eq!((way[0], way[way.len() - 1]), (from, to));
        assert!(way.windows(2).all(|p| p[0].x < p[1].x && p[0].y >= p[1].y), "{way:?}");
        assert_eq!(curve_data(from, to), "M10,20 C60,20 60,-80 110,-80");
        curve_on(&mut way, Point { x: 150.0, y: -80.0 });
        assert_eq!(way.len(), 14, "level ways are straight");
    }
}
