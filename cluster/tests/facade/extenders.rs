//! The configuration's extenders, whose requests a function carries. What is expected is what kube-scheduler sends and makes of the answers
//! (`pkg/scheduler/extender.go`, `schedule_one.go`).

use std::sync::{Arc, Mutex};

use bayplan::attempt::RejectedBy;
use bayplan::custom::CallExtender;
use bayplan::objects::Object;
use bayplan::{Cluster, ErrorKind, Options, Outcome, read};
use serde_json::{Value, json};

/// Answers by URL, and takes down the requests.
#[derive(Default)]
struct Calls {
    answers: Vec<(&'static str, Result<Value, &'static str>)>,
    requests: Mutex<Vec<(String, Value)>>,
}

impl CallExtender for Calls {
    fn call(&self, url: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        let body = serde_json::from_slice(body).expect("requests are JSON");
        self.requests.lock().expect("no panic").push((url.to_owned(), body));
        let (_, answer) = self.answers.iter().find(|(of, _)| *of == url).expect("nobody asks for another URL");
        answer.clone().map(|answer| answer.to_string().into_bytes()).map_err(str::to_owned)
    }
}

fn object(value: &Value) -> Object {
    read::Reading::live().value(value).expect("it can be read")
}

fn node(name: &str, cpu: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "uid": name },
        "status": { "allocatable": { "cpu": cpu, "memory": "8Gi", "pods": "110" } } })
}

fn pod(name: &str, resource: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "a", "uid": name },
        "spec": { "schedulerName": "default-scheduler", "priority": 9,
            "containers": [{ "name": "c", "image": "i", "resources": { "requests": { resource: "1" }, "limits": { resource: "1" } } }] },
        "status": { "phase": "Pending" } })
}

/// A cluster of n1, n2, n3, and n0, on which nothing fits.
fn cluster(extenders: &[Value], calls: Option<Arc<Calls>>) -> Cluster {
    let configuration = json!({ "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration", "extenders": extenders });
    let mut cluster =
        Cluster::new(Options { configuration: Some(configuration), ..Options::default() }).expect("it is legal");
    let objects =
        [node("n0", "0"), node("n1", "4"), node("n2", "4"), node("n3", "4"), pod("p", "cpu"), pod("gpu", "a.b/gpu")];
    cluster.load(objects.iter().map(object)).expect("they are sound");
    cluster.set_extender_calls(calls.map(|calls| calls as Arc<dyn CallExtender>));
    cluster
}

fn calls(answers: &[(&'static str, Result<Value, &'static str>)]) -> Arc<Calls> {
    Arc::new(Calls { answers: answers.to_vec(), ..Calls::default() })
}

#[test]
fn extenders_filter_one_after_the_other() {
    let configured = [
        json!({ "urlPrefix": "http://one/", "filterVerb": "f", "nodeCacheCapable": true }),
        json!({ "urlPrefix": "http://two", "filterVerb": "filter" }),
    ];
    let calls = calls(&[
        ("http://one/f", Ok(json!({ "NodeNames": ["n3", "n2"], "FailedNodes": { "n1": "no licence" }, "Error": "" }))),
        // Go's reader takes names in any case.
        (
            "http://two/filter",
            Ok(
                json!({ "nodes": { "items": [{ "metadata": { "name": "n2" } }] }, "failedAndUnresolvableNodes": { "n3": "too far" } }),
            ),
        ),
    ]);
    let mut cluster = cluster(&configured, Some(calls.clone()));
    let decision = cluster.decide("a/p").expect("it is there");
    assert_eq!((decision.node.as_deref(), decision.feasible), (Some("n2"), 1));
    assert!(decision.not_applied.is_empty());
    let requests = calls.requests.lock().expect("no panic").clone();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].1["NodeNames"], json!(["n1", "n2", "n3"]), "the feasible nodes alone");
    assert_eq!((&requests[0].1["Nodes"], &requests[0].1["Pod"]["metadata"]["name"]), (&Value::Null, &json!("p")));
    assert_eq!(requests[1].1["NodeNames"], Value::Null);
    let items = requests[1].1["Nodes"]["items"].as_array().expect("whole nodes");
    let left: Vec<&Value> = items.iter().map(|node| &node["metadata"]["name"]).collect();
    assert_eq!(left, ["n2", "n3"]);
    assert_eq!(items[0]["status"]["allocatable"]["cpu"], "4");
    let why = cluster.why("a/p").expect("it is there");
    assert_eq!(why.filtered["n3"].plugin, RejectedBy::Extender);
    assert_eq!(
        (&why.filtered["n3"].reasons[..], why.filtered["n3"].code.name()),
        (&["too far".to_owned()][..], "UnschedulableAndUnresolvable")
    );
    assert_eq!(why.filtered["n1"].reasons, ["no licence"]);
}

