//! The colours of both themes. The same values are custom properties in `static/app.css`.

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// Colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// The Service and everything that belongs to it.
    pub service: Rgb,
    /// Revisions, in turns.
    pub revisions: [Rgb; 2],
    /// Failed.
    pub failed: Rgb,
    /// Late.
    pub late: Rgb,
    /// Of no revision.
    pub none: Rgb,
}

impl Palette {
    /// On white.
    pub const LIGHT: Palette = Palette {
        service: (0x1f, 0x5f, 0xd6),
        revisions: [(0x00, 0x72, 0xb2), (0xc7, 0x77, 0x00)],
        failed: (0xc8, 0x10, 0x2e),
        late: (0x9a, 0x75, 0x00),
        none: (0x6b, 0x77, 0x85),
    };
    /// On black.
    pub const DARK: Palette = Palette {
        service: (0x4c, 0x8d, 0xff),
        revisions: [(0x56, 0xb4, 0xe9), (0xe6, 0x9f, 0x00)],
        failed: (0xff, 0x5d, 0x5d),
        late: (0xe6, 0xb8, 0x00),
        none: (0x98, 0xa4, 0xb3),
    };
}
