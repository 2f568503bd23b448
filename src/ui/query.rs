//! What the address of the page asks for: `?preset=`, `?theme=`, `?speed=`, `?paused=`, `?chrome=`; and what the system is asked for.

use web_sys::MediaQueryList;

/// The wishes of the page's address.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishes {
    /// Name of a preset.
    pub preset: String,
    /// `light` or `dark`; empty: as the system has it.
    pub theme: String,
    /// Virtual seconds per second.
    pub speed: f64,
    /// Time stands still at the start.
    pub paused: bool,
    /// `full`, `controls` or `scene`.
    pub chrome: String,
}

/// A question about the system, asked of the browser once: its answer stays true to what the system says.
fn question(query: &str) -> Option<MediaQueryList> {
    gloo::utils::window().match_media(query).ok().flatten()
}

thread_local! {
    static LESS_MOTION: Option<MediaQueryList> = question("(prefers-reduced-motion: reduce)");
    static DARK: Option<MediaQueryList> = question("(prefers-color-scheme: dark)");
}

fn holds(question: &Option<MediaQueryList>) -> bool {
    question.as_ref().is_some_and(MediaQueryList::matches)
}

/// Whether the person asked the system for less motion.
pub fn reduced_motion() -> bool {
    LESS_MOTION.with(holds)
}

/// Whether the person asked the system for dark colours.
pub fn prefers_dark() -> bool {
    DARK.with(holds)
}

/// The address of this page with these wishes; `chrome` may be empty.
pub fn link(preset: &str, speed: f64, chrome: &str) -> String {
    let location = gloo::utils::window().location();
    let here = location.href().unwrap_or_default();
    let base = here.split(['?', '#']).next().unwrap_or_default();
    let mut wishes = format!("preset={preset}");
    if (speed - 1.0).abs() > 1e-9 {
        wishes.push_str(&format!("&speed={speed}"));
    }
    if !chrome.is_empty() {
        wishes.push_str(&format!("&chrome={chrome}"));
    }
    format!("{base}?{wishes}")
}

impl Wishes {
    /// Reads the address.
    pub fn read() -> Wishes {
        let search = gloo::utils::window().location().search().unwrap_or_default();
        let params = web_sys::UrlSearchParams::new_with_str(&search).ok();
        let get = |name: &str| params.as_ref().and_then(|p| p.get(name));
        let one_of = |name: &str, allowed: &[&str]| get(name).filter(|v| allowed.contains(&v.as_str()));
        let paused = get("paused").map(|v| v != "0" && v != "false");
        Wishes {
            preset: get("preset").unwrap_or_default(),
            theme: one_of("theme", &["light", "dark"]).unwrap_or_default(),
            speed: get("speed").and_then(|v| v.parse().ok()).filter(|v| (0.01..=1000.0).contains(v)).unwrap_or(1.0),
            paused: paused.unwrap_or_else(reduced_motion),
            chrome: one_of("chrome", &["scene", "controls"]).unwrap_or_else(|| "full".into()),
        }
    }
}
