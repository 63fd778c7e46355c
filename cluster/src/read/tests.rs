use super::*;
use crate::objects::Kind;

fn fault(text: &str) -> String {
    match Reading::live().bytes(text.as_bytes(), "f") {
        Ok(input) => panic!("{} objects where an error was expected, of {text:.300}", input.objects.len()),
        Err(error) => error.to_string(),
    }
}

fn read(text: &str) -> Input {
    Reading::live().bytes(text.as_bytes(), "f").unwrap_or_else(|e| panic!("{e}"))
}

fn names(input: &Input) -> Vec<String> {
    input.objects.iter().map(ToString::to_string).collect()
}

/// A pod of which one part of the spec is given as JSON.
fn pod(spec: &str) -> String {
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p"}},"spec":{{"containers":[{{"name":"c"}}],{spec}}}}}"#
    )
}

#[test]
fn json_lists_objects_arrays_and_streams_are_read() {
    let pod = |n: &str| format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{n}"}}}}"#);
    let bare = r#"{"metadata":{"name":"n1","namespace":"x"}}"#;
    let list = format!(r#"{{"apiVersion":"v1","items":[{},{}],"kind":"List"}}"#, pod("a"), pod("b"));
    assert_eq!(names(&read(&list)), ["Pod default/a", "Pod default/b"]);
    assert_eq!(
        names(&read(&format!("[{},{}]", pod("a"), list.replace("\"a\"", "\"c\"")))),
        ["Pod default/a", "Pod default/c", "Pod default/b"]
    );
    assert_eq!(names(&read(&format!("{}\n {}\n", pod("a"), pod("b")))), ["Pod default/a", "Pod default/b"]);
    assert_eq!(names(&read(&format!("\u{feff}{}", pod("a")))), ["Pod default/a"]);
    assert_eq!(names(&read(&format!(r#"{{"items":[{bare}],"kind":"NodeList","apiVersion":"v1"}}"#))), ["Node n1"]);
    assert_eq!(names(&read(&format!(r#"{{"items":[{bare}],"kind":"PodList","apiVersion":"v1"}}"#))), ["Pod x/n1"]);
    assert!(read(r#"{"kind":"List","apiVersion":"v1","items":null}"#).objects.is_empty());
}

#[test]
fn only_an_ordinary_list_is_read_in_one_pass() {
    let item = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#;
    let event = r#"{"kind":"Event","apiVersion":"v1","x":[1]}"#;
    let list = |items: &str| format!(r#" {{"apiVersion":"v1","items":[{items}],"kind":"List"}}"#);
    let quick = |text: &str| {
        let reading = Reading::live();
        let mut sink = Sink::new(&reading);
        let length = list::read(text, &mut sink);
        sink.document();
        let input = sink.finish().expect("whole");
        (length, input.objects.len(), input.skipped.to_string())
    };
    let text = list(&format!("{item},{event}"));
    assert_eq!(quick(&text), (Some(text.len()), 1, "1 Event (v1)".to_owned()));
    let late = r#"{"apiVersion":"v1","metadata":{"name":"a"},"kind":"Pod"}"#;
    for text in [
        item.to_owned(),
        list(&format!("{item},{late}")),
        list(&format!("{item},{event}, 1")),
        list(&format!("{event},{{")),
        format!("[{item}]"),
    ] {
        assert_eq!(quick(&text), (None, 0, String::new()), "{text}");
    }
    assert_eq!(
        names(&read(&(list(late) + &list(&item.replace("\"a\"", "\"b\""))))),
        ["Pod default/a", "Pod default/b"]
    );
}

#[test]
fn yaml_documents_are_read_and_empty_ones_skipped() {
    let input = read(
        "---\n# nothing\n---\nkind: Node\napiVersion: v1\nmetadata: {name: n1}\nstatus: {allocatable: {cpu: 0.5, memory: 1Gi}}\n---\n---\n{kind: PodList, apiVersion: v1, items: [{metadata: {name: p}}]}\n",
    );
    assert_eq!(names(&input), ["Node n1", "Pod default/p"]);
    let Object::Node(node) = &input.objects[0] else { panic!("a node") };
    assert_eq!(node.status.allocatable["cpu"].milli_value(), 500);
    assert_eq!(names(&read("{kind: Pod, apiVersion: v1, metadata: {name: flow}}")), ["Pod default/flow"]);
}

#[test]
fn kinds_that_are_not_read_are_counted_and_groups_told_apart() {
    let input = read(
        "kind: List\napiVersion: v1\nitems:\n- {kind: Event, apiVersion: v1, metadata: {name: a}}\n- {kind: Event, apiVersion: v1}\n\
         - {kind: Service, apiVersion: serving.knative.dev/v1, metadata: {name: s}}\n- {kind: Service, apiVersion: v1, metadata: {name: s}}\n\
         - {kind: KubeSchedulerConfiguration, apiVersion: kubescheduler.config.k8s.io/v1, profiles: []}\n",
    );
    assert_eq!(input.skipped.to_string(), "1 Service (serving.knative.dev/v1), 2 Event (v1)");
    assert_eq!(names(&input), ["Service default/s"]);
    assert_eq!(input.configurations.len(), 1);
}

#[test]
fn every_kind_is_found_by_its_own_name_and_group() {
    for kind in Kind::ALL {
        let version = kind.api_version();
        assert_eq!(Kind::find(&version, kind.name()), Some(*kind));
        assert_eq!(Kind::find("other/v1", kind.name()), None);
        let text = format!(r#"{{"apiVersion":"{version}","kind":"{kind}","metadata":{{"name":"x","namespace":""}}}}"#);
        assert_eq!(names(&read(&text)), [kind.describe("default", "x")], "{kind}");
    }
}

#[test]
fn errors_name_object_field_and_what_is_legal() {
    let cases = [
        (
            r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"w","namespace":"a"},"spec":{"containers":[{"name":"c","resources":{"requests":{"memory":"12 Gi"}}}]}}"#.to_owned(),
            r#"f: Pod a/w: spec.containers[0].resources.requests.memory: "12 Gi" is not a quantity: a space is not allowed, write "12Gi"; legal is a quantity"#,
        ),
        (
            r#"{"kind":"Node","apiVersion":"v1","metadata":{"name":"n"},"status":{"allocatable":{"x.io/gpu":"many"}}}"#.to_owned(),
            r#"f: Node n: status.allocatable["x.io/gpu"]: "many" is not a quantity: it does not begin with a number"#,
        ),
        (r#"{"kind":"Pod","apiVersion":"v1","metadata":{}}"#.to_owned(), "f: Pod: metadata.name: it is missing"),
        (
            r#"{"kind":"List","apiVersion":"v1","items":[{"kind":"Node","apiVersion":"v1","metadata":{"name":"n"}},{"kind":"Node","apiVersion":"v1"}]}"#.to_owned(),
            "f: Node (items[1]): metadata.name: it is missing",
        ),
        (
            "kind: Pod\napiVersion: v1\nmetadata: {name: p, labels: {gpu: yes}}\n".to_owned(),
            "f: Pod default/p: metadata.labels.gpu: invalid type: boolean `true`, expected a string; put it in quotes",
        ),
        (
            "a: 1\n---\nkind: Pod\n".to_owned(),
            "f: document 1 (line 1): kind: it is missing; every object says what it is",
        ),
        (pod(r#""containers":[]"#), "f: Pod default/p: spec: duplicate field `containers`"),
        (pod(r#""tolerations":{}"#), "f: Pod default/p: spec.tolerations: invalid type: an object, expected a list"),
        (pod(r#""initContainers":[7]"#), "f: Pod default/p: spec.initContainers[0]: invalid type: integer `7`, expected an object"),
        (pod(r#""initContainers":[["c"]]"#), "f: Pod default/p: spec.initContainers[0]: invalid type: a list, expected an object"),
        (pod(r#""affinity":[]"#), "f: Pod default/p: spec.affinity: invalid type: a list, expected an object"),
        (pod(r#""nodeSelector":[]"#), "f: Pod default/p: spec.nodeSelector: invalid type: a list, expected an object"),
        (pod(r#""priority":"7""#), "f: Pod default/p: spec.priority: invalid type: string \"7\", expected a whole number from -2147483648 to 2147483647; write it without quotes"),
        (pod(r#""priority":2147483648"#), "f: Pod default/p: spec.priority: invalid value: integer `2147483648`, expected a whole number from -2147483648 to 2147483647"),
        (
            "kind: Pod\napiVersion: v1\nmetadata: [7]\n".to_owned(),
            "f: Pod (document 1 (line 1)): metadata: invalid type: a list, expected an object",
        ),
        (
            "kind: StatefulSet\napiVersion: apps/v1\nmetadata: {name: s}\nspec: {replicas: -1}\n".to_owned(),
            "f: StatefulSet default/s: spec.replicas: -1 is negative; legal is 0 or more",
        ),
        (
            "kind: StatefulSet\napiVersion: apps/v1\nmetadata: {name: s}\nspec: {ordinals: {start: -1}}\n".to_owned(),
            "f: StatefulSet default/s: spec.ordinals.start: -1 is negative; legal is 0 or more",
        ),
        (
            "kind: Job\napiVersion: batch/v1\nmetadata: {name: s}\nspec: {parallelism: -2}\n".to_owned(),
            "f: Job default/s: spec.parallelism: -2 is negative; legal is 0 or more",
        ),
        (
            "kind: CronJob\napiVersion: batch/v1\nmetadata: {name: s}\nspec: {jobTemplate: {spec: {completions: -3}}}\n".to_owned(),
            "f: CronJob default/s: spec.jobTemplate.spec.completions: -3 is negative; legal is 0 or more",
        ),
        (pod(r#""tolerations":[{"operator":"Is"}]"#), "f: Pod default/p: spec.tolerations[0].operator: \"Is\" is not legal; legal is Exists, Equal, Lt, Gt"),
        (pod(r#""overhead":{"cpu":"-1"}"#), "f: Pod default/p: spec.overhead.cpu: -1 is negative; legal is 0 or more"),
        (
            pod(r#""topologySpreadConstraints":[{"topologyKey":"z","maxSkew":0,"whenUnsatisfiable":"DoNotSchedule"}]"#),
            "f: Pod default/p: spec.topologySpreadConstraints[0].maxSkew: 0 is not legal; legal is 1 or more",
        ),
        (
            pod(r#""topologySpreadConstraints":[{"topologyKey":"z","maxSkew":1}]"#),
            "f: Pod default/p: spec.topologySpreadConstraints[0].whenUnsatisfiable: it is missing; legal is DoNotSchedule, ScheduleAnyway",
        ),
        (
            pod(r#""affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":101,"preference":{}}]}}"#),
            "f: Pod default/p: spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: 101 is not legal; legal is 1 to 100",
        ),
        (
            pod(r#""affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"z","labelSelector":{"matchExpressions":[{"key":"a","operator":"Gt"}]}}]}}"#),
            "f: Pod default/p: spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions[0].operator: \"Gt\" is not legal; legal is In, NotIn, Exists, DoesNotExist",
        ),
        (
            r#"{"kind":"Node","apiVersion":"v1","metadata":{"name":"n"},"spec":{"taints":[{"key":"a","effect":"no"}]}}"#.to_owned(),
            "f: Node n: spec.taints[0].effect: \"no\" is not legal; legal is NoSchedule, PreferNoSchedule, NoExecute",
        ),
        (
            r#"{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"d"},"spec":{"template":{"spec":{"containers":[{"ports":[{"hostPort":70000}]}]}}}}"#.to_owned(),
            "f: Deployment default/d: spec.template.spec.containers[0].ports[0].hostPort: 70000 is not legal; legal is 1 to 65535",
        ),
        (String::new(), "f: the input is empty"),
        ("# a comment\n".to_owned(), "f: the input is empty"),
        ("just words".to_owned(), "f: document 1 (line 1): it is not an object"),
        ("[1]".to_owned(), "f: items[0]: it is not an object"),
        (r#"{"kind":"List","apiVersion":"v1","items":7}"#.to_owned(), "f: this is not JSON: invalid type: integer `7`, expected a list of Kubernetes objects"),
    ];
    for (text, expected) in cases {
        let error = fault(&text);
        assert!(error.starts_with(expected), "{error}\nnot\n{expected}");
    }
}

#[test]
fn an_object_twice_in_one_input_is_an_error() {
    let node = r#"{"kind":"Node","apiVersion":"v1","metadata":{"name":"n"}}"#;
    assert_eq!(fault(&format!("{node}{node}")), "f: Node n: it is twice in this input; keep one of them");
    let pod = |ns: &str| format!(r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"n"{ns}}}}}"#);
    assert_eq!(
        fault(&(pod("") + &pod(r#","namespace":"default""#))),
        "f: Pod default/n: it is twice in this input; keep one of them"
    );
    assert_eq!(read(&(pod("") + &pod(r#","namespace":"x""#) + node)).objects.len(), 3);
}

#[test]
fn a_truncated_input_says_where() {
    let whole = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\",\"namespace\":\"x\"}},\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"b\"}}\n]}";
    assert_eq!(read(whole).objects.len(), 2);
    let error = fault(&whole[..whole.len() - 9]);
    assert!(error.starts_with("f: the input ends too early, at line 3, in items[1], after Pod x/a"), "{error}");
    for end in 1..whole.len() {
        fault(&whole[..end]);
    }
    let broken = whole.replace("\"b\"", "b");
    assert!(
        fault(&broken).contains("this is not JSON: expected value at line 3, in items[1], after Pod x/a"),
        "{}",
        fault(&broken)
    );
}

#[test]
fn bytes_that_are_no_text_are_errors() {
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&utf16, &b"\xff\xfe{\0}\0".to_vec()] {
        assert!(from_bytes(bytes, "f").unwrap_err().to_string().contains("looks like UTF-16"));
    }
    let error = from_bytes(b"kind: Pod\nmetadata: \xff", "f").unwrap_err().to_string();
    assert!(error.contains("not UTF-8 at line 2, byte 20"), "{error}");
}

#[test]
fn deep_json_is_an_error_and_no_overflow() {
    let deep = 10_000;
    fault(&"[".repeat(deep));
    let cases = [
        "[".repeat(deep) + &"]".repeat(deep),
        "{\"a\":".repeat(deep) + "1" + &"}".repeat(deep),
        pod(&format!("\"x\":{}{}", "[".repeat(deep), "]".repeat(deep))),
        pod(&format!("\"workloadRef\":{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep))),
        pod(&format!("\"workloadRef\":{}1{}", "{\"a\":".repeat(200), "}".repeat(200))),
        "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[".repeat(deep) + &"]}".repeat(deep),
    ];
    for case in cases {
        let error = fault(&case);
        assert!(error.contains("nested more than") || error.contains("recursion limit"), "{error}");
    }
}

#[test]
fn paths_are_files_and_directories() {
    let error = from_path("/no/such/file.json").unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::NotFound, "/no/such/file.json: no such file or directory")
    );
    let directory = std::env::temp_dir().join(format!("bayplan-read-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    assert!(from_path(&directory).unwrap_err().to_string().contains("no .json, .yaml or .yml file"));
    std::fs::write(directory.join("b.json"), r#"{"kind":"Node","apiVersion":"v1","metadata":{"name":"b"}}"#).unwrap();
    std::fs::write(directory.join("a.yml"), "kind: Node\napiVersion: v1\nmetadata: {name: a}\n").unwrap();
    std::fs::write(directory.join("c.txt"), "no").unwrap();
    let read = from_path(&directory);
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!(names(&read.unwrap()), ["Node a", "Node b"]);
}

#[test]
fn a_namespace_is_filled_in_as_kubectl_does() {
    let pod = |namespace: &str| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a{namespace}}}\nspec: {{containers: [{{name: c}}]}}")
    };
    let text = format!("{}\n---\napiVersion: v1\nkind: Node\nmetadata: {{name: n1}}", pod(""));
    let reading = Reading { namespace: Some("shop".to_owned()), ..Reading::default() };
    let input = reading.bytes(text.as_bytes(), "f").unwrap();
    assert_eq!(input.objects[0].to_string(), "Pod shop/a");
    assert_eq!(input.objects[1].to_string(), "Node n1");
    assert!(reading.bytes(pod(", namespace: shop").as_bytes(), "f").is_ok());
    let error = reading.bytes(pod(", namespace: web").as_bytes(), "f").unwrap_err();
    assert_eq!(
        error.to_string(),
        "f: Pod web/a: metadata.namespace: it is `web`, but the namespace asked for is `shop`; leave one of the two out"
    );
}
