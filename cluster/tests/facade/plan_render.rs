//! Answers as JSON against the committed schema, and as text and HTML.

use std::path::Path;

use bayplan::objects::Object;
use bayplan::render::{html, json, text};
use bayplan::{Cluster, Options, PlaceOptions, Placements, read};
use serde_json::Value;

const WORLD: &str = "
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.io/hostname: n1}}
status: {allocatable: {cpu: '2', memory: 4Gi, pods: '110'}}
---
apiVersion: v1
kind: Node
metadata: {name: n2, labels: {kubernetes.io/hostname: n2}}
status: {allocatable: {cpu: '2', memory: 4Gi, pods: '110'}}
---
apiVersion: v1
kind: Node
metadata: {name: n3}
spec: {taints: [{key: only-for, value: b, effect: NoSchedule}]}
status: {allocatable: {cpu: '64', memory: 64Gi, pods: '110'}}
";

const PODS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 5
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 900m}}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: gated}
spec: {schedulingGates: [{name: wait}], containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec: {schedulerName: <mine>, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: device}
spec: {resourceClaims: [{name: gpu, resourceClaimName: gpu}], containers: [{name: c, image: i}]}
";

fn objects(text: &str) -> Vec<Object> {
    read::from_text(text, "test").expect("objects").objects
}

fn placed() -> Placements {
    let mut cluster = Cluster::new(Options::default()).expect("defaults");
    cluster.load(objects(WORLD)).expect("the world");
    cluster.place(Some(&objects(PODS)), &PlaceOptions::default(), &mut |_, _| true).expect("a plan")
}

/// Checks a value against a part of the schema, of which this knows the words that it uses; keys that the schema does
/// not name are wrong here, although a reader must let them pass.
fn check(schema: &Value, part: &Value, value: &Value, at: &str) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{at}: {what}: {value}"));
    for (word, rule) in part.as_object().expect("a schema") {
        match word.as_str() {
            "description" => {}
            "$ref" => {
                let name = rule.as_str().expect("a path").trim_start_matches("#/$defs/");
                check(schema, &schema["$defs"][name], value, at)?;
            }
            "const" if rule != value => return wrong("is another constant"),
            "enum" if !rule.as_array().expect("a list").contains(value) => return wrong("is none of those"),
            "minimum" if value.as_i64() < rule.as_i64() => return wrong("is too small"),
            "const" | "enum" | "minimum" => {}
            "type" => {
                let kind = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(number) if number.is_f64() => "number",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                // A whole number is a number.
                let is_number = kind == "integer"
                    && (rule == "number" || rule.as_array().is_some_and(|k| k.iter().any(|k| k == "number")));
                if rule != kind && !is_number && !rule.as_array().is_some_and(|kinds| kinds.iter().any(|k| k == kind)) {
                    return wrong("is of another type");
                }
            }
            "required" => {
                for key in rule.as_array().expect("keys").iter().filter_map(Value::as_str) {
                    if value.get(key).is_none() {
                        return wrong(&format!("lacks {key}"));
                    }
                }
            }
            "dependentRequired" => {
                for (key, others) in rule.as_object().expect("keys") {
                    let others = others.as_array().expect("a list").iter().filter_map(Value::as_str);
                    if let Some(missing) =
                        others.filter(|_| value.get(key).is_some()).find(|it| value.get(*it).is_none())
                    {
                        return wrong(&format!("has {key}, and lacks {missing}"));
                    }
                }
            }
            "properties" => {
                for (key, inner) in value.as_object().into_iter().flatten() {
                    let Some(rule) = rule.get(key) else { return wrong(&format!("has {key}")) };
                    check(schema, rule, inner, &format!("{at}.{key}"))?;
                }
            }
            "additionalProperties" if rule.is_boolean() => {}
            "additionalProperties" => {
                for (key, inner) in value.as_object().into_iter().flatten() {
                    check(schema, rule, inner, &format!("{at}.{key}"))?;
                }
            }
            "items" => {
                for (number, inner) in value.as_array().into_iter().flatten().enumerate() {
                    check(schema, rule, inner, &format!("{at}[{number}]"))?;
                }
            }
            "anyOf" => {
                let mut parts = rule.as_array().expect("a list").iter();
                if !parts.any(|part| check(schema, part, value, at).is_ok()) {
                    return wrong("is none of these");
                }
            }
            "oneOf" => {
                let results: Vec<_> =
                    rule.as_array().expect("a list").iter().map(|part| check(schema, part, value, at)).collect();
                if results.iter().filter(|result| result.is_ok()).count() != 1 {
                    return Err(format!("{at}: {results:?}"));
                }
            }
            other => panic!("{at}: this test does not know the word {other}"),
        }
    }
    Ok(())
}

