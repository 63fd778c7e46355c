//! Hashes that look like Kubernetes' own and repeat.

use serde::Serialize;

/// 64-bit FNV-1a.
fn fnv(bytes: &[u8], basis: u64) -> u64 {
    bytes.iter().fold(basis, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// A hash of a JSON value.
pub(crate) fn value(value: &serde_json::Value) -> u64 {
    fnv(value.to_string().as_bytes(), BASIS)
}

/// A short word for a template, of letters that spell no word, as `pod-template-hash` is. `all` is the hash of all its fields, where those
/// count that are not read.
pub(crate) fn template(template: &impl Serialize, all: Option<u64>) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let json = serde_json::to_vec(template).unwrap_or_default();
    let mut hash = fnv(&json, all.unwrap_or(BASIS));
    let mut word = String::new();
    for _ in 0..9 {
        word.push(char::from(LETTERS[(hash % LETTERS.len() as u64) as usize]));
        hash /= LETTERS.len() as u64;
    }
    word
}

/// A uid for an object that has none.
pub(crate) fn uid(text: &str) -> String {
    let (a, b) = (fnv(text.as_bytes(), BASIS), fnv(text.as_bytes(), !BASIS));
    let (a, b) = (format!("{a:016x}"), format!("{b:016x}"));
    format!("{}-{}-{}-{}-{}", &a[..8], &a[8..12], &a[12..], &b[..4], &b[4..])
}
