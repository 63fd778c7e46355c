//! The cluster as the API server holds it, and what may happen to it next.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use bayplan_reference::vector::Step;
use serde_json::{Value, json};

use crate::operation::{Change, Operation};
use crate::random::Random;
use crate::terms::{NAMESPACES, label_selector};
use crate::{budgets, nodes, pods, storage};

/// Pods at most, and nodes at least and at most; in a small world, where things meet often, and in one of which a topology has
/// many domains.
const SMALL: (usize, (usize, usize)) = (30, (4, 8));
const LARGE: (usize, (usize, usize)) = (60, (16, 40));

/// Kind, namespace and name.
type Key = (String, String, String);

/// Every object, and chance.
pub struct World {
    random: Random,
    pods: usize,
    nodes: (usize, usize),
    objects: BTreeMap<Key, Value>,
    /// Pods ever made: no name comes twice.
    made: usize,
    /// What has been decided on and is still to be done.
    waiting: VecDeque<Change>,
    /// The pod that room was made for: it comes again soon.
    nominated: Option<String>,
}

fn key(object: &Value) -> Key {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&object["kind"]), text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]))
}

impl World {
    /// An empty cluster.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with(Random::new(seed))
    }

    /// An empty cluster and the chance that makes what happens to it.
    #[must_use]
    pub fn with(mut random: Random) -> Self {
        let (pods, nodes) = if random.percent(15) { LARGE } else { SMALL };
        World { random, pods, nodes, objects: BTreeMap::new(), made: 0, waiting: VecDeque::new(), nominated: None }
    }

    /// What a run begins with: namespaces, nodes, classes of storage, and some of everything else.
    pub fn first(&mut self) -> Vec<Operation> {
        let mut objects: Vec<Value> = NAMESPACES.iter().map(|name| nodes::namespace(&mut self.random, name)).collect();
        for at in 0..self.nodes.0 + self.random.below(3) {
            objects.push(nodes::node(&mut self.random, &format!("node-{at}")));
        }
        objects.extend(storage::first(&mut self.random));
        for namespace in NAMESPACES {
            for claim in storage::CLAIMS {
                objects.extend(storage::claim(&mut self.random, namespace, claim, None));
            }
        }
        for _ in 0..16 {
            objects.extend(storage::any(&mut self.random));
        }
        objects.push(self.workload());
        objects.push(self.workload());
        for _ in 0..4 {
            objects.push(budgets::any(&mut self.random, &[]));
        }
        let put = |object: Value| {
            self.objects.insert(key(&object), object.clone());
            Operation { change: Change::Put(object), ask: None }
        };
        objects.into_iter().map(put).collect()
    }

    /// The next operation; `last` is what was decided after the one before.
    pub fn next(&mut self, last: Option<&Step>) -> Operation {
        let change = match self.waiting.pop_front() {
            Some(change) => change,
            None => self.change(last),
        };
        self.note(&change);
        let pending: Vec<String> = self.pods(is_pending).iter().map(name_of).collect();
        let again = self.nominated.clone().filter(|pod| pending.contains(pod) && self.random.percent(50));
        let ask = again.or_else(|| (!pending.is_empty()).then(|| self.random.one(&pending)));
        Operation { change, ask }
    }

    /// Every object but pods that the API server does not show to the scheduler, as they have ended, or that are on nodes that
    /// are not there; and the pods that wait.
    #[must_use]
    pub fn snapshot(&self) -> (Vec<Value>, Vec<String>) {
        let nodes = self.keys("Node");
        let lost = |object: &Value| {
            let node = object["spec"]["nodeName"].as_str().unwrap_or_default();
            let ended = matches!(object["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
            object["kind"] == "Pod" && (ended || !node.is_empty() && !nodes.iter().any(|key| key.2 == node))
        };
        let mut objects: Vec<Value> = self.objects.values().filter(|object| !lost(object)).cloned().collect();
        objects.iter_mut().for_each(|object| object["metadata"]["resourceVersion"] = "1".into());
        (objects, self.pods(is_pending).iter().map(name_of).collect())
    }

    /// Keeps the model in line.
    fn note(&mut self, change: &Change) {
        match change {
            Change::Put(object) => drop(self.objects.insert(key(object), object.clone())),
            Change::Delete(kind, namespace, name) => {
                self.objects.remove(&(kind.clone(), namespace.clone(), name.clone()));
            }
            Change::Bind(pod, node, start) => {
                if let Some(pod) = self.objects.get_mut(&pod_key(pod)) {
                    pod["spec"]["nodeName"] = node.as_str().into();
                    pod["status"] = json!({ "phase": "Running", "startTime": pods::time(*start) });
                }
            }
            Change::Evict(pod) => drop(self.objects.remove(&pod_key(pod))),
            Change::Nominate(pod, node) => {
                self.nominated = Some(pod.clone());
                if let Some(pod) = self.objects.get_mut(&pod_key(pod)) {
                    pod["status"]["nominatedNodeName"] = node.as_str().into();
                }
            }
            Change::Refuse(_) | Change::Compact | Change::Fork | Change::Attach => {}
        }
    }

    fn keys(&self, kind: &str) -> Vec<Key> {
        self.objects.keys().filter(|key| key.0 == kind).cloned().collect()
    }

    fn pods(&self, which: impl Fn(&Value) -> bool) -> Vec<Key> {
        self.objects.iter().filter(|(key, pod)| key.0 == "Pod" && which(pod)).map(|(key, _)| key.clone()).collect()
    }

    fn change(&mut self, last: Option<&Step>) -> Change {
        let scheduled = last.filter(|step| step.result == "Scheduled");
        if let Some(step) = scheduled.filter(|_| self.random.percent(35)) {
            let start = pods::start(&mut self.random);
            return Change::Bind(step.pod.clone(), self.random.one(&step.feasible), start);
        }
        if let Some(step) = last
            && self.random.percent(40)
            && let Some(change) = self.make_room(step)
        {
            return change;
        }
        // A pod that finds no place does not stay for long, as it would be asked about again and again.
        if let Some(step) = last.filter(|step| step.result != "Scheduled" && self.random.percent(20)) {
            let key = pod_key(&step.pod);
            if self.objects.contains_key(&key) {
                return Change::Delete(key.0, key.1, key.2);
            }
        }
        let count = self.keys("Pod").len();
        if count >= self.pods {
            return self.delete_pod();
        }
        let pending = self.pods(is_pending).len();
        match self.random.below(100) {
            _ if pending == 0 => self.add_pod(),
            0..30 if pending < 12 => self.add_pod(),
            0..33 => self.delete_pod(),
            33..36 => self.force(),
            36..52 => self.change_pod(),
            52..57 => self.add_node(),
            57..60 => self.delete_node(),
            60..74 => self.change_node(),
            74..77 => {
                let name = self.random.one(&NAMESPACES);
                Change::Put(nodes::namespace(&mut self.random, name))
            }
            77..79 => Change::Put(self.workload()),
            79..82 => {
                let pods: Vec<String> = self.keys("Pod").into_iter().map(|key| key.2).collect();
                Change::Put(budgets::any(&mut self.random, &pods))
            }
            82..92 => {
                self.waiting.extend(storage::any(&mut self.random).into_iter().map(Change::Put));
                self.waiting.pop_front().unwrap_or(Change::Fork)
            }
            92..95 => self.delete_other(),
            95..97 => self.nominate(),
            97 => self.refuse(),
            98 => Change::Fork,
            _ if self.random.percent(50) => Change::Compact,
            _ => Change::Attach,
        }
    }

    /// What preemption would do is done: the victims are gone, or told to go, and the pod is nominated to their node.
    fn make_room(&mut self, step: &Step) -> Option<Change> {
        let preemption = step.preemption.as_ref().filter(|preemption| !preemption.chosen.is_empty())?;
        let at_once = self.random.percent(50);
        for victim in &preemption.victims {
            let mut pod = self.objects.get(&pod_key(victim))?.clone();
            pods::preempt(&mut pod);
            self.waiting.push_back(if at_once { Change::Evict(victim.clone()) } else { Change::Put(pod) });
        }
        self.waiting.push_back(Change::Nominate(step.pod.clone(), preemption.chosen.clone()));
        self.waiting.pop_front()
    }

    fn add_pod(&mut self) -> Change {
        let namespace = self.random.one(&NAMESPACES);
        let name = format!("p{}", self.made);
        self.made += 1;
        let pod = pods::pod(&mut self.random, namespace, &name, &storage::CLAIMS);
        for volume in pod["spec"]["volumes"].as_array().into_iter().flatten() {
            if volume.get("ephemeral").is_some() && self.random.percent(90) {
                let claim = format!("{name}-{}", volume["name"].as_str().unwrap_or_default());
                let mut objects = storage::claim(&mut self.random, namespace, &claim, Some(&name));
                if objects.len() > 1 && self.random.percent(30) {
                    objects.remove(0); // a claim whose volume is gone
                }
                self.waiting.extend(objects.into_iter().map(Change::Put));
            }
        }
        // A good part of the pods is there from the start, on nodes of all kinds.
        if self.random.percent(20) { self.place(pod) } else { Change::Put(pod) }
    }

    /// The pod on a node that nobody was asked about, seldom one that is not there.
    fn place(&mut self, mut pod: Value) -> Change {
        let nodes = self.keys("Node");
        let node = if self.random.percent(4) { "node-x".to_owned() } else { self.random.one(&nodes).2 };
        pod["status"] = pods::status(&mut self.random);
        // One pod of a node at most has not said when it started: so candidates may tie, and no two pods of a node do.
        let has_none = |pod: &Value| pod["spec"]["nodeName"] == node.as_str() && pod["status"]["startTime"].is_null();
        if self.random.percent(30) && self.pods(has_none).is_empty() {
            pod["status"] = json!({ "phase": "Running" });
        }
        pod["spec"]["nodeName"] = node.into();
        if let Some(spec) = pod["spec"].as_object_mut() {
            spec.remove("schedulingGates");
        }
        Change::Put(pod)
    }

    /// A pod that is not legal, most often in the place of one that is there.
    fn refuse(&mut self) -> Change {
        let all = self.keys("Pod");
        let mut pod = self.objects[&self.random.one(&all)].clone();
        if self.random.percent(20) {
            pod["metadata"]["name"] = "refused".into();
        }
        pod["spec"]["affinity"] = json!({ "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [
            { "topologyKey": "pool", "labelSelector": { "matchLabels": { "-no key-": "x" } } }] } });
        pod["status"] = json!({ "phase": "Pending" });
        match self.random.below(3) {
            0 => pod["spec"]["nodeName"] = "".into(),
            1 => pod["spec"]["nodeName"] = "node-x".into(),
            _ => {}
        }
        Change::Refuse(pod)
    }

    fn force(&mut self) -> Change {
        let pending = self.pods(is_pending);
        let pod = self.objects[&self.random.one(&pending)].clone();
        self.place(pod)
    }

    fn delete_pod(&mut self) -> Change {
        let pods = self.keys("Pod");
        let (kind, namespace, name) = self.random.one(&pods);
        Change::Delete(kind, namespace, name)
    }

    /// Preemption makes room for a pod on a node, or takes that back.
    fn nominate(&mut self) -> Change {
        let pending = self.pods(is_pending);
        let mut pod = self.objects[&self.random.one(&pending)].clone();
        let nodes = self.keys("Node");
        let node = if self.random.percent(20) { String::new() } else { self.random.one(&nodes).2 };
        pod["status"]["nominatedNodeName"] = node.into();
        Change::Put(pod)
    }

    /// A pod is relabelled, resized, told to end, ended or, seldom, given other rules.
    fn change_pod(&mut self) -> Change {
        let bound = self.pods(|pod| !is_pending(pod));
        let all = self.keys("Pod");
        let of = if bound.is_empty() || self.random.percent(20) { all } else { bound };
        let key = self.random.one(&of);
        let mut pod = self.objects[&key].clone();
        let pending = is_pending(&pod);
        match self.random.below(10) {
            0..5 => pods::relabel(&mut self.random, &mut pod),
            5..7 => pods::resize(&mut self.random, &mut pod),
            7 if !pending => pods::terminate(&mut self.random, &mut pod),
            8 if !pending => pod["status"]["phase"] = self.random.one(&["Succeeded", "Failed", "Running"]).into(),
            _ => {
                let other = pods::pod(&mut self.random, &key.1, &key.2, &storage::CLAIMS);
                for field in ["tolerations", "affinity", "topologySpreadConstraints"] {
                    pod["spec"][field] = other["spec"][field].clone();
                    if let (true, Some(spec)) = (pod["spec"][field].is_null(), pod["spec"].as_object_mut()) {
                        spec.remove(field);
                    }
                }
            }
        }
        Change::Put(pod)
    }

    fn add_node(&mut self) -> Change {
        let name = format!("node-{}", self.random.below(self.nodes.1));
        Change::Put(nodes::node(&mut self.random, &name))
    }

    fn delete_node(&mut self) -> Change {
        let nodes = self.keys("Node");
        if nodes.len() <= self.nodes.0 {
            return self.change_node();
        }
        let (kind, namespace, name) = self.random.one(&nodes);
        Change::Delete(kind, namespace, name)
    }

    fn change_node(&mut self) -> Change {
        let nodes = self.keys("Node");
        let key = self.random.one(&nodes);
        let mut node = self.objects[&key].clone();
        match self.random.below(5) {
            0 => node["metadata"]["labels"] = nodes::labels(&mut self.random, &key.2),
            1 => nodes::set_taints(&mut self.random, &mut node),
            2 => nodes::set_allocatable(&mut self.random, &mut node),
            3 => nodes::cordon(&mut self.random, &mut node),
            _ => nodes::set_images(&mut self.random, &mut node),
        }
        Change::Put(node)
    }

    fn workload(&mut self) -> Value {
        let namespace = self.random.one(&NAMESPACES);
        let at = self.random.below(2);
        if self.random.percent(50) {
            let selector = self.random.one(&[json!({ "app": "web" }), json!({ "app": "db" }), json!({ "tier": "fe" })]);
            return json!({ "apiVersion": "v1", "kind": "Service",
                "metadata": { "name": format!("svc-{at}"), "namespace": namespace }, "spec": { "selector": selector } });
        }
        let mut selector = label_selector(&mut self.random);
        if selector == json!({}) {
            selector = json!({ "matchLabels": { "app": "web" } });
        }
        json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": { "name": format!("rs-{at}"), "namespace": namespace, "uid": "rs" },
            "spec": { "replicas": 1, "selector": selector, "template": { "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [] } } } })
    }

    fn delete_other(&mut self) -> Change {
        let kept = ["Node", "Pod"];
        let others: Vec<Key> = self.objects.keys().filter(|key| !kept.contains(&key.0.as_str())).cloned().collect();
        let (kind, namespace, name) = self.random.one(&others);
        Change::Delete(kind, namespace, name)
    }
}

fn is_pending(pod: &Value) -> bool {
    pod["spec"]["nodeName"].as_str().is_none_or(str::is_empty) && pod["status"]["phase"] == "Pending"
}

fn pod_key(name: &str) -> Key {
    let (namespace, name) = name.split_once('/').unwrap_or_default();
    ("Pod".to_owned(), namespace.to_owned(), name.to_owned())
}

fn name_of(key: &Key) -> String {
    format!("{}/{}", key.1, key.2)
}
