//! Tables as kubectl prints them, fitted to a terminal's width without breaking words.

use crate::visible::visible;

/// Between two columns.
const GAP: usize = 3;
/// No column is made narrower than this, unless its words are.
const NARROWEST: usize = 16;

/// Rows under a header; every column but the last is as wide as its widest cell.
#[derive(Clone)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Table { rows: vec![header.into_iter().map(Into::into).collect()] }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub(super) fn header(&self) -> &[String] {
        &self.rows[0]
    }

    pub(super) fn body(&self) -> &[Vec<String>] {
        &self.rows[1..]
    }

    /// Each row a line; with a width, cells with several words become several lines where the row is wider, and where that does not do each
    /// row becomes a paragraph.
    pub(super) fn text(&self, width: Option<usize>) -> String {
        let shown = |row: &Vec<String>| row.iter().map(|cell| visible(cell).into_owned()).collect();
        let rows: Vec<Vec<String>> = self.rows.iter().map(shown).collect();
        let mut widths = vec![0; self.header().len()];
        let mut words = vec![0; self.header().len()];
        for row in &rows {
            for (at, cell) in row.iter().enumerate() {
                widths[at] = widths[at].max(length(cell));
                words[at] = words[at].max(cell.split(' ').map(length).max().unwrap_or(0));
            }
        }
        let Some(width) = width else { return lines(&rows, &widths) };
        let all = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        while all(&widths) > width {
            // The widest column that can give way does, as far as it must.
            let can = |at: &usize| widths[*at] > words[*at].max(NARROWEST.min(widths[*at]));
            let Some(widest) = (0..widths.len()).filter(can).max_by_key(|at| widths[*at]) else {
                return paragraphs(&rows, width);
            };
            let over = all(&widths) - width;
            let least = words[widest].max(NARROWEST);
            widths[widest] = widths[widest].saturating_sub(over).max(least).min(widths[widest] - 1);
        }
        lines(&rows, &widths)
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Rows, whose cells take several lines where they are wider than their column.
fn lines(rows: &[Vec<String>], widths: &[usize]) -> String {
    let mut text = String::new();
    for row in rows {
        let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| wrap(cell, *width)).collect();
        let high = cells.iter().map(Vec::len).max().unwrap_or(0);
        for nth in 0..high {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(widths) {
                let part = cell.get(nth).map_or("", String::as_str);
                line += &format!("{part:<width$}{:GAP$}", "");
            }
            text += line.trim_end();
            text.push('\n');
        }
    }
    text
}

/// Each row as lines of its own: the first cell, and under it the others behind their headings.
fn paragraphs(rows: &[Vec<String>], width: usize) -> String {
    let Some((header, rows)) = rows.split_first() else { return String::new() };
    let indent = header.iter().skip(1).map(|name| length(name)).max().unwrap_or(0) + 4;
    let mut text = String::new();
    for row in rows {
        text += &format!("{}\n", row.first().map_or("", String::as_str));
        for (name, cell) in header.iter().zip(row).skip(1).filter(|(_, cell)| !cell.is_empty()) {
            for (nth, part) in wrap(cell, width.saturating_sub(indent)).into_iter().enumerate() {
                let name = if nth == 0 { name.as_str() } else { "" };
                text += format!("  {name:<0$}{part}", indent - 2).trim_end();
                text.push('\n');
            }
        }
    }
    text
}

/// A text in lines of at most so many characters; a word that is longer has a line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for part in text.split('\n') {
        // A line that is set in stays so.
        let indent = &part[..part.len() - part.trim_start_matches(' ').len()];
        let mut line = indent.to_owned();
        for word in part[indent.len()..].split(' ') {
            let is_first = line.len() == indent.len();
            if !is_first && length(&line) + 1 + length(word) > width {
                lines.push(std::mem::replace(&mut line, indent.to_owned()));
            } else if !is_first {
                line.push(' ');
            }
            line += word;
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::Table;

    fn table() -> Table {
        let mut table = Table::new(["NAME", "REASON"]);
        table.row(vec!["a-rather-long-name".to_owned(), "none of the nodes has room for it".to_owned()]);
        table.row(vec!["b".to_owned(), String::new()]);
        table
    }

    #[test]
    fn words_stay_whole_at_any_width() {
        let words = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.retain(|word| word != "REASON" && word != "NAME");
            words
        };
        let whole = words(&table().text(None));
        for width in 1..100 {
            let text = table().text(Some(width));
            assert_eq!(
                words(&text).iter().collect::<std::collections::BTreeSet<_>>(),
                whole.iter().collect(),
                "{width}"
            );
            if width > 40 {
                assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
            }
        }
    }

    #[test]
    fn rows_that_fit_are_lines() {
        assert_eq!(
            table().text(Some(40)),
            "NAME                 REASON\n\
             a-rather-long-name   none of the nodes\n                     has room for it\nb\n"
        );
        assert_eq!(table().text(None).lines().count(), 3);
    }
}
