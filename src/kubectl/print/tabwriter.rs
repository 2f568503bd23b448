//! Columns of text aligned as Go's `text/tabwriter` aligns them (left-aligned, padded with blanks).
//!
//! Promises: the same bytes as Go for the same cells: a column is a run of neighbouring lines that have a cell there, the last cell
//! of a line belongs to no column, a line of one cell ends every column. Widths count characters.
//! Must not know: tables, kubectl, what the cells mean.

/// Columns a line may have (each costs a level of recursion); tabs beyond are text.
const MAX_COLUMNS: usize = 256;

/// A writer of aligned columns; cells end with a tab, lines with a newline.
#[derive(Debug, Clone)]
pub struct TabWriter {
    min_width: usize,
    padding: usize,
    remember_widths: bool,
    /// Widest width so far by column, over all flushes (only when `remember_widths`).
    remembered: Vec<usize>,
    lines: Vec<Vec<String>>,
    cell: String,
    output: String,
}

impl TabWriter {
    /// A writer as `tabwriter.NewWriter(out, min_width, _, padding, ' ', 0)`; the tab width matters only for tab padding.
    pub fn new(min_width: usize, padding: usize) -> Self {
        Self {
            min_width,
            padding,
            remember_widths: false,
            remembered: Vec::new(),
            lines: vec![Vec::new()],
            cell: String::new(),
            output: String::new(),
        }
    }

    /// kubectl's writer for tables: at least 6 wide, 3 apart, widths kept between flushes (`printers.GetNewTabWriter`).
    pub fn for_tables() -> Self {
        Self { remember_widths: true, ..Self::new(6, 3) }
    }

    /// kubectl's writer for `describe`: 2 apart (`tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)`).
    pub fn for_describe() -> Self {
        Self::new(0, 2)
    }

    /// Adds text; tabs end cells, newlines end lines, a form feed ends a line and every column.
    pub fn write(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\t' | '\u{b}' if self.lines.last().is_some_and(|line| line.len() < MAX_COLUMNS) => self.end_cell(),
                '\n' | '\u{c}' => {
                    self.end_cell();
                    let cells = self.lines.last().map_or(0, Vec::len);
                    self.lines.push(Vec::new());
                    if c == '\u{c}' || cells == 1 {
                        self.flush();
                    }
                }
                _ => self.cell.push(c),
            }
        }
    }

    /// Formats what is buffered; later lines start new columns.
    pub fn flush(&mut self) {
        if !self.cell.is_empty() {
            self.end_cell();
        }
        let lines = std::mem::replace(&mut self.lines, vec![Vec::new()]);
        let mut widths = Vec::new();
        self.format(&lines, 0, lines.len(), &mut widths);
    }

    /// What was formatted since the last call.
    pub fn take(&mut self) -> String {
        self.flush();
        std::mem::take(&mut self.output)
    }

    /// Flushes and gives everything back.
    pub fn finish(mut self) -> String {
        self.take()
    }

    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        if let Some(line) = self.lines.last_mut() {
            line.push(cell);
        }
    }

    /// Lays out `lines[from..to]`, whose first `widths.len()` columns are already known.
    fn format(&mut self, lines: &[Vec<String>], mut from: usize, to: usize, widths: &mut Vec<usize>) {
        let column = widths.len();
        let has_column = |line: &Vec<String>| column + 1 < line.len();
        let mut this = from;
        while this < to {
            if !has_column(&lines[this]) {
                this += 1;
                continue;
            }
            self.write_lines(lines, from, this, widths);
            let block = this;
            let mut width = self.min_width;
            while this < to && has_column(&lines[this]) {
                width = width.max(lines[this][column].chars().count() + self.padding);
                this += 1;
            }
            widths.push(self.remember(column, width));
            self.format(lines, block, this, widths);
            widths.pop();
            from = this;
        }
        self.write_lines(lines, from, to, widths);
    }

    fn remember(&mut self, column: usize, width: usize) -> usize {
        if !self.remember_widths {
            return width;
        }
        if self.remembered.len() <= column {
            self.remembered.resize(column + 1, 0);
        }
        self.remembered[column] = self.remembered[column].max(width);
        self.remembered[column]
    }

    fn write_lines(&mut self, lines: &[Vec<String>], from: usize, to: usize, widths: &[usize]) {
        for (i, line) in lines.iter().enumerate().take(to).skip(from) {
            for (column, cell) in line.iter().enumerate() {
                self.output.push_str(cell);
                if let Some(width) = widths.get(column) {
                    let blanks = width.saturating_sub(cell.chars().count());
                    self.output.extend(std::iter::repeat_n(' ', blanks));
                }
            }
            if i + 1 < lines.len() {
                self.output.push('\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let mut w = TabWriter::for_describe();
        w.write(text);
        assert_eq!(w.finish(), expect);
    }

    #[test]
    fn columns_end_where_a_line_has_no_such_cell() {
        check("Name:\tweb\nNamespace:\tdefault\n", "Name:       web\nNamespace:  default\n");
        check("a\tb\nlonger\n", "a  b\nlonger\n");
        check("a\tb\nlone\nccc\td\n", "a  b\nlone\nccc  d\n");
        check("a\tb\tc\naaaa\tb\n", "a     b  c\naaaa  b\n");
        check("\ta\tb\n\taaa\tb\n", "  a    b\n  aaa  b\n");
        check("no newline\tat end", "no newline  at end");
    }

    #[test]
    fn widths_are_remembered_between_flushes() {
        let mut w = TabWriter::for_tables();
        w.write("aaaaaaaaaa\tb\n");
        w.flush();
        w.write("a\tb\n");
        assert_eq!(w.finish(), "aaaaaaaaaa   b\na            b\n");
    }
}
