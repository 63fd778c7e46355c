//! An answer for people: lines and tables, the same as text and as HTML, so that neither says less than the other.

use super::table::{Table, wrap};
use crate::visible::visible;

/// Stands where there is nothing, as in kubectl's tables.
pub(super) const NONE: &str = "<none>";

/// Longer tables are cut in HTML: a notebook is no place for thousands of rows.
const MAX_ROWS: usize = 200;

/// So many rows of a table are seen at once in HTML; the others unfold.
const OPEN_ROWS: usize = 20;

/// How a fragment looks in a notebook, light or dark: colours are those around it.
const STYLE: &str = "<style>.bayplan table{border-collapse:collapse;font-variant-numeric:tabular-nums}\
.bayplan th,.bayplan td{text-align:left;padding:2px 12px 2px 0;border-bottom:1px solid rgba(128,128,128,.3);vertical-align:top}\
.bayplan th{font-weight:600}.bayplan p{margin:4px 0}.bayplan summary{cursor:pointer}</style>";

/// Lines and tables in their order.
#[derive(Clone, Default)]
pub struct Page(Vec<Part>);

#[derive(Clone)]
enum Part {
    Line(String),
    /// An empty line; in HTML, paragraphs are apart anyway.
    Gap,
    Table(Table),
}

impl Page {
    /// One table, where it has rows, and lines under it.
    #[must_use]
    pub fn of_table(header: Vec<String>, rows: Vec<Vec<String>>, lines: Vec<String>) -> Self {
        let mut page = Page::default();
        let mut table = Table::new(header);
        rows.into_iter().for_each(|row| table.row(row));
        let is_empty = table.body().is_empty();
        page.table(table);
        if !is_empty && !lines.is_empty() {
            page.gap();
        }
        lines.into_iter().for_each(|line| page.line(line));
        page
    }

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

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Puts another page under this one.
    pub(super) fn append(&mut self, mut other: Page) {
        self.0.append(&mut other.0);
    }

    /// For a terminal, of so many columns where that is known: no word is broken.
    #[must_use]
    pub fn text(&self, width: Option<usize>) -> String {
        let part = |part: &Part| match part {
            Part::Line(line) => {
                let line = visible(line);
                let lines = width.map_or_else(|| vec![line.to_string()], |width| wrap(&line, width));
                lines.into_iter().map(|line| line + "\n").collect()
            }
            Part::Gap => "\n".to_owned(),
            Part::Table(table) => table.text(width),
        };
        self.0.iter().map(part).collect()
    }

    /// GitHub's Markdown: for a comment on a pull request.
    #[must_use]
    pub fn markdown(&self) -> String {
        let plain = |text: &str| {
            let text = visible(text).replace('\\', "\\\\");
            text.replace('|', "\\|").replace('<', "&lt;").replace('`', "\\`").replace('*', "\\*").replace('_', "\\_")
        };
        let row = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Line(line) => text += &format!("{}\n\n", plain(line)),
                Part::Gap => {}
                Part::Table(table) => {
                    text += &row(table.header());
                    text += &format!("|{}\n", " --- |".repeat(table.header().len()));
                    table.body().iter().for_each(|cells| text += &row(cells));
                    text.push('\n');
                }
            }
        }
        text.trim_end().to_owned() + "\n"
    }

    /// The first table as comma-separated values (RFC 4180), its headings in small letters; nothing where there is none.
    #[must_use]
    pub fn csv(&self) -> String {
        let quoted = |cell: &str| match cell.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.to_owned(),
        };
        let row = |cells: &[String]| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\n";
        let table = self.0.iter().find_map(|part| match part {
            Part::Table(table) => Some(table),
            _ => None,
        });
        let Some(table) = table else { return String::new() };
        let header: Vec<String> = table.header().iter().map(|name| name.to_lowercase().replace(' ', "_")).collect();
        let body = table.body().iter().map(|cells| {
            let cells: Vec<String> =
                cells.iter().map(|cell| if cell == NONE { String::new() } else { cell.clone() }).collect();
            row(&cells)
        });
        row(&header) + &body.collect::<String>()
    }

    /// A fragment for a notebook, everything escaped.
    #[must_use]
    pub fn html(&self) -> String {
        let mut html = format!("<div class=\"bayplan\">{STYLE}");
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
    let head = row("th", table.header());
    let body = |rows: &[Vec<String>]| {
        let rows: String = rows.iter().map(|cells| row("td", cells)).collect();
        format!("<table><thead>{head}</thead><tbody>{rows}</tbody></table>")
    };
    let rows = table.body();
    // A few more are not worth a click.
    let open = if rows.len() <= OPEN_ROWS + OPEN_ROWS / 2 { rows.len() } else { OPEN_ROWS };
    let mut html = body(&rows[..open]);
    if open < rows.len() {
        let shown = &rows[open..rows.len().min(MAX_ROWS)];
        html += &format!("<details><summary>{} more rows</summary>{}", rows.len() - open, body(shown));
        if rows.len() > MAX_ROWS {
            html += &format!("<p>… and {} more, which are in the JSON</p>", rows.len() - MAX_ROWS);
        }
        html += "</details>";
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
