//! Amounts as people read them: cores, Gi, percent.

use crate::simulate::{Amount, Utilisation};

/// An amount of a resource as the scheduler counts it: `7.5` cores, `1.45Gi`, `3`.
pub(super) fn amount(resource: &str, amount: i64) -> String {
    match resource {
        "cpu" => rounded(amount as f64 / 1000.0),
        _ if is_bytes(resource) => bytes(amount),
        _ => amount.to_string(),
    }
}

/// The same as a number: cores, bytes, pieces.
pub(super) fn number(resource: &str, amount: i64) -> serde_json::Value {
    match resource {
        "cpu" => serde_json::json!(amount as f64 / 1000.0),
        _ => serde_json::json!(amount),
    }
}

fn is_bytes(resource: &str) -> bool {
    resource == "memory" || resource == "ephemeral-storage" || resource.starts_with("hugepages-")
}

fn bytes(amount: i64) -> String {
    let mut value = amount as f64;
    for unit in ["", "Ki", "Mi", "Gi", "Ti"] {
        if value.abs() < 1024.0 || unit == "Ti" {
            return rounded(value) + unit;
        }
        value /= 1024.0;
    }
    amount.to_string()
}

/// With as many places as make three digits, and no zeros at the end.
fn rounded(value: f64) -> String {
    let places = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// `61 %`
pub(super) fn percent(amount: &Amount) -> String {
    amount.share().map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0))
}

/// `61 % of 128 cpu, 70 % of 512Gi memory`
pub(super) fn utilisation(of: &Utilisation) -> String {
    let resources = of.resources.iter().filter(|(name, _)| is_shown(name));
    let parts = resources.map(|(name, all)| format!("{} of {} {name}", percent(all), amount(name, all.allocatable)));
    parts.collect::<Vec<_>>().join(", ")
}

/// Resources that are shown where all are: what there is of pods and of disk is seldom asked about.
pub(super) fn is_shown(resource: &str) -> bool {
    !matches!(resource, "pods" | "ephemeral-storage") && !resource.starts_with("hugepages-")
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_are_short() {
        for (resource, of, text) in [
            ("cpu", 7500, "7.5"),
            ("cpu", 320, "0.32"),
            ("cpu", 128_000, "128"),
            ("memory", 3 << 29, "1.5Gi"),
            ("memory", 0, "0"),
            ("memory", 512 << 20, "512Mi"),
            ("nvidia.com/gpu", 3, "3"),
        ] {
            assert_eq!(amount(resource, of), text);
        }
    }
}
