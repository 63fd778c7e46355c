//! What Kubernetes' own `resource.Quantity` makes of many spellings, in `tests/data/quantities*.ndjson`.
//!
//! `quantities.go.txt` beside them is the Go program that wrote them, over k8s.io/apimachinery v0.37.2.

use serde::Deserialize;

use super::Quantity;

#[derive(Deserialize)]
struct Spelling {
    #[serde(rename = "in")]
    text: String,
    #[serde(default)]
    err: bool,
    value: i64,
    milli: i64,
    #[serde(default)]
    text_again: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sum {
    a: String,
    b: String,
    cmp: i32,
    add: i64,
    add_milli: i64,
    sub: i64,
    sub_milli: i64,
    add_text: String,
}

fn rows<T: for<'de> Deserialize<'de>>(file: &str) -> Vec<T> {
    file.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
fn spellings_read_as_kubernetes_reads_them() {
    let rows: Vec<Spelling> = rows(include_str!("../../tests/data/quantities.ndjson"));
    let (mut legal, mut faults) = (0, Vec::new());
    for row in &rows {
        let read = row.text.trim().parse::<Quantity>();
        let Ok(quantity) = read else {
            assert!(row.err, "{:?} is legal, but: {}", row.text, read.unwrap_err());
            continue;
        };
        assert!(!row.err, "{:?} is not legal, but reads as {quantity}", row.text);
        legal += 1;
        // Kubernetes rounds long negative amounts by an off-by-one that no decision sees: they are refused everywhere.
        // A long amount beyond 128 bits of nano units (10^29 bytes) is clamped.
        if quantity.wide && quantity.mantissa.saturating_abs() == i128::MAX {
            continue;
        }
        if !quantity.is_negative() && (quantity.value(), quantity.milli_value()) != (row.value, row.milli) {
            faults.push(format!(
                "{:?}: {} {}, not {} {}",
                row.text,
                quantity.value(),
                quantity.milli_value(),
                row.value,
                row.milli
            ));
        }
        // Above E, Kubernetes loses the exponent when it writes.
        if quantity.to_string() != row.text_again && quantity.nano().saturating_abs() < 10i128.pow(30) {
            faults.push(format!("{:?}: {quantity}, not {}", row.text, row.text_again));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(legal > 1500 && rows.len() - legal > 30, "{legal} of {}", rows.len());
}

#[test]
fn sums_and_differences_are_as_in_kubernetes() {
    let rows: Vec<Sum> = rows(include_str!("../../tests/data/quantity_sums.ndjson"));
    assert!(rows.len() > 500);
    let mut faults = Vec::new();
    for row in &rows {
        let (a, b): (Quantity, Quantity) = (row.a.parse().expect(&row.a), row.b.parse().expect(&row.b));
        // Beyond 128 bits of nano units nothing is promised.
        if a.nano().max(b.nano()) > 10i128.pow(37) {
            continue;
        }
        let ours = (a.cmp(&b) as i32, (a + b).value(), (a + b).milli_value(), (a + b).to_string());
        let theirs = (row.cmp, row.add, row.add_milli, row.add_text.clone());
        if ours != theirs && row.add_text.len() > 1 {
            faults.push(format!("{} + {}: {ours:?}, not {theirs:?}", row.a, row.b));
        }
        let (ours, theirs) = (((a - b).value(), (a - b).milli_value()), (row.sub, row.sub_milli));
        if ours != theirs && a >= b {
            faults.push(format!("{} - {}: {ours:?}, not {theirs:?}", row.a, row.b));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn json_strings_and_numbers_are_read() {
    for (json, milli) in
        [("\"1500m\"", 1500), ("2", 2000), ("0.5", 500), ("-1", -1000), ("1e3", 1_000_000), ("null", 0)]
    {
        assert_eq!(serde_json::from_str::<Quantity>(json).expect(json).milli_value(), milli, "{json}");
    }
    assert_eq!(serde_json::to_string(&"1024Ki".parse::<Quantity>().unwrap()).unwrap(), "\"1Mi\"");
    assert!(serde_json::from_str::<Quantity>("true").is_err());
}

#[test]
fn errors_say_what_is_legal() {
    let text = |q: &str| q.parse::<Quantity>().unwrap_err().to_string();
    assert!(
        text("12 Gi")
            .starts_with("\"12 Gi\" is not a quantity: a space is not allowed, write \"12Gi\"; legal is a quantity")
    );
    assert!(text("12GB").contains("\"GB\" is no suffix, write \"G\""));
    assert!(text("").contains("it is empty"));
    assert!(text("lots").contains("it does not begin with a number"));
    assert!(text(&"é".repeat(1_000_000)).len() < 1000);
}
