//! The scheduler's own log, replayed: each real outcome is taken over, and before that we decide.

use std::collections::BTreeSet;
use std::sync::Arc;

use bayplan::objects::{Kind, Object, Taint};
use bayplan::read::Reading;
use bayplan::simulate::{Event, Simulation, SimulationOptions};
use bayplan::{Cluster, Options};
use serde_json::Value;

use super::scenario::Scenario;
use super::{Outcome, SETTLED};

/// Texts that tell of a controller of volumes, which no scheduler has.
const WAITS: &str = "waiting for ephemeral volume controller";
/// How many attempts may be left out, and in which scenario.
const MOST: [(&str, usize); 6] =
    [("city", 1), ("drain", 3), ("workloads", 3), ("priority", 1), ("rollout", 3), ("scale", 6)];

pub(super) fn compare(scenario: &Scenario, outcome: &mut Outcome) -> Result<(), String> {
    let mut replay = Replay::new(scenario)?;
    let log = scenario.items("attempts.json")?;
    for (number, line) in log.iter().enumerate() {
        replay.line(&log, number, line, outcome)?;
    }
    replay.marked(scenario, outcome)?;
    let most = MOST.iter().find(|(name, _)| *name == scenario.name).map_or(0, |(_, most)| *most);
    if outcome.left_out > most {
        outcome.differences.push(format!("{} attempts are left out, {most} at most may be", outcome.left_out));
    }
    Ok(())
}

struct Replay {
    cluster: Cluster,
    pods: Vec<Object>,
    steps: Value,
    /// The steps that are scripts.
    scripts: Vec<(String, String)>,
    /// Pods whose successor of the same name is there already.
    replaced: BTreeSet<String>,
    /// The pods that taints drive away in our eyes.
    driven: BTreeSet<String>,
}

impl Replay {
    /// Everything of the dump but its pods.
    fn new(scenario: &Scenario) -> Result<Self, String> {
        let text = |e: bayplan::Error| e.to_string();
        let dump = Reading::live().bytes(scenario.text("dump.json")?.as_bytes(), "dump.json").map_err(text)?;
        let others = dump.objects.into_iter().filter(|object| object.kind() != Kind::Pod);
        let mut cluster = Cluster::new(Options::default()).map_err(text)?;
        cluster.load(others).map_err(text)?;
        let pods = scenario.items("pods.json")?;
        let pods = pods.iter().map(|pod| Reading::live().value(pod)).collect::<Result<_, _>>().map_err(text)?;
        let scripts = scenario.steps.iter().filter(|step| step.ends_with(".sh"));
        let scripts = scripts.map(|step| Ok((step.clone(), scenario.text(step)?))).collect::<Result<_, String>>()?;
        Ok(Replay {
            cluster,
            pods,
            steps: scenario.json("nodes.json")?,
            scripts,
            replaced: BTreeSet::new(),
            driven: BTreeSet::new(),
        })
    }

    fn line(&mut self, log: &[Value], number: usize, line: &Value, outcome: &mut Outcome) -> Result<(), String> {
        let text = |e: bayplan::Error| e.to_string();
        let of = |line: &Value, key: &str| line[key].as_str().map(str::to_owned);
        if let Some(step) = of(line, "step") {
            self.set_nodes(&step)?;
        }
        if let Some(pod) = of(line, "gone")
            && !self.replaced.remove(&pod)
            && self.cluster.pod(&pod).is_some()
        {
            self.cluster.evict(&pod).map_err(text)?;
        }
        if let Some(pod) = of(line, "created") {
            // A pod that was made with a node is never in the scheduler's log.
            let has_node = |object: &Object| matches!(object, Object::Pod(made) if !made.spec.node_name.is_empty());
            if let Some(at) = self.pods.iter().position(|object| key(object) == pod && has_node(object)) {
                let object = self.pods.remove(at);
                self.cluster.upsert(object).map_err(text)?;
            }
        }
        let Some(pod) = of(line, "pod") else { return Ok(()) };
        let mut rest = log[number + 1..].iter().take_while(|line| of(line, "pod").as_ref() != Some(&pod));
        let is_end =
            |line: &&Value| of(line, "bound").as_ref() == Some(&pod) || of(line, "failed").as_ref() == Some(&pod);
        let Some(end) = rest.find(is_end) else { return Ok(()) };
        // Its end is told later than its successor's beginning.
        if self.cluster.pod(&pod).is_some_and(|there| !there.spec.node_name.is_empty()) {
            self.cluster.evict(&pod).map_err(text)?;
            self.replaced.insert(pod.clone());
        }
        if self.cluster.pod(&pod).is_none() {
            let at = self
                .pods
                .iter()
                .position(|object| key(object) == pod)
                .ok_or_else(|| format!("{pod} is not among the pods"))?;
            let object = self.pods.remove(at);
            self.cluster.upsert(object).map_err(text)?;
        }
        self.judge(log, number, &pod, end, outcome)?;
        if let Some(node) = of(end, "node") {
            self.cluster.bind(&pod, &node, 0).map_err(text)?;
        } else if let Some((_, rest)) = end["message"].as_str().and_then(|m| m.split_once("placement for pod on node "))
        {
            let node = rest.split(',').next().unwrap_or_default();
            self.cluster.nominate(&pod, node).map_err(text)?;
        }
        Ok(())
    }

