//! The selector of the built-in spread constraints: the pods of the services that select a pod, and of its controller.

use bayplan_core::{LabelClassId, SelectorId};

use crate::error::Error;
use crate::labels::{Requirement, Selector};
use crate::objects::{Kind, LabelSelector, Object, Pod, StringMap};
use crate::shared::SharedMap;
use crate::state::Cluster;

/// The selectors found, by the pods' label class and controller: services select by labels that are all looked at.
pub(crate) type DefaultSelectors = SharedMap<LabelClassId, Vec<(Option<Controller>, SelectorId)>>;

type Controller = (Kind, String);

impl Cluster {
    /// The pods that a pod without constraints of its own is spread from.
    pub(crate) fn default_selector(
        &mut self,
        pod: &Pod,
        labels: LabelClassId,
        profile: usize,
    ) -> Result<SelectorId, Error> {
        let spread = &self.compiler.config.profiles[profile].args.spread;
        if !pod.spec.topology_spread_constraints.is_empty() || spread.constraints.is_empty() {
            return Ok(SelectorId::NONE);
        }
        let controller = controller(pod);
        let is_same = |known: &Option<Controller>| known.as_ref().map(|(kind, name)| (*kind, &**name)) == controller;
        let known = self.default_selectors.get(&labels).and_then(|all| all.iter().find(|(known, _)| is_same(known)));
        if let Some((_, id)) = known {
            return Ok(*id);
        }
        let requirements = self.default_requirements(pod, controller);
        let id = match requirements.as_deref() {
            None | Some([]) => SelectorId::NONE,
            Some(requirements) => self.compiler.default_selector(&pod.metadata.namespace, requirements)?,
        };
        let controller = controller.map(|(kind, name)| (kind, name.to_owned()));
        match self.default_selectors.get_mut(&labels) {
            Some(of_class) => of_class.push((controller, id)),
            None => self.default_selectors.insert(labels, vec![(controller, id)]),
        }
        Ok(id)
    }

    fn default_requirements(&self, pod: &Pod, controller: Option<(Kind, &str)>) -> Option<Vec<Requirement>> {
        let namespace = &pod.metadata.namespace;
        let mut merged = StringMap::new();
        for object in self.store.objects.in_namespace(Kind::Service, namespace) {
            if let Object::Service(service) = &**object
                && let selector = &service.spec.selector
                && !selector.is_empty()
                && selector.iter().all(|(k, v)| pod.metadata.labels.get(k) == Some(v))
            {
                merged.extend(selector.clone());
            }
        }
        let controller = controller.and_then(|(kind, name)| self.store.objects.get(kind, namespace, name));
        let selector = match controller.map(|object| &**object) {
            Some(Object::ReplicationController(controller)) => {
                merged.extend(controller.spec.selector.clone());
                None
            }
            Some(Object::ReplicaSet(controller)) => controller.spec.selector.as_ref(),
            Some(Object::StatefulSet(controller)) => controller.spec.selector.as_ref(),
            _ => None,
        };
        let Selector::All(mut requirements) = Selector::of_labels(&merged) else { return None };
        if let Some(selector) = selector
            && let Ok(Selector::All(more)) = Selector::new(Some(selector), "spec.selector")
        {
            requirements.extend(more);
        }
        Some(requirements)
    }

    /// Notes the labels that the selector of an object names, so that pods get their label classes once and not again when
    /// the first of them is asked about.
    pub(crate) fn look_at_selected(&mut self, object: &Object) {
        if self.compiler.config.profiles.iter().all(|profile| profile.args.spread.constraints.is_empty()) {
            return;
        }
        let plain = |labels: &StringMap| labels.keys().cloned().collect::<Vec<_>>();
        let of = |selector: Option<&LabelSelector>| {
            let expressions = |s: &LabelSelector| s.match_expressions.iter().map(|r| r.key.clone()).collect::<Vec<_>>();
            selector.map(|s| [plain(&s.match_labels), expressions(s)].concat()).unwrap_or_default()
        };
        let keys = match object {
            Object::Service(service) => plain(&service.spec.selector),
            Object::ReplicationController(owner) => plain(&owner.spec.selector),
            Object::ReplicaSet(owner) => of(owner.spec.selector.as_ref()),
            Object::StatefulSet(owner) => of(owner.spec.selector.as_ref()),
            _ => Vec::new(),
        };
        keys.iter().for_each(|key| self.compiler.look_at_label(key));
    }
}

/// The controller that owns a pod, of the kinds whose selectors count.
fn controller(pod: &Pod) -> Option<(Kind, &str)> {
    let owner = crate::state::store::controller(&pod.metadata)?;
    let kind = match (owner.api_version.as_str(), owner.kind.as_str()) {
        ("v1", "ReplicationController") => Kind::ReplicationController,
        ("apps/v1", "ReplicaSet") => Kind::ReplicaSet,
        ("apps/v1", "StatefulSet") => Kind::StatefulSet,
        _ => return None,
    };
    Some((kind, &owner.name))
}
