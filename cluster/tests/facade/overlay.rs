//! Manifests over live objects: merged as `kubectl apply` merges them, or put in their place.

use bayplan::objects::{Kind, Object};
use bayplan::{Cluster, Options, Overlay, PlaceOptions, read};

fn objects(text: &str) -> Vec<Object> {
    read::from_text(text, "test").expect("objects").objects
}

fn cluster(overlay: Overlay, texts: &[&str]) -> Cluster {
    let mut cluster = Cluster::new(Options { overlay, ..Options::default() }).expect("defaults");
    for text in texts {
        cluster.load(objects(text)).expect("objects");
    }
    cluster
}

fn spec(cluster: &Cluster) -> (Option<i32>, Vec<String>) {
    let Some(Object::Deployment(web)) = cluster.object(Kind::Deployment, "default", "web") else { panic!("no web") };
    let containers = web.spec.template.spec.containers.iter();
    (
        web.spec.replicas,
        containers.map(|c| format!("{} {:?}", c.name, c.resources.requests.keys().collect::<Vec<_>>())).collect(),
    )
}

/// Scaled by an autoscaler, with a container that an injector added, and what was applied before.
fn live(last: &str) -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"web","namespace":"default","uid":"u","annotations":{{"kubectl.kubernetes.io/last-applied-configuration":{last:?}}}}},"spec":{{"replicas":7,"selector":{{"matchLabels":{{"app":"web"}}}},"template":{{"metadata":{{"labels":{{"app":"web"}}}},"spec":{{"schedulerName":"default-scheduler","containers":[{{"name":"web","image":"a","resources":{{"requests":{{"cpu":"1","memory":"1Gi"}}}}}},{{"name":"proxy","image":"p","resources":{{"requests":{{"cpu":"100m"}}}}}}]}}}}}}}}"#
    )
}

const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: default}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: b, resources: {requests: {cpu: 2}}}]}\n";

#[test]
fn a_manifest_is_merged_or_takes_the_place() {
    let unknown = live("{}");
    let merged = (Some(7), vec!["web [\"cpu\", \"memory\"]".to_owned(), "proxy [\"cpu\"]".to_owned()]);
    let replaced = (Some(1), vec!["web [\"cpu\"]".to_owned()]);
    assert_eq!(spec(&cluster(Overlay::Apply, &[&unknown, MANIFEST])), merged);
    assert_eq!(spec(&cluster(Overlay::Replace, &[&unknown, MANIFEST])), replaced);
    // Loaded at once as one after the other.
    for (overlay, expected) in [(Overlay::Apply, &merged), (Overlay::Replace, &replaced)] {
        let mut at_once = cluster(overlay, &[]);
        at_once.load(objects(&unknown).into_iter().chain(objects(MANIFEST))).expect("objects");
        assert_eq!(spec(&at_once), *expected);
    }
    // A number and a request that the manifest had before and has no more are given up.
    let last = r#"{"spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"web","resources":{"requests":{"cpu":"1","memory":"1Gi"}}}]}}}}"#;
    let given_up = (Some(1), vec!["web [\"cpu\"]".to_owned(), "proxy [\"cpu\"]".to_owned()]);
    assert_eq!(spec(&cluster(Overlay::Apply, &[&live(last), MANIFEST])), given_up);
    // Fields alone, without what would make a manifest whole.
    let part =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: default}\nspec: {replicas: 9}\n";
    assert_eq!(spec(&cluster(Overlay::Apply, &[&unknown, part])), (Some(9), merged.1.clone()));
}

#[test]
fn it_is_said_whichever_it_is() {
    let say = |overlay| cluster(overlay, &[&live("{}"), MANIFEST]).warnings().join("\n");
    assert!(
        say(Overlay::Apply)
            .contains("Deployment default/web is live: the manifest is merged into it as `kubectl apply` does")
    );
    assert!(
        say(Overlay::Replace)
            .contains("Deployment default/web is live: the manifest takes its place as with `kubectl replace`")
    );
    let start = cluster(Overlay::Apply, &[&live("{}")]);
    assert!(start.warnings().is_empty(), "{:?}", start.warnings());
    let placed = start.place(Some(&objects(MANIFEST)), &PlaceOptions::default(), &mut |_, _| true).expect("a plan");
    assert_eq!(placed.decisions.len(), 7);
    assert!(placed.warnings.iter().any(|w| w.contains("`kubectl apply`")), "{:?}", placed.warnings);
    // A saved cluster still says so.
    let saved = Cluster::from_bytes(&cluster(Overlay::Replace, &[&live("{}"), MANIFEST]).to_bytes().expect("bytes"));
    let saved = saved.expect("a cluster");
    assert!(saved.warnings().iter().any(|w| w.contains("`kubectl replace`")));
    assert_eq!(saved.overlay(), Overlay::Replace);
}

#[test]
fn fields_that_must_not_change_are_refused() {
    let start = cluster(Overlay::Apply, &[&live("{}")]);
    let other = MANIFEST.replace("app: web}", "app: other}");
    let refused = start.clone().load(objects(&other)).expect_err("a server refuses it");
    // As kube-apiserver 1.37 says it; labels are merged, so that the old one stays.
    let words = r#"spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable"#;
    assert!(refused.problem().contains(words), "{}", refused.problem());
}

/// `kubectl apply` notes an empty map of annotations where the manifest has none; those that controllers have set stay.
#[test]
fn annotations_of_controllers_stay() {
    let claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d, namespace: default, uid: c, annotations: {pv.kubernetes.io/bind-completed: 'yes', kubectl.kubernetes.io/last-applied-configuration: '{\"metadata\":{\"annotations\":{},\"name\":\"d\"},\"status\":{}}'}}, spec: {storageClassName: fast, volumeName: pv, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}, status: {phase: Bound}}\n";
    let manifest = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: d, namespace: default}\nspec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
    let cluster = cluster(Overlay::Apply, &[&format!("---\n{claim}"), manifest]);
    let Some(Object::PersistentVolumeClaim(claim)) = cluster.object(Kind::PersistentVolumeClaim, "default", "d") else {
        panic!("no claim")
    };
    assert_eq!(claim.metadata.annotations["pv.kubernetes.io/bind-completed"], "yes");
    assert_eq!((&*claim.spec.volume_name, &*claim.status.phase), ("pv", "Bound"));
}
