//! The scene as an SVG document: one moment, or a film strip of several. It needs nothing from outside: no styles, no
//! fonts but the reader's own.

mod pen;

use crate::view::{
    Bar, Behind, CardSize, Cell, ClientCard, Fate, LOW, Layout, Mark, NodeRow, PodCard, PodState, Point, Rect, Scene, Shape,
    Shot, Wire, boxes, cells, client_box, ends, sync, wires, words,
};
use pen::{DARK, LIGHT, Pen, escape, fitted, hex};

/// Height of a caption.
const CAPTION: f32 = 26.0;

/// The pictures below each other, each with its caption.
pub fn svg(frames: &[Shot], dark: bool) -> String {
    let theme = if dark { &DARK } else { &LIGHT };
    let width = frames.iter().map(|f| f.layout.width).fold(0.0, f32::max);
    let height: f32 = frames.iter().map(|f| f.layout.height + CAPTION).sum();
    let mut pen = Pen { out: String::new(), theme };
    let fonts = "system-ui, 'DejaVu Sans', sans-serif";
    pen.put(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"{fonts}\">\n"
    ));
    let title: Vec<&str> = frames.iter().map(|f| f.caption.as_str()).collect();
    pen.put(format_args!("<title>{}</title>\n", escape(&title.join("; "))));
    pen.rect(Rect { x: 0.0, y: 0.0, w: width, h: height }, 0.0, theme.page, None);
    let mut top = 0.0;
    for frame in frames {
        pen.put(format_args!("<g transform=\"translate(0 {top:.0})\">\n"));
        pen.text(Point { x: 14.0, y: 18.0 }, 13.0, theme.text, true, &frame.caption);
        pen.put(format_args!("<g transform=\"translate(0 {CAPTION:.0})\">\n"));
        pen.frame(frame);
        pen.put(format_args!("</g></g>\n"));
        top += frame.layout.height + CAPTION;
    }
    pen.put(format_args!("</svg>\n"));
    pen.out
}

impl Pen {
    fn frame(&mut self, frame: &Shot) {
        let (scene, layout, theme) = (&*frame.scene, &*frame.layout, self.theme);
        self.text(Point { x: 14.0, y: 20.0 }, 13.0, theme.quiet, false, "outside");
        self.text(Point { x: layout.cluster.x + 12.0, y: 20.0 }, 13.0, theme.quiet, false, "cluster");
        self.rect(layout.cluster, 14.0, "none", Some((theme.line.into(), 1.5, "5 4")));
        if layout.is_grid() {
            for (at, (name, nodes)) in layout.zones().into_iter().zip(scene.zones()) {
                self.text(Point { x: at.x, y: at.y + 14.0 }, 12.0, theme.quiet, false, &words::zone(name, nodes));
            }
            self.boxes(scene, layout);
        } else {
            for (i, node) in scene.nodes.iter().enumerate() {
                self.row(node, layout.row(i), layout.door(i));
            }
            self.wires(scene, layout);
        }
        for (i, bar) in scene.bars.iter().enumerate() {
            self.bar(scene, layout, i, bar);
        }
        for (i, client) in scene.clients.iter().enumerate() {
            self.client(client, client_box(scene, layout, i));
        }
        if layout.is_cells() {
            for cell in cells(scene, layout, |_| false) {
                self.cell(&cell);
            }
        } else {
            for card in &scene.pods {
                let Some(row) = scene.row_of(&card.node) else { continue };
                self.card(card, layout.card(row, card.slot), layout.card);
            }
        }
        for mark in &frame.marks {
            self.mark(mark);
        }
    }

    /// The ways of requests, faint.
    fn wires(&mut self, scene: &Scene, layout: &Layout) {
        let palette = self.theme.palette;
        for Wire { d, around, .. } in wires(scene, layout) {
            let (colour, dashes) = if around { (palette.failed, "3 4") } else { (palette.service, "none") };
            self.line(&d, &hex(colour), 1.3, 0.5, dashes);
        }
        for (dot, d) in ends(scene, layout) {
            let colour = self.revision(dot.revision);
            self.line(&d, &colour, 1.0, 0.3, "none");
        }
    }

    fn row(&mut self, node: &NodeRow, place: Rect, door: Rect) {
        let theme = self.theme;
        let cut = !node.up || !node.ready;
        let failed = hex(theme.palette.failed);
        let border = if cut { (failed.clone(), 2.0, "6 4") } else { (theme.line.to_string(), 1.0, "") };
        self.rect(place, 10.0, theme.panel, Some(border));
        let at = Point { x: place.x + 12.0, y: place.y + 20.0 };
        self.text(at, 13.0, theme.text, true, &node.name);
        let words = if !node.up {
            "cut off"
        } else if cut {
            "NotReady"
        } else {
            &node.address
        };
        let colour = if cut { failed.as_str() } else { theme.quiet };
        self.text(Point { x: at.x + 8.5 * node.name.len() as f32 + 8.0, ..at }, 12.0, colour, cut, words);
        if let Some(port) = node.ports.first() {
            let service = hex(theme.palette.service);
            self.rect(door, 4.0, &service, None);
            let at = Point { x: door.x + door.w + 6.0, y: door.middle().y - 4.0 };
            self.text(at, 11.0, &service, true, &format!(":{port}"));
            self.text(Point { y: at.y + 14.0, ..at }, 11.0, theme.quiet, false, "NodePort");
        }
    }

