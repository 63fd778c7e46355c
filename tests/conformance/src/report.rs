//! What came of playing cases, and the table that shows it.

use std::fmt::{self, Write as _};

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The case.
    pub case: String,
    /// The number of the step in its case, from 1, and its pod; `None` where the case as a whole failed.
    pub step: Option<(usize, String)>,
    /// The path of the field inside the step.
    pub field: String,
    /// What the real scheduler has there.
    pub expected: String,
    /// What the engine has there.
    pub found: String,
}

impl Difference {
    /// The case could not be played.
    pub fn of_case(case: &str, expected: &str, found: &str) -> Self {
        let (field, expected, found) = ("case".into(), expected.into(), found.into());
        Self { case: case.into(), step: None, field, expected, found }
    }

    /// One field of a step, counted from 0 here.
    pub fn of_step(case: &str, index: usize, pod: &str, (field, expected, found): (String, String, String)) -> Self {
        Self { case: case.into(), step: Some((index + 1, pod.into())), field, expected, found }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.case)?;
        if let Some((number, pod)) = &self.step {
            write!(f, ", step {number}, pod {pod}")?;
        }
        write!(f, ": {}\n  expected  {}\n  found     {}", self.field, self.expected, self.found)
    }
}

/// Counts, and what differs, in the order of the cases.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Cases played.
    pub cases: usize,
    /// Steps that the real scheduler took in them.
    pub steps: usize,
    /// Steps that are equal in every compared field.
    pub equal: usize,
    /// Everything that differs.
    pub differences: Vec<Difference>,
}

impl Report {
    /// Adds another report's counts and differences.
    pub fn add(&mut self, other: Report) {
        self.cases += other.cases;
        self.steps += other.steps;
        self.equal += other.equal;
        self.differences.extend(other.differences);
    }

    /// Whether something was compared and all of it is equal.
    pub fn passes(&self) -> bool {
        self.steps > 0 && self.equal == self.steps && self.differences.is_empty()
    }
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of the vectors.
    pub category: String,
    /// The Kubernetes minor version.
    pub version: String,
    /// What came of them.
    pub report: Report,
}

/// The table, a row a category and version, and below it up to `limit` differences of each row.
pub fn table(rows: &[Row], limit: usize) -> String {
    let width = rows.iter().map(|row| row.category.len()).max().unwrap_or(0).max("category".len());
    let mut out = format!("{:width$}  version  cases   steps   equal  first difference\n", "category");
    for Row { category, version, report } in rows {
        let first = report.differences.first().map_or_else(|| "-".to_string(), place);
        let Report { cases, steps, equal, .. } = report;
        let _ = writeln!(out, "{category:width$}  {version:7}  {cases:5}  {steps:6}  {equal:6}  {first}");
    }
    let mut total = Report::default();
    for row in rows {
        total.cases += row.report.cases;
        total.steps += row.report.steps;
        total.equal += row.report.equal;
    }
    let _ = writeln!(out, "{:width$}  {:7}  {:5}  {:6}  {:6}", "total", "", total.cases, total.steps, total.equal);
    for row in rows {
        for difference in row.report.differences.iter().take(limit) {
            let _ = writeln!(out, "\n{} {}: {difference}", row.category, row.version);
        }
        let left = row.report.differences.len().saturating_sub(limit);
        if left > 0 {
            let _ = writeln!(out, "  and {left} more");
        }
    }
    out
}

fn place(difference: &Difference) -> String {
    match &difference.step {
        Some((number, _)) => format!("{} step {number}: {}", difference.case, difference.field),
        None => format!("{}: {}", difference.case, difference.field),
    }
}
