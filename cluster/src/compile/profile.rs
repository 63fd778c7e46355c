//! The configuration's profiles to rows.

use bayplan_core::{ExternalId, FitStrategy, ProfileDef, Rule, ShapePoint};

use super::Compiler;
use crate::config::Strategy;
use crate::error::Error;
use crate::version::Version;

impl Compiler {
    pub(crate) fn add_profiles(&mut self) -> Result<(), Error> {
        let (config, plugins) = (self.config.clone(), self.plugins.clone());
        for plugin in &*plugins {
            let name = self.string(plugin.name())?;
            self.table.run(|s| s.add_external(name, plugin.normalize()))?;
        }
        for profile in &config.profiles {
            let mut filters: Vec<Rule> = profile.filters.iter().filter_map(|p| p.in_core()).map(Rule::from).collect();
            let mut scores: Vec<(Rule, i64)> =
                profile.scores.iter().filter_map(|(p, weight)| Some((p.in_core()?.into(), *weight))).collect();
            // The caller's own come last.
            for (plugin, slot) in plugins.iter().zip((0..).map(ExternalId)) {
                let (is_filter, weight) = config.runs(profile, plugin);
                filters.extend(is_filter.then_some(Rule::External(slot)));
                scores.extend(weight.map(|weight| (Rule::External(slot), weight)));
            }
            let fit = &profile.args.fit;
            let mut fit_resources = Vec::new();
            for (name, weight) in &fit.resources {
                fit_resources.push((self.resources.id(&mut self.table, name)?, *weight));
            }
            let mut balanced = Vec::new();
            for name in &profile.args.balanced.resources {
                balanced.push(self.resources.id(&mut self.table, name)?);
            }
            let (strategy, shape) = match &fit.strategy {
                Strategy::LeastAllocated => (FitStrategy::LeastAllocated, &[][..]),
                Strategy::MostAllocated => (FitStrategy::MostAllocated, &[][..]),
                Strategy::RequestedToCapacityRatio { shape } => (FitStrategy::RequestedToCapacityRatio, &shape[..]),
            };
            let shape: Vec<ShapePoint> =
                shape.iter().map(|p| ShapePoint { utilization: p.utilization as i32, score: p.score as i32 }).collect();
            let volume_shape: Vec<ShapePoint> = profile
                .args
                .volume_shape
                .iter()
                .flatten()
                .map(|p| ShapePoint { utilization: p.utilization as i32, score: p.score as i32 })
                .collect();
            let affinity = &profile.args.node_affinity;
            let enforced = match &affinity.required {
                Some(selector) => Some(self.node_terms(selector.terms.iter().map(|t| (None, t)))?),
                None => None,
            };
            let preferred = affinity.preferred.as_deref().unwrap_or(&[]);
            let added_preferred = self.node_terms(preferred.iter().map(|(w, t)| (Some(*w), t)))?;
            let def = ProfileDef {
                filters: &filters,
                scores: &scores,
                strategy,
                fit_resources: &fit_resources,
                shape: &shape,
                volume_shape: &volume_shape,
                balanced: &balanced,
                balanced_by_difference: self.version >= Version::V1_36,
                enforced: enforced.as_ref().map(super::terms::Terms::def),
                added_preferred: added_preferred.def(),
                prefers_nodes: affinity.preferred.is_some(),
                hard_pod_affinity_weight: i64::from(profile.args.interpod.hard_pod_affinity_weight),
                ignore_preferred_terms_of_existing_pods: profile.args.interpod.ignore_preferred_terms_of_existing_pods,
                system_spread: profile.args.spread.is_system,
            };
            let id = self.table.run(|s| s.add_profile(&def))?;
            self.profiles.push(id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bayplan_core::{DefaultProfile, Plugin};

    use crate::config::Config;
    use crate::version::Version;

    /// The core's own default profile is the one that a configuration without anything comes to.
    #[test]
    fn the_default_profile_of_the_core_is_that_of_the_configuration() {
        for (version, minor) in Version::ALL.into_iter().zip(34..) {
            let config = Config::of_version(version);
            let [profile] = &config.profiles[..] else { panic!("{version} has one profile") };
            let own = DefaultProfile::of(minor).expect("the core knows each version");
            let filters: Vec<Plugin> = profile.filters.iter().filter_map(|plugin| plugin.in_core()).collect();
            assert_eq!(filters, own.filters, "{version}");
            let mut scores: Vec<(Plugin, i64)> =
                profile.scores.iter().filter_map(|(plugin, weight)| Some((plugin.in_core()?, *weight))).collect();
            let mut expected = own.scores.to_vec();
            scores.sort_unstable();
            expected.sort_unstable();
            assert_eq!(scores, expected, "{version}");
            let shape = profile.args.volume_shape.iter().flatten().map(|p| (p.utilization, p.score));
            assert!(shape.eq(own.volume_shape.iter().map(|p| (p.utilization.into(), p.score.into()))), "{version}");
        }
        assert!(DefaultProfile::of(33).is_none() && DefaultProfile::of(38).is_none());
    }
}