    fn boxes(&mut self, scene: &Scene, layout: &Layout) {
        let theme = self.theme;
        for node in boxes(scene, layout) {
            let place = layout.row(node.row);
            let down = node.down > 0;
            let (title, words) = node.head(place.w);
            let colour = match node.behind {
                _ if down => hex(theme.palette.failed),
                Behind::InSync => theme.good.to_string(),
                Behind::Tenths(_) => hex(theme.palette.late),
            };
            let border = if down { (colour.clone(), 2.0, "6 4") } else { (theme.line.to_string(), 1.0, "") };
            self.rect(place, 8.0, theme.panel, Some(border));
            let at = Point { x: place.x + 7.0, y: place.y + 14.0 };
            let wide = 5.2 * words.chars().count() as f32;
            self.text(at, 10.0, theme.text, true, &fitted(title, place.w - 14.0 - wide, 10.0));
            let side = Point { x: place.x + place.w - 7.0 - wide, ..at };
            self.text(side, 9.5, &colour, true, &words);
            let foot = Point { x: at.x, y: place.y + place.h - 5.0 };
            if place.h >= LOW {
                self.text(foot, 10.0, theme.quiet, false, &format!("{} req/s", node.rate));
            }
        }
    }

    fn bar(&mut self, scene: &Scene, layout: &Layout, index: usize, bar: &Bar) {
        let theme = self.theme;
        let (whole, service) = (layout.bar(index), hex(theme.palette.service));
        self.put(format_args!("<g fill-opacity=\"0.15\">"));
        self.rect(whole, 14.0, &service, None);
        self.put(format_args!("</g>"));
        self.rect(whole, 14.0, "none", Some((service.clone(), 2.0, "")));
        let head = Rect { h: 54.0_f32.min(whole.h), ..whole };
        self.rect(head, 12.0, &service, None);
        let middle = whole.middle().x;
        let lines = [
            format!("Service {}", bar.key.name),
            format!("{}:{}", bar.address, bar.ports),
            format!("{}.{}", bar.key.name, bar.key.namespace),
        ];
        for (i, (line, size)) in lines.iter().zip([12.5, 11.0, 10.0]).enumerate() {
            let at = Point { x: middle, y: whole.y + 16.0 + 15.0 * i as f32 };
            self.centred(at, size, theme.on_service, i == 0, &fitted(line, whole.w, size));
        }
        if layout.is_grid() {
            self.numbers(scene, index, bar, whole);
            return;
        }
        for (i, slice) in bar.slices.iter().enumerate() {
            let place = layout.slice(index, i);
            let y = (place.middle().y + 34.0).max(if i == 0 { head.y + head.h + 30.0 } else { place.y });
            let behind = slice.behind != Behind::InSync;
            let colour = if behind { hex(theme.palette.late) } else { service.clone() };
            if place.h > 90.0 {
                self.centred(Point { x: middle, y: y - 15.0 }, 11.0, &service, true, "kube-proxy");
            }
            self.centred(Point { x: middle, y }, 11.0, &colour, true, &slice.behind.words());
            let shown = slice.dots.len().min((whole.w / 14.0) as usize);
            for (n, dot) in slice.dots.iter().take(shown).enumerate() {
                let x = middle + 14.0 * (n as f32 - (shown as f32 - 1.0) / 2.0);
                let colour = self.revision(dot.revision);
                let fill = if dot.leaving { "none" } else { colour.as_str() };
                self.put(format_args!(
                    "<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"4.5\" fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\n",
                    y + 12.0
                ));
            }
            let more = slice.dots.len() - shown + slice.more;
            if more > 0 || slice.dots.is_empty() {
                let words = if more > 0 { format!("+{more}") } else { "no endpoints".into() };
                self.centred(Point { x: middle, y: y + 28.0 }, 11.0, &service, true, &words);
            }
        }
    }

    /// A bar among boxes: all nodes' parts in numbers.
    fn numbers(&mut self, scene: &Scene, index: usize, bar: &Bar, whole: Rect) {
        let theme = self.theme;
        let sync = sync(scene, index);
        let mut lines = vec![
            format!("kube-proxy × {}", sync.in_sync + sync.behind),
            format!("{} in sync · {} behind", sync.in_sync, sync.behind),
            words::counted(bar.listed.slices, "EndpointSlice"),
            format!("{} ready, {} ending", bar.listed.ready, bar.listed.leaving),
        ];
        if index == 0 {
            lines.push(format!("{} req/s", scene.rate.answered + scene.rate.failed));
            lines.push(format!("{} answered", words::share((scene.rate.answered, scene.rate.failed))));
        }
        for (i, line) in lines.iter().enumerate() {
            let at = Point { x: whole.middle().x, y: whole.y + 78.0 + 20.0 * i as f32 };
            self.centred(at, 11.0, theme.text, i % 2 == 0, &fitted(line, whole.w, 11.0));
        }
    }

