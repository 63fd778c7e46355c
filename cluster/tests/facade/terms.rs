//! Node selector terms, against what the real kube-scheduler made of them.
//!
//! `terms.json` holds what schedulers 1.34.4, 1.35.4, 1.36.3 and 1.37.2 answered alike: the nodes that a pod with these
//! required terms may go to (`nodes`), those it was not even compared with (`leftOut`), and why the pod was rejected as a
//! whole (`rejected`). Node `nI` has the label `gen` with the `values` of place I, where it is not null.

use bayplan::labels::{NodeSelector, RequiredNodes, preferred_terms};
use bayplan::objects::{Affinity, List, NodeAffinity, NodeSelectorTerm, Pod, PreferredSchedulingTerm, StringMap};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    values: Vec<Option<String>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    terms: Vec<NodeSelectorTerm>,
    nodes: Vec<String>,
    #[serde(default)]
    left_out: Vec<String>,
    rejected: Option<String>,
}

fn file() -> (Vec<(String, StringMap)>, Vec<Case>) {
    let file: File = serde_json::from_str(include_str!("terms.json")).unwrap();
    let labels = |value: &Option<String>| value.iter().map(|value| ("gen".to_owned(), value.clone())).collect();
    let nodes = file.values.iter().enumerate().map(|(i, value)| (format!("n{i}"), labels(value)));
    (nodes.collect(), file.cases)
}

#[test]
fn required_terms_match_as_in_kube_scheduler() {
    let (nodes, cases) = file();
    for case in cases {
        let mut pod = Pod::default();
        let selector = bayplan::objects::NodeSelector { node_selector_terms: case.terms };
        let affinity = NodeAffinity { required: Some(selector), preferred: List::default() };
        pod.spec.affinity = Some(Affinity { node_affinity: Some(affinity), ..Default::default() });
        let required = RequiredNodes::of(&pod);
        let is_named = |name: &str| required.names.as_ref().is_none_or(|names| names.contains(name));
        let is_conflict = required.names.as_ref().is_some_and(|names| names.is_empty());
        assert_eq!(is_conflict, case.rejected.is_some(), "{}", case.name);
        let fits = |(name, labels): &&(String, StringMap)| is_named(name) && required.matches(name, labels);
        assert_eq!(
            nodes.iter().filter(fits).map(|(name, _)| name).collect::<Vec<_>>(),
            case.nodes.iter().collect::<Vec<_>>()
        );
        if !is_conflict {
            let left_out: Vec<_> = nodes.iter().map(|(name, _)| name.clone()).filter(|name| !is_named(name)).collect();
            assert_eq!(left_out, case.left_out, "{}", case.name);
        }
    }
}

#[test]
fn a_faulty_term_is_named_where_it_is_an_error() {
    let (nodes, cases) = file();
    let mut faulty = 0;
    for case in cases {
        let selector = bayplan::objects::NodeSelector { node_selector_terms: case.terms };
        let terms = selector.node_selector_terms.iter();
        let preferred = |term: &NodeSelectorTerm| PreferredSchedulingTerm { weight: 1, preference: term.clone() };
        let preferred: Vec<_> = terms.map(preferred).collect();
        match (NodeSelector::strict(&selector, "at"), preferred_terms(&preferred, "at")) {
            (Ok(strict), Ok(weighted)) => {
                assert_eq!(strict, NodeSelector::lenient(&selector), "{}", case.name);
                for (name, labels) in &nodes {
                    let is_preferred = weighted.iter().any(|(_, term)| term.matches(name, labels));
                    assert_eq!(strict.matches(name, labels), is_preferred, "{}", case.name);
                }
            }
            (Err(strict), Err(weighted)) => {
                assert!(strict.field().starts_with("at.nodeSelectorTerms["), "{strict}");
                assert!(weighted.field().starts_with("at["), "{weighted}");
                assert_eq!(strict.problem(), weighted.problem());
                faulty += 1;
            }
            (strict, weighted) => panic!("{}: {strict:?} but {weighted:?}", case.name),
        }
    }
    assert!(faulty > 0);
}
