//! Whatever the input: no panic, an error that says something, nothing half-loaded; and quantities as exact arithmetic has
//! them.

use bayplan::quantity::Quantity;
use bayplan::{Cluster, Options, read};
use proptest::prelude::*;

const JSON: &str = include_str!("properties/objects.json");
const YAML: &str = include_str!("properties/objects.yaml");

/// A cluster that holds something, and what it says about itself.
fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Options::default()).unwrap();
    cluster.load(read::Reading::live().bytes(YAML.as_bytes(), "objects").unwrap().objects).unwrap();
    cluster
}

fn contents(cluster: &mut Cluster) -> (Vec<String>, Vec<String>, Vec<u64>) {
    let nodes = cluster.nodes().into_iter().map(str::to_owned).collect();
    (nodes, cluster.pending(), cluster.state().to_vec())
}

/// A text with a piece of it replaced, taken away or doubled.
fn damaged(text: &'static str) -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "",
        "null",
        "[]",
        "{}",
        "\"\"",
        "-1",
        "1e999",
        "12 Gi",
        "99999999999999999999",
        "true",
        "\0",
        "\u{fffd}",
        "[",
        "}",
        "\n  - ",
        ": ",
        "&a ",
        "*a",
        "!!binary ",
        "---\n",
        "\t",
        "é",
        "<<: ",
    ]);
    (0..text.len(), 0..40usize, pieces, 1..4usize).prop_map(|(at, length, piece, times)| {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let near = |at: usize| ends[ends.partition_point(|end| *end < at).min(ends.len() - 1)];
        let (from, to) = (near(at), near(at + length));
        format!("{}{}{}", &text[..from], piece.repeat(times), &text[to.max(from)..])
    })
}

fn is_all_or_nothing(text: &[u8]) {
    let objects = match read::from_bytes(text, "input") {
        Ok(input) => input.objects,
        Err(error) => return assert!(error.to_string().len() > 10, "{error}"),
    };
    let mut cluster = cluster();
    let before = contents(&mut cluster);
    if let Err(error) = cluster.load(objects) {
        assert!(error.to_string().len() > 10, "{error}");
        assert_eq!(contents(&mut cluster), before, "{error}");
    }
    for pod in cluster.pending() {
        let _ = cluster.why(&pod).unwrap();
    }
    cluster.recount().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_json(text in damaged(JSON)) {
        is_all_or_nothing(text.as_bytes());
    }

    #[test]
    fn damaged_yaml(text in damaged(YAML)) {
        is_all_or_nothing(text.as_bytes());
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        is_all_or_nothing(&bytes);
    }

    #[test]
    fn any_characters(text in "[\\[\\]{}:,\"'\\\\&*!|>#%@`a-z0-9 \n\t.-]{0,120}") {
        is_all_or_nothing(text.as_bytes());
    }

    /// A decimal with a suffix, against the same in nano units by integer arithmetic; what is below a nano rounds up, away
    /// from zero.
    #[test]
    fn quantities_are_exact(
        negative in any::<bool>(), whole in 0..1_000_000u64, digits in 0..12u32, part in 0..1_000_000_000_000u64,
        (suffix, factor) in prop::sample::select(vec![
            ("", (1i128, 1i128)), ("n", (1, 1_000_000_000)), ("u", (1, 1_000_000)), ("m", (1, 1000)), ("k", (1000, 1)),
            ("M", (1_000_000, 1)), ("G", (1_000_000_000, 1)), ("T", (1_000_000_000_000, 1)), ("Ki", (1 << 10, 1)),
            ("Mi", (1 << 20, 1)), ("Gi", (1 << 30, 1)), ("Ti", (1 << 40, 1)), ("e3", (1000, 1)), ("E-2", (1, 100)),
        ]),
    ) {
        let (up, down) = factor;
        let scale = 10i128.pow(digits);
        let part = part % scale as u64;
        let point = if digits == 0 { String::new() } else { format!(".{part:0width$}", width = digits as usize) };
        let text = format!("{}{whole}{point}{suffix}", if negative { "-" } else { "" });
        let nano = (i128::from(whole) * scale + i128::from(part)) * up * 1_000_000_000;
        let nano = (nano + scale * down - 1) / (scale * down);
        let expected = if negative { -nano } else { nano };
        let quantity: Quantity = text.parse().unwrap();
        prop_assert_eq!(quantity.nano(), expected, "{}", text);
        // Written and read again it is the same.
        let again: Quantity = quantity.to_string().parse().unwrap();
        prop_assert_eq!(again.nano(), expected, "{} written as {}", text, quantity);
        // The two readings that the scheduler takes round away from zero too. Beyond 64 bits they are what Go makes of them,
        // see `data/quantities.ndjson`.
        let reading = |unit: i128| i64::try_from(expected.signum() * ((expected.abs() + unit - 1) / unit));
        if let (Ok(value), Ok(milli)) = (reading(1_000_000_000), reading(1_000_000)) {
            prop_assert_eq!((quantity.value(), quantity.milli_value()), (value, milli), "{}", text);
        }
    }
}