fn valid(value: &Value) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/bayplan-v1.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    let top = serde_json::json!({ "oneOf": schema["oneOf"] });
    check(&schema, &top, value, "$")
}

#[test]
fn json_is_as_the_schema_says() {
    let placements = placed();
    let mut cluster = placements.cluster.clone();
    let deployment = objects(PODS).remove(0);
    let mut documents = vec![json::placements(&placements)];
    for decision in &placements.decisions {
        documents.push(json::explanation(&cluster.why(&decision.pod).expect("known")));
    }
    documents.push(json::fit(&placements.cluster.fit(&deployment, 3, &mut |_, _| true).expect("a fit")));
    documents.push(json::fit(&cluster.fit(&objects(PODS)[1], 3, &mut |_, _| true).expect("a fit")));
    for document in &documents {
        valid(document).unwrap_or_else(|error| panic!("{error}"));
    }
    // The check can fail.
    let mut broken = documents[0].clone();
    broken["items"][0].as_object_mut().expect("an item").remove("ties");
    assert!(valid(&broken).expect_err("a key is missing").contains("lacks ties"));
    broken = documents[0].clone();
    broken["kind"] = "Fit".into();
    assert!(valid(&broken).is_err());
}

#[test]
fn json_counts_each_outcome() {
    let document = json::placements(&placed());
    let outcomes: Vec<&str> =
        document["items"].as_array().expect("items").iter().filter_map(|item| item["outcome"].as_str()).collect();
    let count = |outcome: &str| outcomes.iter().filter(|o| **o == outcome).count();
    // Two nodes hold two pods of 900m each; nothing else of the Deployment fits.
    assert_eq!((count("Unschedulable"), count("Gated"), count("Ignored")), (1, 1, 1));
    let summary = &document["summary"];
    assert_eq!((&summary["pods"], &summary["placed"]), (&8.into(), &5.into()));
    assert_eq!((&summary["pending"], &summary["gated"], &summary["ignored"]), (&1.into(), &1.into(), &1.into()));
}

#[test]
fn text_says_what_waits_and_what_to_do() {
    let placements = placed();
    let text = text::placements(&placements);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("NAMESPACE   NAME"), "{text}");
    let line =
        |name: &str| *lines.iter().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name} in {text}"));
    assert!(line("-00001").contains("Scheduled") && line("-00001").contains("n1"));
    assert!(line("-00005").contains("Pending") && line("-00005").contains("<none>"));
    assert!(line("gated").contains("SchedulingGated"));
    assert!(line("other").contains("Ignored"));
    assert!(text.contains("5 of 8 pods are placed, on 2 nodes; 1 pending; 1 held back by scheduling gates; 1 left to another scheduler."), "{text}");
    assert!(
        text.contains("1 pod: 0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu."),
        "{text}"
    );
    assert!(text.contains("rule not applied: DynamicResources: "), "{text}");
    assert!(text.contains("default/device); the real scheduler may decide otherwise"), "{text}");
    assert!(text.contains("ask why of a pod"), "{text}");
    // Columns are aligned: NODE begins in each row where it begins in the header.
    let column = lines[0].find("NODE ").expect("a column");
    for row in &lines[1..9] {
        assert!(row.as_bytes()[column - 1] == b' ' && row.as_bytes()[column] != b' ', "{row}");
    }
}

#[test]
fn why_shows_rules_nodes_and_scores() {
    let placements = placed();
    let mut cluster = placements.cluster.clone();
    let waiting = placements.decisions.iter().find(|d| d.message.contains("Insufficient")).expect("one");
    let text = text::explanation(&cluster.why(&waiting.pod).expect("known"));
    assert!(text.contains(&waiting.message), "{text}");
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = text.lines().map(words).collect();
    let has = |row: &[&str]| {
        assert!(rows.iter().any(|r| r.len() >= row.len() && r[..row.len()] == *row), "{row:?} in {text}")
    };
    has(&["NodeResourcesFit", "2", "Insufficient", "cpu"]);
    has(&["TaintToleration", "1", "node(s)", "had", "untolerated", "taint(s)"]);
    has(&["n2", "NodeResourcesFit", "Insufficient", "cpu"]);
    assert!(text.contains("To place the pod"), "{text}");

    let scores = text::explanation(&cluster.why("default/device").expect("known"));
    let header = scores.lines().find(|line| line.starts_with("FEASIBLE NODE")).unwrap_or_else(|| panic!("{scores}"));
    assert!(header.contains("NodeResourcesFit") && header.ends_with("TOTAL"), "{scores}");
    let best: Vec<&str> = scores.lines().filter(|line| line.ends_with(" *")).collect();
    assert!(!best.is_empty() && best.iter().all(|line| line.starts_with('n')), "{scores}");
    assert!(scores.contains("rule not applied: DynamicResources"), "{scores}");

    let gated = text::explanation(&cluster.why("default/gated").expect("known"));
    assert!(
        gated.contains("waiting for scheduling gates: [wait]") && gated.contains("spec.schedulingGates"),
        "{gated}"
    );
}

