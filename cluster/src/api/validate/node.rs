//! Nodes.

use serde_json::Value;

use super::faults::Faults;
use super::{meta, names, placement, resources};
use crate::api::stored::quantity;
use crate::api::view::{entries, list, sub};

pub(super) fn node(it: &Value, out: &mut Faults) {
    meta::meta(it, false, names::subdomain, out);
    // The server names them so.
    placement::taints(list(sub(it, "spec"), "taints"), "metadata.taints", out);
    for field in ["capacity", "allocatable"] {
        for (name, value) in entries(sub(it, "status"), field) {
            if let Some(amount) = quantity(value) {
                resources::value(name, amount, &format!("status.{field}.{name}"), out);
            }
        }
    }
}
