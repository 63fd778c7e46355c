//! Plugins of the caller's own. What is expected is what kube-scheduler's framework does with an out-of-tree plugin
//! (`pkg/scheduler/framework/runtime/framework.go`), its words included.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bayplan::attempt::RejectedBy;
use bayplan::custom::{Ask, Normalize, Question, UNRESOLVABLE};
use bayplan::objects::Object;
use bayplan::{Cluster, CustomPlugin, ErrorKind, Options, Outcome, PlaceOptions, read};
use serde_json::{Value, json};

/// Codes and scores by the last letter of a node's name.
#[derive(Default)]
struct Rule {
    codes: Vec<(&'static str, u32)>,
    scores: Vec<(&'static str, i64)>,
    fails: bool,
    asked: AtomicUsize,
}

fn of<T: Copy + Default>(list: &[(&str, T)], name: &str) -> T {
    list.iter().find(|(of, _)| *of == name).map_or_else(T::default, |(_, value)| *value)
}

impl Ask for Rule {
    fn filter(&self, question: &Question<'_>, codes: &mut [u32]) -> Result<(), String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        assert_eq!(question.nodes.len(), codes.len());
        if self.fails {
            return Err(format!("no licence server for {}", question.pod.metadata.name));
        }
        for (node, code) in question.nodes.iter().zip(codes) {
            *code = of(&self.codes, question.node_name(*node));
        }
        Ok(())
    }

    fn score(&self, question: &Question<'_>, scores: &mut [i64]) -> Result<(), String> {
        for (node, score) in question.nodes.iter().zip(scores) {
            *score = of(&self.scores, question.node_name(*node));
        }
        Ok(())
    }

    fn reason(&self, code: u32) -> String {
        format!("licence {} is taken", code & !UNRESOLVABLE)
    }
}

fn object(value: &Value) -> Object {
    read::Reading::live().value(value).expect("it can be read")
}

fn node(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "uid": name },
        "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "110" } } })
}

fn pod(name: &str, priority: i32, cpu: &str, on: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "a", "uid": name },
        "spec": { "nodeName": on, "schedulerName": "default-scheduler", "priority": priority,
            "containers": [{ "name": "c", "image": "i", "resources": { "requests": { "cpu": cpu } } }] },
        "status": { "phase": if on.is_empty() { "Pending" } else { "Running" }, "startTime": "2024-01-01T00:00:00Z" } })
}

fn with(plugins: Vec<CustomPlugin>, configuration: Option<Value>, objects: &[Value]) -> Cluster {
    let mut cluster = Cluster::new(Options { plugins, configuration, ..Options::default() }).expect("a legal set");
    cluster.load(objects.iter().map(object)).expect("they are sound");
    cluster
}

fn three(plugin: CustomPlugin) -> Cluster {
    with(vec![plugin], None, &[node("n1"), node("n2"), node("n3"), pod("p", 0, "1", ""), pod("big", 0, "9", "")])
}

#[test]
fn a_filter_rejects_nodes_in_its_own_words() {
    let rule = Arc::new(Rule { codes: vec![("n1", 7), ("n2", 7), ("n3", 8)], ..Rule::default() });
    let mut cluster = three(CustomPlugin::new("Licences", rule.clone()).filters());
    let decision = cluster.decide("a/p").expect("it is there");
    assert_eq!(decision.outcome, Outcome::Unschedulable);
    assert_eq!(decision.message, "0/3 nodes are available: 1 licence 8 is taken, 2 licence 7 is taken.");
    assert_eq!(rule.asked.load(Ordering::Relaxed), 1, "once in an attempt");
    let same = Arc::new(Rule { codes: vec![("n1", 7), ("n2", 7 | UNRESOLVABLE), ("n3", 7)], ..Rule::default() });
    let words = three(CustomPlugin::new("Licences", same).filters()).decide("a/p").expect("it is there").message;
    assert_eq!(words, "0/3 nodes are available: 3 licence 7 is taken.", "reasons are counted by their words");
    // kube-scheduler's own filters come first.
    let why = cluster.why("a/big").expect("it is there");
    assert_eq!(why.decision.message, "0/3 nodes are available: 3 Insufficient cpu.");
    let why = cluster.why("a/p").expect("it is there");
    assert_eq!(why.filtered["n3"].plugin, RejectedBy::Custom("Licences"));
    assert_eq!(why.filtered["n3"].reasons, ["licence 8 is taken"]);
    assert_eq!(cluster.evaluate("a/p").expect("numbers").iter().filter(|node| node.total.is_none()).count(), 3);
    let error = cluster.core_rows("a/p").expect_err("the block does not ask plugins");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let error = cluster.to_bytes().expect_err("a function cannot be saved");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    // Forks ask it too, and so does what is compiled anew.
    let mut fork = cluster.clone();
    fork.compact().expect("room");
    assert_eq!(fork.decide("a/p").expect("it is there").message, decision.message);
    let other = fork.decided_by(bayplan::Version::V1_34, None).expect("defaults").decide("a/p").expect("there");
    assert_eq!(other.message, decision.message);
}

