//! JSON in reading order: what a document is first, then its sums, then its rows. Names that are not listed follow in the order of the alphabet.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The names of fields in the order in which they are read.
const ORDER: &[&str] = &[
    "apiVersion",
    "kind",
    "pod",
    "namespace",
    "name",
    "scenario",
    "domains",
    "workload",
    "outcome",
    "node",
    "nodes",
    "by",
    "question",
    "changes",
    "decision",
    "summary",
    "replicas",
    "limitReached",
    "score",
    "ties",
    "feasible",
    "pods",
    "placed",
    "pending",
    "gated",
    "ignored",
    "evicted",
    "priority",
    "zone",
    "cpu",
    "memory",
    "wanted",
    "ready",
    "before",
    "after",
    "moved",
    "lost",
    "missing",
    "newlyMissing",
    "missingBefore",
    "preempted",
    "allocatable",
    "requested",
    "free",
    "share",
    "shape",
    "count",
    "bound",
    "scheduled",
    "packed",
    "single",
    "gap",
    "price",
    "holds",
    "says",
    "message",
    "reason",
    "why",
    "preemption",
    "resources",
    "applied",
    "drains",
    "failures",
    "scenarios",
    "workloads",
    "byNode",
    "emptied",
    "kept",
    "moves",
    "items",
    "gone",
    "evictions",
    "stoppedBy",
    "reasons",
    "refused",
    "notApplied",
    "volumeTies",
    "preFilter",
    "rejected",
    "scores",
    "totals",
    "best",
    "isDrained",
    "left",
    "errors",
    "budgets",
    "lines",
    "unsure",
    "assert",
    "warnings",
    "leftOut",
];

struct Ordered<'v>(&'v Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let rank = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by_key(|(key, _)| rank(key));
                let mut map = to.serialize_map(Some(fields.len()))?;
                fields.into_iter().try_for_each(|(key, value)| map.serialize_entry(key, &Ordered(value)))?;
                map.end()
            }
            Value::Array(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&Ordered(item)))?;
                list.end()
            }
            other => other.serialize(to),
        }
    }
}

/// A document as JSON, its fields in reading order.
#[must_use]
pub fn text(document: &Value) -> String {
    serde_json::to_string(&Ordered(document)).unwrap_or_default()
}
