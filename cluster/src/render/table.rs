//! Tables as kubectl prints them.

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
        let mut widths = vec![0; self.header().len()];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for row in &self.rows {
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