#[test]
fn fit_says_what_stops_the_next() {
    let cluster = {
        let mut cluster = Cluster::new(Options::default()).expect("defaults");
        cluster.load(objects(WORLD)).expect("the world");
        cluster
    };
    let deployment = objects(PODS).remove(0);
    let all = text::fit(&cluster.fit(&deployment, 100, &mut |_, _| true).expect("a fit"));
    assert!(all.starts_with("4 more replicas fit, on 2 nodes.\n"), "{all}");
    assert!(all.contains("The next one stays pending: 0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu."), "{all}");
    let some = text::fit(&cluster.fit(&deployment, 3, &mut |_, _| true).expect("a fit"));
    assert!(some.starts_with("At least 3 more replicas fit"), "{some}");
}

/// Every line and every cell of a text, in the order in which they stand.
fn pieces(text: &str) -> Vec<&str> {
    text.lines().flat_map(|line| line.split("   ")).map(str::trim).filter(|piece| !piece.is_empty()).collect()
}

/// HTML as a reader sees it.
fn seen(html: &str) -> String {
    let mut seen = String::new();
    for piece in html.split('<') {
        seen += piece.split_once('>').map_or(piece, |(_, text)| text);
        seen.push('\n');
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(seen, |text, (entity, char)| text.replace(entity, char))
}

#[test]
fn html_says_all_that_the_text_says() {
    let placements = placed();
    let mut cluster = placements.cluster.clone();
    let mut pairs = vec![(text::placements(&placements), html::placements(&placements))];
    for decision in &placements.decisions {
        let why = cluster.why(&decision.pod).expect("known");
        pairs.push((text::explanation(&why), html::explanation(&why)));
        pairs.push((text::explanation_anew(&why, "n1"), html::explanation_anew(&why, "n1")));
    }
    // No claim of the name: the pod is rejected as a whole. And one node alone will do.
    let more = "{apiVersion: v1, kind: Pod, metadata: {name: claims}, spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: none}}], containers: [{name: c, image: i}]}}\n---\n\
        {apiVersion: v1, kind: Pod, metadata: {name: sole}, spec: {nodeSelector: {kubernetes.io/hostname: n1}, containers: [{name: c, image: i}]}}";
    let others = cluster.place(Some(&objects(more)), &PlaceOptions::default(), &mut |_, _| true).expect("a plan");
    let mut after = others.cluster;
    for pod in ["default/claims", "default/sole"] {
        let why = after.why(pod).expect("known");
        pairs.push((text::explanation(&why), html::explanation(&why)));
    }
    for limit in [3, 100] {
        let fit = after.fit(&objects(PODS)[0], limit, &mut |_, _| true).expect("a fit");
        pairs.push((text::fit(&fit), html::fit(&fit)));
    }
    let all: String = pairs.iter().map(|(text, _)| text.as_str()).collect();
    for words in
        ["rejects the pod before any node", "nothing was scored", "BEHIND IT", "ALSO REJECTED BY", "placed again"]
    {
        assert!(all.contains(words), "{words}: {all}");
    }
    for (text, html) in &pairs {
        let seen = seen(html);
        let mut rest = seen.as_str();
        for piece in pieces(text) {
            let at = rest.find(piece).unwrap_or_else(|| panic!("{piece:?} of\n{text}\nis not in\n{seen}"));
            rest = &rest[at + piece.len()..];
        }
    }
}

#[test]
fn html_is_escaped() {
    let placements = placed();
    let page = html::placements(&placements);
    assert!(page.contains("&lt;mine&gt;") && !page.contains("<mine>"), "{page}");
    assert!(page.contains("<td>web-"), "{page}");
    let opened = page.matches("<tr>").count();
    // A row for each pod, and the header.
    assert_eq!((opened, page.matches("</tr>").count()), (9, 9));
    let mut cluster = placements.cluster.clone();
    let why = html::explanation(&cluster.why("default/other").expect("known"));
    assert!(why.contains("&lt;mine&gt;") && !why.contains("<mine>"), "{why}");
}
