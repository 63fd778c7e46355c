//! Sets of pods to selectors.

use bayplan_core::{NamespaceId, SelectorDef, SelectorId};

use super::Compiler;
use super::terms::{KeyOf, Terms};
use crate::error::Error;
use crate::labels::Requirement;

/// A selector, compiled; equal ones share a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SelectorParts {
    namespaces: Vec<NamespaceId>,
    namespace_terms: Option<Terms>,
    terms: Option<Terms>,
    existing_namespaces: bool,
}

impl Compiler {
    /// The selector of pods in the namespaces (or in those whose labels fulfil the requirements) that fulfil theirs;
    /// `None` matches no pod. With `existing_namespaces` the requirements choose among namespaces that are objects.
    pub(crate) fn selector(
        &mut self,
        namespaces: &[&str],
        namespace_requirements: Option<&[Requirement]>,
        requirements: Option<&[Requirement]>,
        existing_namespaces: bool,
    ) -> Result<SelectorId, Error> {
        let mut ids = namespaces.iter().map(|n| self.namespace(n)).collect::<Result<Vec<_>, _>>()?;
        ids.sort_unstable();
        ids.dedup();
        let namespace_terms = namespace_requirements.map(|r| self.namespace_terms(r)).transpose()?;
        self.looks_at_namespaces |= namespace_requirements.is_some_and(|requirements| !requirements.is_empty());
        let terms = requirements.map(|r| self.pod_terms(r)).transpose()?;
        let parts = SelectorParts { namespaces: ids, namespace_terms, terms, existing_namespaces };
        let table = &mut self.table;
        self.selectors.id(parts, |parts| {
            // Both lists of requirements share one list of values.
            let of_pods = parts.terms.clone().unwrap_or_default();
            let mut of_namespaces = parts.namespace_terms.clone().unwrap_or_default();
            let mut values = of_pods.values;
            for requirement in &mut of_namespaces.requirements {
                requirement.first += values.len() as u32;
            }
            values.extend(of_namespaces.values);
            let def = SelectorDef {
                namespaces: &parts.namespaces,
                namespace_requirements: parts.namespace_terms.is_some().then_some(&of_namespaces.requirements[..]),
                requirements: parts.terms.is_some().then_some(&of_pods.requirements[..]),
                existing_namespaces,
                values: &values,
            };
            table.run(|s| s.add_selector(&def))
        })
    }

    fn pod_terms(&mut self, requirements: &[Requirement]) -> Result<Terms, Error> {
        let mut terms = Terms::default();
        for requirement in requirements {
            self.requirement(&mut terms, requirement, KeyOf::Pod)?;
        }
        Ok(terms)
    }

    fn namespace_terms(&mut self, requirements: &[Requirement]) -> Result<Terms, Error> {
        let mut terms = Terms::default();
        for requirement in requirements {
            self.requirement(&mut terms, requirement, KeyOf::Namespace)?;
        }
        Ok(terms)
    }
}