#[test]
fn a_pod_that_extenders_reject_everywhere_waits_in_their_words() {
    let configured = [json!({ "urlPrefix": "http://one", "filterVerb": "f", "nodeCacheCapable": true })];
    let calls = calls(&[(
        "http://one/f",
        Ok(json!({ "NodeNames": [], "FailedNodes": { "n1": "no licence", "n2": "no licence", "n3": "too far" } })),
    )]);
    let mut cluster = cluster(&configured, Some(calls));
    let decision = cluster.decide("a/p").expect("it is there");
    assert_eq!(decision.outcome, Outcome::Unschedulable);
    assert_eq!(decision.message, "0/4 nodes are available: 1 Insufficient cpu, 1 too far, 2 no licence.");
    // kube-scheduler would look into these nodes.
    assert_eq!(decision.not_applied[0].rule, "extenders");
    assert_eq!(cluster.evaluate("a/p").expect("numbers").iter().filter(|node| node.total.is_some()).count(), 0);
    cluster.set_preemption(false);
    assert!(cluster.decide("a/p").expect("it is there").not_applied.is_empty());
}

#[test]
fn extenders_score_in_tens() {
    let configured = [
        json!({ "urlPrefix": "http://one", "prioritizeVerb": "p", "weight": 5, "nodeCacheCapable": true }),
        json!({ "urlPrefix": "http://two", "prioritizeVerb": "p", "weight": 1, "nodeCacheCapable": true }),
    ];
    let calls = calls(&[
        (
            "http://one/p",
            Ok(json!([{ "Host": "n3", "Score": 10 }, { "Host": "n2", "Score": 4 }, { "Host": "n0", "Score": 10 }])),
        ),
        // One that fails has no say.
        ("http://two/p", Err("connection refused")),
    ]);
    let mut cluster = cluster(&configured, Some(calls.clone()));
    let decision = cluster.decide("a/p").expect("it is there");
    assert_eq!(decision.node.as_deref(), Some("n3"));
    let why = cluster.why("a/p").expect("it is there");
    assert_eq!((why.scores["n3"]["http://one"], why.scores["n2"]["http://one"]), (500, 200));
    assert_eq!((why.totals["n3"] - why.totals["n1"], why.totals["n3"]), (500, decision.score));
    assert_eq!(why.best, vec![Arc::from("n3")]);
    let totals: Vec<Option<i64>> = cluster.evaluate("a/p").expect("numbers").iter().map(|node| node.total).collect();
    assert_eq!(totals[3], Some(decision.score));
    assert_eq!(cluster.core_rows("a/p").expect_err("the block asks nobody").kind(), ErrorKind::Unsupported);
}