#[test]
fn a_score_counts_with_its_weight() {
    let rule = Arc::new(Rule { scores: vec![("n2", 40), ("n3", 80)], codes: vec![("n3", 1)], ..Rule::default() });
    let plugin = CustomPlugin::new("Local", rule.clone()).scores(3, Normalize::Highest);
    let mut cluster = three(plugin.clone());
    let decision = cluster.decide("a/p").expect("it is there");
    assert_eq!(decision.node.as_deref(), Some("n3"), "it does not filter");
    let why = cluster.why("a/p").expect("it is there");
    assert_eq!([why.scores["n1"]["Local"], why.scores["n2"]["Local"], why.scores["n3"]["Local"]], [0, 150, 300]);
    assert_eq!(why.totals["n3"] - why.totals["n1"], 300);
    assert_eq!(why.totals["n3"], decision.score);
    // Normalised over the nodes that are left.
    let mut cluster = three(plugin.filters());
    let why = cluster.why("a/p").expect("it is there");
    assert_eq!([why.scores["n1"]["Local"], why.scores["n2"]["Local"]], [0, 300]);
    let plan = cluster.place(None, &PlaceOptions::default(), &mut |_, _| true).expect("a plan");
    let node = |pod: &str| plan.decisions.iter().find(|decision| decision.pod == pod).and_then(|d| d.node.clone());
    assert_eq!(node("a/p").as_deref(), Some("n2"));
}

