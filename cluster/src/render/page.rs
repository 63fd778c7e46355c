//! An answer for people: lines and tables, the same as text and as HTML, so that neither says less than the other.

use super::table::Table;
use crate::visible::visible;

/// Longer tables are cut in HTML: a notebook is no place for thousands of rows.
const MAX_ROWS: usize = 200;

/// Lines and tables in their order.
#[derive(Default)]
pub(super) struct Page(Vec<Part>);

enum Part {
    Line(String),
    /// An empty line; in HTML, paragraphs are apart anyway.
    Gap,
    Table(Table),
}

impl Page {
    pub(super) fn line(&mut self, line: impl Into<String>) {
        self.0.push(Part::Line(line.into()));
    }

    pub(super) fn gap(&mut self) {
        self.0.push(Part::Gap);
    }

    /// Adds a table.
    pub(super) fn table(&mut self, table: Table) {
        self.0.push(Part::Table(table));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts another page under this one.
    pub(super) fn append(&mut self, mut other: Page) {
        self.0.append(&mut other.0);
    }

    /// For a terminal.
    pub(super) fn text(&self) -> String {
        let part = |part: &Part| match part {
            Part::Line(line) => format!("{}\n", visible(line)),
            Part::Gap => "\n".to_owned(),
            Part::Table(table) => table.text(),
        };
        self.0.iter().map(part).collect()
    }

    /// A fragment for a notebook, everything escaped.
    pub(super) fn html(&self) -> String {
        let mut html = String::from("<div class=\"bayplan\">");
        for part in &self.0 {
            match part {
                // A message may have lines of its own.
                Part::Line(line) => html += &format!("<p>{}</p>", escape(line).replace('\n', "<br>")),
                Part::Gap => {}
                Part::Table(table) => html += &of_table(table),
            }
        }
        html + "</div>"
    }
}

fn of_table(table: &Table) -> String {
    let mut html = format!("<table><thead>{}</thead><tbody>", row("th", table.header()));
    table.body().iter().take(MAX_ROWS).for_each(|cells| html += &row("td", cells));
    html += "</tbody></table>";
    if table.body().len() > MAX_ROWS {
        html += &format!("<p>… and {} more rows</p>", table.body().len() - MAX_ROWS);
    }
    html
}

fn row(tag: &str, cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
    format!("<tr>{cells}</tr>")
}

/// Names come from files that somebody else may have written.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