    fn client(&mut self, client: &ClientCard, place: Rect) {
        if place.w <= 0.0 {
            return;
        }
        let theme = self.theme;
        let colour = hex(if client.stubborn { theme.palette.failed } else { theme.palette.service });
        let dashes = if client.absent { "4 3" } else { "" };
        self.rect(place, 8.0, theme.panel, Some((colour, 1.6, dashes)));
        let middle = place.middle().x;
        self.centred(Point { x: middle, y: place.y + 20.0 }, 12.5, theme.text, true, &fitted(&client.name, place.w, 12.5));
        self.centred(Point { x: middle, y: place.y + 36.0 }, 10.5, theme.quiet, false, &fitted(&client.detail, place.w, 10.5));
    }

    fn card(&mut self, card: &PodCard, place: Rect, size: CardSize) {
        let theme = self.theme;
        let colour = self.revision(card.revision);
        let (mark, border) = match card.state {
            PodState::Ready => (theme.good.to_string(), (colour.clone(), 2.0, "")),
            PodState::Pending | PodState::Starting | PodState::NotReady => {
                (hex(theme.palette.late), (colour.clone(), 2.0, "5 3"))
            }
            PodState::Terminating => (theme.quiet.to_string(), (colour.clone(), 2.0, "2 3")),
            PodState::Crashing | PodState::NoImage | PodState::Ended => {
                let failed = hex(theme.palette.failed);
                (failed.clone(), (failed, 3.0, ""))
            }
        };
        self.rect(place, 8.0, theme.panel, Some(border));
        if card.state != PodState::Terminating {
            self.rect(Rect { h: 5.0_f32.min(place.h), ..place }, 2.0, &colour, None);
        }
        let x = place.x + 9.0;
        if place.w < 40.0 {
            return;
        }
        let large = size == CardSize::Large;
        let name = if large { card.middle_cut() } else { card.short.clone() };
        self.text(Point { x, y: place.y + 21.0 }, 12.0, theme.text, true, &fitted(&name, place.w - 12.0, 12.0));
        if place.h > 48.0 {
            self.text(Point { x, y: place.y + 36.0 }, 11.0, theme.quiet, false, &fitted(&card.ip, place.w - 12.0, 11.0));
        }
        if size.has_label() {
            let labels = format!("{}  {}", card.label, card.version);
            self.text(Point { x, y: place.y + 58.0 }, 11.0, &colour, false, &fitted(&labels, place.w - 12.0, 11.0));
        }
        if place.h > 30.0 {
            let y = place.y + place.h - 12.0;
            let letters = if large { 12.0 } else { 11.0 };
            let word = fitted(&card.word_for(size), place.w - 24.0, letters);
            self.put(format_args!("<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{mark}\"/>\n", x + 4.0, y - 4.0));
            self.text(Point { x: x + 13.0, y }, letters, &mark, true, &word);
        }
    }

    fn cell(&mut self, cell: &Cell) {
        let colour = self.revision(cell.revision);
        let failed = hex(self.theme.palette.failed);
        match cell.shape {
            Shape::Full => self.rect(cell.place, 1.0, &colour, None),
            Shape::Outline => self.rect(cell.place, 1.0, "none", Some((colour, 1.2, ""))),
            Shape::Pale => self.rect(cell.place, 1.0, "none", Some((colour, 1.2, "1 1.5"))),
            Shape::Cross => {
                self.rect(cell.place, 1.0, "none", Some((failed.clone(), 1.2, "")));
                self.cross(cell.place.middle(), cell.place.w / 3.0, &failed);
            }
            Shape::Empty => {
                let at = cell.place.middle();
                self.rect(Rect { x: at.x - 1.0, y: at.y - 1.0, w: 2.0, h: 2.0 }, 0.0, self.theme.quiet, None);
            }
        }
    }

    /// A request: its shape tells its fate, as on the canvas.
    fn mark(&mut self, mark: &Mark) {
        let palette = self.theme.palette;
        let Point { x, y } = mark.at;
        let (failed, late) = (hex(palette.failed), hex(palette.late));
        let colour =
            if mark.stubborn { failed.clone() } else { mark.revision.map_or(hex(palette.service), |r| self.revision(Some(r))) };
        match mark.fate {
            Fate::Answered => self.put(format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>\n")),
            Fate::Failed => self.cross(mark.at, 4.5, &failed),
            Fate::Open | Fate::Late => {
                let colour = if mark.stubborn { failed } else { late };
                self.put(format_args!(
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n"
                ));
            }
            Fate::Error => {
                let (a, b, c, d) = (x - 5.0, x + 5.0, y - 4.5, y + 4.0);
                self.put(format_args!("<path d=\"M{x:.1} {c:.1}L{b:.1} {d:.1}H{a:.1}z\" fill=\"{failed}\"/>\n"));
            }
        }
    }
}
