//! The layers of the dots and of the cells: pixel buffers that are put on canvases, past the virtual DOM.

use crate::draw::{Area, Cells, Dots, Palette};
use crate::view::{Cell, Motion, Rect};
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// The id of the canvas element.
pub const CANVAS: &str = "dots";
/// The id of the element that the scene fills.
pub const SCENE: &str = "scene";

/// The id of the canvas of the cells.
pub const CELLS: &str = "cells";

/// What part of the stage is seen: its size in CSS pixels, and where its left upper corner is on the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Window {
    /// Width and height.
    pub size: (f32, f32),
    /// Left upper corner.
    pub corner: (f32, f32),
}

/// A canvas element and what draws on it.
struct Layer {
    element: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Layer {
    fn find(id: &str) -> Option<Layer> {
        let element: HtmlCanvasElement = gloo::utils::document().get_element_by_id(id)?.dyn_into().ok()?;
        let context = element.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Layer { element, context })
    }

    fn resize(&self, size: (usize, usize)) {
        self.element.set_width(size.0 as u32);
        self.element.set_height(size.1 as u32);
    }

    /// Puts an area of a picture, `width` pixels wide, on the canvas. Only the area's lines are handed over: the browser
    /// copies all that it is given.
    fn put(&self, pixels: &[u8], width: usize, (x, y, w, h): Area) {
        let line = width * 4;
        let lines = Clamped(&pixels[y * line..(y + h) * line]);
        let Ok(data) = ImageData::new_with_u8_clamped_array_and_sh(lines, width as u32, h as u32) else { return };
        drop(self.context.put_image_data_with_dirty_x_and_dirty_y_and_dirty_width_and_dirty_height(
            &data, 0.0, y as f64, x as f64, 0.0, w as f64, h as f64,
        ));
    }
}

/// The canvases and their pictures.
pub struct Canvas {
    dots_layer: Layer,
    cells_layer: Layer,
    dots: Option<Dots>,
    cells: Option<Cells>,
    /// What the cells were drawn for: if it is another, all are drawn anew.
    drawn_for: (Window, bool),
}

/// Size of the scene's element in CSS pixels.
pub fn scene_size() -> Option<(f32, f32)> {
    let element = gloo::utils::document().get_element_by_id(SCENE)?;
    let (w, h) = (element.client_width(), element.client_height());
    (w > 0 && h > 0).then_some((w as f32, h as f32))
}

/// Whether the dark colours are shown.
pub fn is_dark() -> bool {
    let theme = gloo::utils::document().document_element().and_then(|e| e.get_attribute("data-theme"));
    match theme.as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => super::query::prefers_dark(),
    }
}

fn palette(dark: bool) -> &'static Palette {
    if dark { &Palette::DARK } else { &Palette::LIGHT }
}

impl Canvas {
    /// The page's canvases, once they are there.
    pub fn find() -> Option<Canvas> {
        let (dots_layer, cells_layer) = (Layer::find(CANVAS)?, Layer::find(CELLS)?);
        Some(Canvas { dots_layer, cells_layer, dots: None, cells: None, drawn_for: Default::default() })
    }

    /// Device pixels per CSS pixel, and the size of a picture for a window.
    fn measure(window: Window) -> Option<(f32, (usize, usize))> {
        let scale = (gloo::utils::window().device_pixel_ratio() as f32).clamp(1.0, 2.0);
        let size = ((window.size.0 * scale) as usize, (window.size.1 * scale) as usize);
        (size.0 > 0 && size.1 > 0).then_some((scale, size))
    }

    /// Draws all requests under way that are in the window.
    pub fn draw(&mut self, motion: &Motion, window: Window) {
        let Some((scale, size)) = Canvas::measure(window) else { return };
        if self.dots.as_ref().is_none_or(|d| d.size() != size) {
            self.dots = Some(Dots::new(size.0, size.1, scale));
            self.dots_layer.resize(size);
        }
        let Some(dots) = &mut self.dots else { return };
        dots.wipe();
        let palette = palette(is_dark());
        for mut mark in motion.marks() {
            mark.at.x -= window.corner.0;
            mark.at.y -= window.corner.1;
            dots.draw(&mark, palette, scale);
        }
        for area in dots.changed() {
            self.dots_layer.put(dots.pixels(), size.0, area);
        }
    }

    /// Draws the cells that are in the window and have changed.
    pub fn draw_cells(&mut self, mut list: Vec<Cell>, window: Window) {
        if list.is_empty() && self.cells.is_none() {
            return;
        }
        let Some((scale, size)) = Canvas::measure(window) else { return };
        let fresh = self.cells.as_ref().is_none_or(|c| c.size() != size);
        if fresh {
            self.cells = Some(Cells::new(size.0, size.1, scale));
            self.cells_layer.resize(size);
        }
        let Some(cells) = &mut self.cells else { return };
        let seen = Rect { x: 0.0, y: 0.0, w: window.size.0, h: window.size.1 };
        for cell in &mut list {
            cell.place.x -= window.corner.0;
            cell.place.y -= window.corner.1;
        }
        list.retain(|cell| cell.place.meets(&seen));
        let drawn_for = (window, is_dark());
        let anew = drawn_for != self.drawn_for;
        self.drawn_for = drawn_for;
        if let Some(area) = cells.update(list, palette(drawn_for.1), anew) {
            self.cells_layer.put(cells.pixels(), size.0, area);
        }
    }
}
