//! Pods' cards in the rows: the biggest that have room for all.

use super::Layout;

/// How much a Pod's card shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardSize {
    /// Name, address, labels, state, rate.
    Large,
    /// Short name, address, labels, state.
    Tall,
    /// Short name, address, state.
    Medium,
    /// Short name and mark.
    Small,
    /// A cell with a mark.
    Cell,
    /// A cell of a heat map.
    Heat,
}

impl CardSize {
    /// Whether a card of that size has room for the Pod's label, which can be carried from it.
    pub fn has_label(self) -> bool {
        matches!(self, CardSize::Large | CardSize::Tall)
    }

    /// The name used for CSS classes.
    pub fn id(self) -> &'static str {
        match self {
            CardSize::Large => "large",
            CardSize::Tall => "tall",
            CardSize::Medium => "medium",
            CardSize::Small => "small",
            CardSize::Cell => "cell",
            CardSize::Heat => "heat",
        }
    }
}

/// Sizes of cards from the most to the least telling: width, height, gap.
const CARDS: [(CardSize, f32, f32, f32); 6] = [
    (CardSize::Large, 146.0, 104.0, 12.0),
    (CardSize::Tall, 96.0, 104.0, 8.0),
    (CardSize::Medium, 90.0, 61.0, 7.0),
    (CardSize::Small, 54.0, 34.0, 5.0),
    (CardSize::Cell, 26.0, 24.0, 4.0),
    (CardSize::Heat, 10.0, 10.0, 2.0),
];

impl Layout {
    /// The biggest cards that fit.
    pub(super) fn fit_cards(&mut self) {
        let area = self.pods_area(0);
        for (size, w, h, gap) in CARDS {
            let w = if size == CardSize::Large { w.min(area.w) } else { w };
            let columns = (((area.w + gap) / (w + gap)) as usize).max(1);
            let rows = ((area.h + gap) / (h + gap)) as usize;
            self.card = size;
            self.columns = columns;
            self.card_box = (w, h, gap);
            let wide_enough = w <= area.w && (w >= 130.0 || size != CardSize::Large);
            if wide_enough && columns * rows >= self.counts.slots {
                break;
            }
        }
        // Few cards share the whole row.
        let (w, h, gap) = self.card_box;
        let needed = self.counts.slots.max(1).div_ceil(((area.h + gap) / (h + gap)).max(1.0) as usize);
        self.columns = self.columns.min(needed.max(2)).max(1);
        if self.card != CardSize::Heat {
            let share = (area.w + gap) / self.columns as f32 - gap;
            self.card_box.0 = share.clamp(w, w * 1.6);
        }
        if self.card == CardSize::Small {
            // What is narrow may at least be high.
            let lines = self.counts.slots.max(1).div_ceil(self.columns) as f32;
            self.card_box.1 = ((area.h + gap) / lines - gap).clamp(h, h * 1.5);
        }
    }
}