#[test]
fn one_that_fails_ends_the_attempt_unless_it_may_be_ignored() {
    let answers: [(&'static str, Result<Value, &'static str>); 4] = [
        ("http://down/f", Err("Post \"http://down/f\": connection refused")),
        ("http://sick/f", Ok(json!({ "Error": "no database" }))),
        ("http://odd/f", Ok(json!({ "NodeNames": ["n0"] }))),
        ("http://text/f", Ok(json!("pardon?"))),
    ];
    let decide = |host: &str, ignorable: bool| {
        let configured = [
            json!({ "urlPrefix": format!("http://{host}"), "filterVerb": "f", "nodeCacheCapable": true, "ignorable": ignorable }),
        ];
        cluster(&configured, Some(calls(&answers))).decide("a/p").expect("it is there")
    };
    for (host, words) in [
        ("down", "Post \"http://down/f\": connection refused"),
        ("sick", "no database"),
        ("odd", "extender \"http://odd\" claims a filtered node \"n0\" which is not found in the input node list"),
    ] {
        let decision = decide(host, false);
        assert_eq!((decision.outcome, &*decision.message), (Outcome::Error, words));
        assert_eq!(decide(host, true).outcome, Outcome::Scheduled);
    }
    assert_eq!(decide("text", false).outcome, Outcome::Error);
}

#[test]
fn nobody_is_asked_of_pods_that_do_not_concern_him() {
    let configured = [
        json!({ "urlPrefix": "http://one", "filterVerb": "f", "managedResources": [{ "name": "a.b/gpu", "ignoredByScheduler": true }] }),
    ];
    let calls = calls(&[("http://one/f", Ok(json!({ "Nodes": { "items": [{ "metadata": { "name": "n1" } }] } })))]);
    let mut with = cluster(&configured, Some(calls.clone()));
    assert_eq!(with.decide("a/p").expect("it is there").outcome, Outcome::Scheduled);
    assert!(calls.requests.lock().expect("no panic").is_empty());
    assert_eq!(with.decide("a/gpu").expect("it is there").node.as_deref(), Some("n1"));
    // Without anybody who carries requests it is said, as before.
    let mut without = cluster(&configured, None);
    assert_eq!(without.decide("a/gpu").expect("it is there").not_applied[0].rule, "extenders");
}

#[test]
fn the_nominated_node_is_looked_at_by_itself() {
    let configured = [
        json!({ "urlPrefix": "http://one", "filterVerb": "f", "prioritizeVerb": "p", "weight": 1, "nodeCacheCapable": true }),
    ];
    let calls = calls(&[("http://one/f", Ok(json!({ "NodeNames": ["n2"] })))]);
    let mut cluster = cluster(&configured, Some(calls.clone()));
    let mut nominated = pod("p", "cpu");
    nominated["status"]["nominatedNodeName"] = json!("n2");
    cluster.upsert(object(&nominated)).expect("it is sound");
    assert_eq!(cluster.decide("a/p").expect("it is there").node.as_deref(), Some("n2"));
    let requests = calls.requests.lock().expect("no panic").clone();
    let names: Vec<&Value> = requests.iter().map(|(_, body)| &body["NodeNames"]).collect();
    assert_eq!(names, [&json!(["n2"])], "and nobody scores");
}

#[test]
fn a_node_that_is_rejected_without_words_is_counted_in_none() {
    let configured = [
        json!({ "urlPrefix": "http://one", "filterVerb": "f", "nodeCacheCapable": true, "managedResources": [{ "name": "a.b/gpu", "ignoredByScheduler": true }] }),
    ];
    let calls = calls(&[("http://one/f", Ok(json!({ "NodeNames": [] })))]);
    let mut cluster = cluster(&configured, Some(calls.clone()));
    cluster.delete(bayplan::objects::Kind::Node, "", "n0").expect("it is there");
    let decision = cluster.decide("a/gpu").expect("it is there");
    assert_eq!(decision.message, "0/3 nodes are available:");
    // The block asks nobody, whatever was answered just now.
    assert_eq!(cluster.core_rows("a/gpu").expect_err("an extender is asked").kind(), ErrorKind::Unsupported);
    assert!(cluster.core_rows("a/p").is_ok(), "none concerns it");
}