    fn judge(
        &mut self,
        log: &[Value],
        number: usize,
        pod: &str,
        end: &Value,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        let text = |e: bayplan::Error| e.to_string();
        let explanation = self.cluster.why(pod).map_err(text)?;
        if let Some(node) = end["node"].as_str() {
            let real: Arc<str> = Arc::from(node);
            // The node to which preemption has nominated a pod is tried first, and alone where it will do.
            let nominated = self.cluster.pod(pod).map(|pod| pod.status.nominated_node_name.clone()).unwrap_or_default();
            let by_nomination = nominated == node && explanation.decision.node.as_deref() == Some(node);
            let same = by_nomination || explanation.best.contains(&real) || explanation.feasible == [real];
            if same {
                outcome.bindings.0 += 1;
                outcome.bindings.1 += usize::from(by_nomination || explanation.best.len() == 1);
            } else if follows_an_end(log, number) {
                outcome.left_out += 1;
            } else {
                let ours = (&explanation.best, explanation.decision.event());
                outcome.differences.push(format!("line {number}: {pod} went to {node}, ours {ours:?}"));
            }
            return Ok(());
        }
        // The log quotes the text.
        let message = &end["message"].as_str().unwrap_or_default().replace("\\\"", "\"");
        if message.contains(WAITS) {
            return Ok(());
        }
        match self.preempts(pod, message).map_err(text)? {
            Some(true) => {
                outcome.evictions += 1;
                outcome.texts += 1;
            }
            None if explanation.decision.event() == *message => outcome.texts += 1,
            _ if follows_an_end(log, number) => outcome.left_out += 1,
            _ => {
                let ours = explanation.decision.event();
                outcome.differences.push(format!("line {number}: {pod}: real {message:?}, ours {ours:?}"));
            }
        }
        Ok(())
    }

    /// Where the event says that pods are preempted on a node: whether it is one of our best, with as many victims, and the rest of the event is
    /// ours too.
    fn preempts(&mut self, pod: &str, event: &str) -> Result<Option<bool>, bayplan::Error> {
        let parts = || {
            let (before, rest) = event.split_once(" preemption: found a potential placement for pod on node ")?;
            let (node, count) = rest.split_once(", preempting ")?;
            Some((before, node, count.strip_suffix(" victims")?.parse::<usize>().ok()?))
        };
        let Some((before, node, count)) = parts() else { return Ok(None) };
        let weighed = self.cluster.preempt_dry_run(pod)?;
        let message = self.cluster.decide(pod)?.message;
        let found = weighed.candidates.iter().find(|candidate| candidate.node == node);
        let is_best = weighed.best.iter().any(|best| best == node);
        Ok(Some(is_best && found.is_some_and(|found| found.victims.len() == count) && message == before))
    }

    /// Brings the nodes to what they were after a step.
    fn set_nodes(&mut self, step: &str) -> Result<(), String> {
        let script = self.scripts.iter().find(|(name, _)| name == step).map_or("", |(_, script)| script.as_str());
        let uncordons = script.lines().filter_map(|line| line.strip_prefix("kubectl uncordon "));
        // It does so in its end: what they were before holds until the next step.
        let uncordoned: BTreeSet<String> = uncordons.map(|name| name.trim().to_owned()).collect();
        let names: Vec<String> = self.cluster.nodes().into_iter().map(str::to_owned).collect();
        for name in names {
            if uncordoned.contains(&name) {
                continue;
            }
            let Some(Object::Node(node)) = self.cluster.object(Kind::Node, "", &name) else { continue };
            let mut node = node.clone();
            let spec = &self.steps[step][&name]["spec"];
            let taints = spec["taints"].as_array().cloned().unwrap_or_default();
            node.spec.taints = serde_json::from_value::<Vec<Taint>>(taints.into()).map_err(|e| e.to_string())?;
            node.spec.unschedulable = spec["unschedulable"].as_bool().unwrap_or(false);
            self.cluster.upsert(Object::Node(node)).map_err(|e| e.to_string())?;
        }
        self.drive()
    }

    /// Notes which of the pods that are there now their nodes' taints drive away until the next step.
    fn drive(&mut self) -> Result<(), String> {
        let options = SimulationOptions { seconds: SETTLED, ..SimulationOptions::default() };
        let mut simulation = Simulation::new(self.cluster.clone(), options);
        simulation.run().map_err(|e| e.to_string())?;
        let driven = simulation.events().iter().filter_map(|event| match event {
            Event::TaintEviction { pod, .. } => Some(pod.clone()),
            _ => None,
        });
        self.driven.extend(driven.filter(|pod| self.cluster.pod(pod).is_some()));
        Ok(())
    }

    /// Where the kubelets of a scenario left the pods that were marked for deletion, these are the ones that taints drive away.
    fn marked(&self, scenario: &Scenario, outcome: &mut Outcome) -> Result<(), String> {
        let dump = scenario.json("dump.json")?;
        let items = dump["items"].as_array().into_iter().flatten();
        let pods = items.filter(|item| item["kind"] == "Pod" && item["metadata"]["deletionTimestamp"].is_string());
        let name = |item: &Value, key: &str| item["metadata"][key].as_str().unwrap_or_default().to_owned();
        let real: BTreeSet<String> =
            pods.map(|item| format!("{}/{}", name(item, "namespace"), name(item, "name"))).collect();
        if real.is_empty() {
            return Ok(());
        }
        outcome.marked = real.intersection(&self.driven).count();
        let differ = real.symmetric_difference(&self.driven);
        outcome.differences.extend(differ.map(|pod| {
            let whose = if real.contains(pod) { "there" } else { "here" };
            format!("{pod} is marked for deletion only {whose}")
        }));
        Ok(())
    }
}

fn key(object: &Object) -> String {
    format!("{}/{}", object.namespace(), object.name())
}

/// Did a pod go at about the time of an attempt, so that it may be there or not?
fn follows_an_end(log: &[Value], number: usize) -> bool {
    const NEAR: usize = 10;
    let near = &log[number.saturating_sub(NEAR)..(number + NEAR).min(log.len())];
    near.iter().any(|line| line["gone"].is_string())
}
