//! The fuzz targets with a bounded number of inputs, the same in every run. `BAYPLAN_FUZZ=10` plays ten times as many.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use bayplan_core::{Scheduler, seal};
use bayplan_fuzzing::{damaged_block, manifest, read_bytes, structured_world};
use bayplan_properties::random::Random;

fn inputs(of_one_run: usize) -> usize {
    of_one_run * std::env::var("BAYPLAN_FUZZ").map_or(1, |text| text.parse().expect("BAYPLAN_FUZZ is a number"))
}

fn bytes(random: &mut Random, count: usize) -> Vec<u8> {
    (0..count).map(|_| random.below(256) as u8).collect()
}

#[test]
fn whole_blocks_are_taken_and_have_room() {
    for (at, (whole, _)) in damaged_block::blocks().iter().enumerate() {
        assert_eq!(damaged_block::play(&[at as u8]), Some(damaged_block::Fate::Taken));
        let mut mem = damaged_block::roomy(whole);
        Scheduler::attach(&mut mem).map(drop).expect("it is whole");
        assert!(seal(&mut mem).expect("a block")[2..] == whole[2..], "attaching changes nothing of what is whole");
        Scheduler::attach(&mut mem).and_then(|mut s| damaged_block::add_rows(&mut s)).expect("room for more rows");
    }
    assert_eq!(damaged_block::play(&[]), None);
}

#[test]
fn damaged_blocks_are_refused_or_harmless() {
    static PLACE: Mutex<String> = Mutex::new(String::new());
    std::panic::set_hook(Box::new(|panic| {
        *PLACE.lock().expect("no test panics while it holds it") = format!("{panic}")
    }));
    let mut random = Random::new(1);
    let (mut refused, mut taken, mut panics) = (0, 0, BTreeMap::<String, u32>::new());
    let count = inputs(20_000);
    for _ in 0..count {
        let changes = 1 + random.below(3);
        let data = bytes(&mut random, 1 + 14 * changes);
        match catch_unwind(AssertUnwindSafe(|| damaged_block::play(&data))) {
            Ok(Some(damaged_block::Fate::Taken)) => taken += 1,
            Ok(_) => refused += 1,
            Err(_) => *panics.entry(PLACE.lock().expect("as above").clone()).or_default() += 1,
        }
    }
    drop(std::panic::take_hook());
    assert!(panics.is_empty(), "of {count} blocks some panicked: {panics:#?}");
    println!("{refused} refused, {taken} taken");
    // Most words are numbers or text that may be anything.
    assert!(refused > count / 8 && taken > count / 8, "{refused} refused, {taken} taken");
}

const MANIFESTS: [&str; 2] =
    [include_str!("../../../examples/workloads.yaml"), include_str!("../../../examples/web.yaml")];
const CLUSTER: &str = r#"{"apiVersion":"v1","kind":"List","items":[
{"apiVersion":"v1","kind":"Node","metadata":{"name":"n0","labels":{"zone":"a"}},"spec":{"taints":[{"key":"k","effect":"NoSchedule"}]},
 "status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"}}},
{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"allocatable":{"cpu":"2","memory":"4Gi","pods":"10"}}},
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p0","namespace":"a","labels":{"app":"web"}},"spec":{"nodeName":"n1",
 "containers":[{"name":"c","image":"i:1","resources":{"requests":{"cpu":"100m"}}}]},"status":{"phase":"Running"}},
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p1","namespace":"a"},"spec":{"tolerations":[{"operator":"Exists"}],
 "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone","labelSelector":{"matchLabels":
 {"app":"web"}}}]}},"containers":[{"name":"c","image":"i:1","resources":{"requests":{"cpu":"1","memory":"1G"}}}]},"status":{"phase":"Pending"}}]}"#;

/// A text with a few spans changed: cut out, doubled, put elsewhere; most often one letter or digit is another.
fn mutated(random: &mut Random, text: &str) -> Vec<u8> {
    let mut out = text.as_bytes().to_vec();
    for _ in 0..1 + random.below(3) {
        let at = random.below(out.len());
        let end = (at + 1 + random.below(24)).min(out.len());
        match random.below(16) {
            0 => drop(out.drain(at..end)),
            1 => out.splice(at..at, out[at..end].to_vec()).for_each(drop),
            2 => out[at] = random.below(256) as u8,
            3 => out[at] = b"{}[]\":,-0189 \n&*!#"[random.below(18)],
            4..14 => {
                let is_word = |byte: &u8| byte.is_ascii_alphanumeric();
                let found = out[at..].iter().position(is_word).map_or(at, |offset| at + offset);
                out[found] = b"abcinopstu0123459"[random.below(17)];
            }
            _ => {
                let to = random.below(out.len());
                out.splice(to..to, out[at..end].to_vec()).for_each(drop);
            }
        }
        if out.is_empty() {
            break;
        }
    }
    out
}

#[test]
fn any_bytes_are_an_error_or_a_cluster() {
    let mut random = Random::new(2);
    let mut fates = BTreeMap::<read_bytes::Fate, usize>::new();
    assert_eq!(read_bytes::play(CLUSTER.as_bytes()), read_bytes::Fate::Loaded);
    let count = inputs(3000);
    for at in 0..count {
        let data = match at % 8 {
            0 => bytes(&mut random, 64),
            1 => mutated(&mut random, MANIFESTS[at / 8 % 2]),
            _ => mutated(&mut random, CLUSTER),
        };
        *fates.entry(read_bytes::play(&data)).or_default() += 1;
    }
    println!("{fates:?}");
    assert!(fates[&read_bytes::Fate::NotRead] > count / 8 && fates[&read_bytes::Fate::Loaded] > count / 8, "{fates:?}");
}

#[test]
fn worlds_of_any_bytes_decide_as_the_reference() {
    let mut random = Random::new(3);
    let mut decided = 0;
    for _ in 0..inputs(40) {
        let length = 200 + random.below(2000);
        decided += structured_world::play(&bytes(&mut random, length));
    }
    println!("{decided} decisions");
    assert!(decided > inputs(40) * 10, "only {decided} decisions");
    assert_eq!(structured_world::play(&[]), 0);
}

#[test]
fn changed_manifests_are_placed_or_refused_with_object_and_field() {
    let mut random = Random::new(4);
    for whole in manifest::manifests() {
        manifest::place(&whole).expect("as it is, it is placed");
    }
    let (mut refused, mut placed) = (0, 0);
    let count = inputs(4000);
    for _ in 0..count {
        let length = 2 + random.below(9);
        match manifest::play(&bytes(&mut random, length)) {
            Some(manifest::Fate::Placed) => placed += 1,
            _ => refused += 1,
        }
    }
    println!("{refused} refused, {placed} placed");
    assert!(refused > count / 8 && placed > count / 20, "{refused} refused, {placed} placed");
    assert_eq!(manifest::play(&[]), None);
}
