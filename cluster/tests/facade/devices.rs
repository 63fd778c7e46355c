//! Devices and gangs: rules that are not played, and the pods that they concern.

use bayplan::{Cluster, ErrorKind, Options, Version, read};

fn decided(version: Version, text: &str) -> (Vec<String>, Vec<String>) {
    let mut cluster = Cluster::new(Options { version, ..Options::default() }).expect("defaults");
    cluster.load(read::from_text(text, "test").expect("objects").objects).expect("objects");
    let decision = cluster.decide("default/p").expect("a decision");
    let rules = decision.not_applied.iter().map(|rule| format!("{}: {}", rule.rule, rule.why)).collect();
    (rules, decision.missing)
}

const NODE: &str = "kind: Node\napiVersion: v1\nmetadata: {name: a, uid: a}\nstatus: {allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}\n";

fn pod(resource: &str, more: &str) -> String {
    format!(
        "{NODE}---\nkind: Pod\napiVersion: v1\nmetadata: {{name: p, namespace: default, uid: p}}\nspec: {{{more}schedulerName: default-scheduler, containers: [{{name: c, image: i, resources: {{requests: {{{resource}: '1'}}}}}}]}}\n"
    )
}

/// kube-scheduler maps extended resources to classes from 1.36 on (feature DRAExtendedResource); a class gives its implicit name too.
#[test]
fn an_extended_resource_that_a_class_maps_is_flagged() {
    let class = |group: &str| {
        format!(
            "---\nkind: DeviceClass\napiVersion: resource.k8s.io/{group}\nmetadata: {{name: gpu, uid: g}}\nspec: {{extendedResourceName: nvidia.com/gpu}}\n"
        )
    };
    let flagged = vec!["DynamicResources: DeviceClass gpu may give the pod its nvidia.com/gpu".to_owned()];
    for group in ["v1", "v1beta2"] {
        let text = pod("nvidia.com/gpu", "") + &class(group);
        assert_eq!(decided(Version::V1_37, &text), (flagged.clone(), vec![]));
        assert_eq!(decided(Version::V1_36, &text), (flagged.clone(), vec![]));
        assert_eq!(decided(Version::V1_35, &text), (vec![], vec![]));
    }
    assert_eq!(decided(Version::V1_37, &(pod("amd.com/gpu", "") + &class("v1"))), (vec![], vec![]));
    assert_eq!(decided(Version::V1_37, &pod("nvidia.com/gpu", "")), (vec![], vec![]));
    let implicit = "deviceclass.resource.kubernetes.io/gpu";
    let why = format!("DynamicResources: DeviceClass gpu may give the pod its {implicit}");
    assert_eq!(decided(Version::V1_37, &(pod(implicit, "") + &class("v1"))), (vec![why.clone()], vec![]));
    assert_eq!(decided(Version::V1_37, &pod(implicit, "")), (vec![why], vec!["DeviceClass gpu".to_owned()]));
}

#[test]
fn claims_for_devices_that_are_not_there_are_said() {
    let claims = "resourceClaims: [{name: a, resourceClaimName: one}, {name: b, resourceClaimTemplateName: two}], ";
    let (rules, missing) = decided(Version::V1_37, &pod("cpu", claims));
    assert_eq!(rules, ["DynamicResources: the pod claims devices"]);
    assert_eq!(missing, ["ResourceClaim default/one", "ResourceClaimTemplate default/two"]);
    let there = "---\nkind: ResourceClaim\napiVersion: resource.k8s.io/v1beta1\nmetadata: {name: one, namespace: default, uid: r}\n---\nkind: ResourceClaimTemplate\napiVersion: resource.k8s.io/v1\nmetadata: {name: two, namespace: default, uid: t}\n";
    assert_eq!(decided(Version::V1_37, &(pod("cpu", claims) + there)).1, Vec::<String>::new());
}

/// Numbers alone would be a green answer: they have no place for a rule that was not applied.
#[test]
fn numbers_are_refused_where_a_rule_is_not_applied() {
    let text = pod("cpu", "resourceClaims: [{name: a, resourceClaimName: one}], ");
    let mut cluster = Cluster::new(Options::default()).expect("defaults");
    cluster.load(read::from_text(&text, "test").expect("objects").objects).expect("objects");
    let problem = "DynamicResources concerns pod default/p and is not applied: the pod claims devices";
    for error in [cluster.evaluate("default/p").err(), cluster.core_rows("default/p").err()] {
        let error = error.expect("it is refused");
        assert_eq!((error.kind(), error.problem()), (ErrorKind::Unsupported, problem));
    }
}

#[test]
fn every_kind_of_them_is_read() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- {kind: ResourceSlice, apiVersion: resource.k8s.io/v1, metadata: {name: s, uid: a}, spec: {driver: d}}\n- {kind: DeviceTaintRule, apiVersion: resource.k8s.io/v1beta2, metadata: {name: r, uid: b}}\n- {kind: PodGroup, apiVersion: scheduling.k8s.io/v1beta1, metadata: {name: g, namespace: default, uid: c}}\n- {kind: Workload, apiVersion: scheduling.k8s.io/v1alpha3, metadata: {name: w, namespace: default, uid: d}}\n";
    let input = read::from_text(text, "test").expect("objects");
    assert!(input.skipped.is_empty(), "{}", input.skipped);
    let names: Vec<String> = input.objects.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["ResourceSlice s", "DeviceTaintRule r", "PodGroup default/g", "Workload default/w"]);
}
