//! Answers as text, as JSON and as HTML.
//!
//! [`text`] is for a terminal, in kubectl's kind of tables; [`json`] is for programs, versioned as `bayplan/v1`, with a
//! schema in `cluster/schema`; [`html`] is a fragment for a notebook.
//! Text and HTML are made of the same page (`answers`), so that neither lacks what the other says.

pub mod html;
pub mod json;
pub mod text;

mod answer;
mod answers;
mod compare;
mod gpus;
mod inventory;
mod order;
mod page;
mod size;
mod summary;
mod table;
mod units;
mod whatif;
mod why;

pub use answer::Answer;
pub use answers::{
    by_workload as workloads_page, decisions as decisions_page, explanation as explanation_page, fit as fit_page,
};
pub use compare::{diff, upgrade};
pub use gpus::gpus;
pub use inventory::{bundle, inventory, nodes, preemption};
pub use order::text as ordered;
pub use page::Page;
pub use size::size;
pub use summary::Summary;
pub use whatif::{Swept, drain, fail, shrink, simulation, swept_json};
pub use why::{why, why_page};
