//! Spread constraints, a pod's own and the profile's defaults.

use bayplan_core::{SelectorId, SpreadDef};

use super::Compiler;
use crate::error::Error;
use crate::labels::{Requirement, Selector};
use crate::objects::{Pod, StringMap, TopologySpreadConstraint};

const HOSTNAME: &str = "kubernetes.io/hostname";

impl Compiler {
    /// The constraints of one kind (`DoNotSchedule` or `ScheduleAnyway`). The defaults have no selector: each pod
    /// brings its own.
    pub(crate) fn spread(
        &mut self,
        pod: &Pod,
        constraints: &[TopologySpreadConstraint],
        defaults: bool,
        action: &str,
    ) -> Result<Vec<SpreadDef>, Error> {
        let mut out = Vec::new();
        for constraint in constraints.iter().filter(|c| c.when_unsatisfiable == action) {
            let (selector, counts_nothing) = if defaults {
                (None, false)
            } else {
                self.selector_of_spread(pod, constraint).map(|(s, n)| (Some(s), n))?
            };
            out.push(SpreadDef {
                selector,
                key: self.key(&constraint.topology_key)?,
                hostname: constraint.topology_key == HOSTNAME,
                max_skew: constraint.max_skew,
                min_domains: constraint.min_domains.unwrap_or(1),
                honor_affinity: constraint.node_affinity_policy.as_deref() != Some("Ignore"),
                honor_taints: constraint.node_taints_policy.as_deref() == Some("Honor"),
                counts_nothing,
            });
        }
        Ok(out)
    }

    /// The constraint's selector with the pod's values of `matchLabelKeys`, and whether it is empty: then no pod counts.
    fn selector_of_spread(
        &mut self,
        pod: &Pod,
        constraint: &TopologySpreadConstraint,
    ) -> Result<(SelectorId, bool), Error> {
        let requirements = match spread_selector(constraint)? {
            Selector::Nothing => None,
            Selector::All(mut requirements) => {
                let values: StringMap = constraint
                    .match_label_keys
                    .iter()
                    .filter_map(|key| Some((key.clone(), pod.metadata.labels.get(key)?.clone())))
                    .collect();
                if let Selector::All(more) = Selector::of_labels(&values) {
                    requirements.extend(more);
                }
                Some(requirements)
            }
        };
        let empty = requirements.as_ref().is_some_and(Vec::is_empty);
        Ok((self.selector(&[&pod.metadata.namespace], None, requirements.as_deref(), false)?, empty))
    }

    /// A default selector over the pod's namespace.
    pub(crate) fn default_selector(
        &mut self,
        namespace: &str,
        requirements: &[Requirement],
    ) -> Result<SelectorId, Error> {
        self.selector(&[namespace], None, Some(requirements), false)
    }
}

/// The constraint's own selector.
pub(super) fn spread_selector(constraint: &TopologySpreadConstraint) -> Result<Selector, Error> {
    Selector::new(constraint.label_selector.as_ref(), "spec.topologySpreadConstraints.labelSelector")
}
