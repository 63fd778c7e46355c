//! Tables as kubectl prints them.

use crate::visible::visible;

/// Rows under a header; every column but the last is as wide as its widest cell.
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

    /// Each row a line.
    pub(super) fn text(&self) -> String {
        let shown = |row: &Vec<String>| row.iter().map(|cell| visible(cell).into_owned()).collect();
        let rows: Vec<Vec<String>> = self.rows.iter().map(shown).collect();
        let mut widths = vec![0; self.header().len()];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for row in &rows {
            let mut line = String::new();
            for (width, cell) in widths.iter().zip(row) {
                line += &format!("{cell:<width$}   ");
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }
}
