//! The layer of the dots: a pixel buffer that is put on a canvas, past the virtual DOM.

use crate::draw::{Dots, Palette};
use crate::view::Motion;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// The id of the canvas element.
pub const CANVAS: &str = "dots";
/// The id of the element that the scene fills.
pub const SCENE: &str = "scene";

/// The canvas and its picture.
pub struct Canvas {
    element: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    dots: Option<Dots>,
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
        _ => super::query::media("(prefers-color-scheme: dark)"),
    }
}

impl Canvas {
    /// The page's canvas, once it is there.
    pub fn find() -> Option<Canvas> {
        let element: HtmlCanvasElement = gloo::utils::document().get_element_by_id(CANVAS)?.dyn_into().ok()?;
        let context = element.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Canvas { element, context, dots: None })
    }

    /// Draws all requests under way; the size is in CSS pixels.
    pub fn draw(&mut self, motion: &Motion, width: f32, height: f32) {
        let scale = (gloo::utils::window().device_pixel_ratio() as f32).clamp(1.0, 2.0);
        let size = ((width * scale) as usize, (height * scale) as usize);
        if size.0 == 0 || size.1 == 0 {
            return;
        }
        if self.dots.as_ref().is_none_or(|d| d.size() != size) {
            self.dots = Some(Dots::new(size.0, size.1, scale));
            self.element.set_width(size.0 as u32);
            self.element.set_height(size.1 as u32);
        }
        let Some(dots) = &mut self.dots else { return };
        let had = dots.wipe();
        if !had && motion.is_empty() {
            return;
        }
        let palette = if is_dark() { &Palette::DARK } else { &Palette::LIGHT };
        for mark in motion.marks() {
            dots.draw(&mark, palette, scale);
        }
        let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(dots.pixels()), size.0 as u32, size.1 as u32);
        if let Ok(data) = data {
            drop(self.context.put_image_data(&data, 0.0, 0.0));
        }
    }
}