#[test]
fn what_a_plugin_cannot_tell_ends_the_attempt() {
    let fails = Arc::new(Rule { fails: true, ..Rule::default() });
    let mut cluster = three(CustomPlugin::new("Licences", fails).filters());
    let decision = cluster.decide("a/p").expect("it is there");
    assert_eq!(decision.outcome, Outcome::Error);
    assert_eq!(decision.message, r#"running "Licences" filter plugin: no licence server for p"#);
    assert_eq!(cluster.why("a/p").expect("it is there").decision.message, decision.message);
    assert_eq!(cluster.evaluate("a/p").expect_err("no numbers").kind(), ErrorKind::Plugin);
    let plan = cluster.place(None, &PlaceOptions::default(), &mut |_, _| true).expect("a plan");
    let of = |pod: &str| plan.decisions.iter().find(|decision| decision.pod == pod).expect("it is decided for");
    assert_eq!(of("a/p").outcome, Outcome::Error);
    // Where kube-scheduler's own filters reject every node, it does not come to the plugin.
    assert_eq!(of("a/big").message, "0/3 nodes are available: 3 Insufficient cpu.");
    let wrong = Arc::new(Rule { scores: vec![("n2", 101)], ..Rule::default() });
    let mut cluster = three(CustomPlugin::new("Local", wrong).scores(1, Normalize::None));
    assert_eq!(
        cluster.decide("a/p").expect("it is there").message,
        "applying score defaultWeights on Score plugins: plugin \"Local\" returns an invalid score 101, it should in \
         the range of [0, 100] after normalizing"
    );
}

/// Eviction helps on a node that the plugin lets pass, and on no other.
#[test]
fn preemption_asks_it_too() {
    let objects = [node("n1"), node("n2"), pod("low1", 1, "4", "n1"), pod("low2", 1, "4", "n2"), pod("p", 9, "2", "")];
    let decide = |codes: Vec<(&'static str, u32)>| {
        let rule = Arc::new(Rule { codes, ..Rule::default() });
        let mut cluster = with(vec![CustomPlugin::new("Licences", rule).filters()], None, &objects);
        let decision = cluster.decide("a/p").expect("it is there");
        assert_eq!(decision.not_applied[0].rule, "Licences", "kube-scheduler would ask it without the victims");
        decision.preemption.expect("it may preempt")
    };
    assert_eq!(decide(vec![]).node.as_deref(), Some("n1"));
    assert_eq!(decide(vec![("n1", 7)]).node.as_deref(), Some("n2"));
    let none = decide(vec![("n1", 7), ("n2", 7)]);
    assert_eq!(none.node, None);
    // Where it alone rejects the node: a code that eviction may help with is looked into, the other is not.
    let objects = [node("n1"), pod("low", 1, "1", "n1"), pod("p", 9, "1", "")];
    let message = |code: u32| {
        let rule = Arc::new(Rule { codes: vec![("n1", code)], ..Rule::default() });
        let mut cluster = with(vec![CustomPlugin::new("Licences", rule).filters()], None, &objects);
        cluster.decide("a/p").expect("it is there").preemption.expect("it may preempt").message
    };
    assert_eq!(message(7), "preemption: 0/1 nodes are available: 1 licence 7 is taken.");
    assert_eq!(
        message(7 | UNRESOLVABLE),
        "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    );
}

fn configuration(profiles: &Value) -> Value {
    json!({ "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration", "profiles": profiles })
}

#[test]
fn a_configuration_says_where_it_runs() {
    let rule = Arc::new(Rule { scores: vec![("n2", 50)], codes: vec![("n1", 3)], ..Rule::default() });
    let plugin = CustomPlugin::new("Local", rule).filters().scores(1, Normalize::None);
    let objects = [node("n1"), node("n2"), node("n3"), pod("p", 0, "1", "")];
    let why = |profile: Value| {
        let mut cluster = with(vec![plugin.clone()], Some(configuration(&json!([profile]))), &objects);
        cluster.why("a/p").expect("it is there")
    };
    let both = why(json!({ "plugins": { "multiPoint": { "enabled": [{ "name": "Local", "weight": 4 }] } } }));
    assert_eq!((both.filtered.len(), both.scores["n2"]["Local"]), (1, 200));
    let score = why(json!({ "plugins": { "score": { "enabled": [{ "name": "Local" }] } } }));
    assert_eq!((score.filtered.len(), score.scores["n2"]["Local"]), (0, 50));
    let disabled = why(
        json!({ "plugins": { "multiPoint": { "enabled": [{ "name": "Local" }] }, "score": { "disabled": [{ "name": "Local" }] } } }),
    );
    assert_eq!((disabled.filtered.len(), disabled.scores["n2"].contains_key("Local")), (1, false));
    let off = why(json!({ "plugins": { "multiPoint": { "disabled": [{ "name": "Local" }] } } }));
    assert_eq!((off.filtered.len(), off.scores["n2"].contains_key("Local")), (0, false));
    let all = why(
        json!({ "plugins": { "multiPoint": { "enabled": [{ "name": "Local", "weight": 2 }] }, "score": { "disabled": [{ "name": "*" }], "enabled": [{ "name": "Local", "weight": 9 }] } } }),
    );
    assert_eq!((all.filtered.len(), all.scores["n2"]["Local"], all.totals["n2"]), (1, 450, 450));
    // In a profile that does not name it, where another one does, it does not run.
    let profiles = json!([{ "schedulerName": "default-scheduler" },
        { "schedulerName": "own", "plugins": { "multiPoint": { "enabled": [{ "name": "Local" }] } } }]);
    let mut cluster = with(vec![plugin.clone()], Some(configuration(&profiles)), &objects);
    assert!(cluster.why("a/p").expect("it is there").filtered.is_empty());
    let refused = |plugins: Vec<CustomPlugin>, configuration: Option<Value>| {
        let options = Options { plugins, configuration, ..Options::default() };
        Cluster::new(options).map(|_| ()).expect_err("it is not legal").to_string()
    };
    let unknown = configuration(&json!([{ "plugins": { "filter": { "enabled": [{ "name": "Remote" }] } } }]));
    assert!(refused(vec![plugin.clone()], Some(unknown)).contains("Remote"));
    let odd = configuration(&json!([{ "plugins": { "preFilter": { "enabled": [{ "name": "Local" }] } } }]));
    assert!(refused(vec![plugin.clone()], Some(odd)).contains("Local is no preFilter plugin"));
    assert!(refused(vec![plugin.clone(), plugin.clone()], None).contains("`Local` is there twice"));
    let own = CustomPlugin::new("NodeName", Arc::new(Rule::default()));
    assert!(refused(vec![own], None).contains("`NodeName` is a plugin of kube-scheduler's"));
}
