//! Requirements over strings to requirements over ids.

use bayplan_core::{NodeTerms, Op, Requirement, StrId};

use super::Compiler;
use crate::error::Error;
use crate::labels::{self, NodeTerm, Operator};

/// Terms, owned; equal specs have equal ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Terms {
    pub(crate) terms: u32,
    pub(crate) weights: Vec<i32>,
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) values: Vec<StrId>,
}

impl Terms {
    pub(crate) fn def(&self) -> NodeTerms<'_> {
        NodeTerms { terms: self.terms, weights: &self.weights, requirements: &self.requirements, values: &self.values }
    }

    /// Adds a requirement to the last term.
    pub(crate) fn push(&mut self, key: u32, op: Op, values: &[StrId], bound: i64) {
        let first = self.values.len() as u32;
        self.values.extend_from_slice(values);
        let term = self.terms.saturating_sub(1);
        self.requirements.push(Requirement { term, key, op, first, count: values.len() as u32, bound });
    }
}

/// What kind of thing the keys are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyOf {
    /// Columns of the node table.
    Node,
    /// Strings: labels of pods, which must then be part of their label classes.
    Pod,
    /// Strings: labels of namespaces.
    Namespace,
}

impl Compiler {
    /// Adds a requirement on a label to the last term.
    pub(crate) fn requirement(
        &mut self,
        to: &mut Terms,
        requirement: &labels::Requirement,
        of: KeyOf,
    ) -> Result<(), Error> {
        let key = match of {
            KeyOf::Node => self.key(&requirement.key)?.0,
            KeyOf::Namespace => self.string(&requirement.key)?.0,
            KeyOf::Pod => {
                self.look_at_label(&requirement.key);
                self.string(&requirement.key)?.0
            }
        };
        let (op, texts, bound): (_, &[String], _) = match &requirement.operator {
            Operator::In(values) => (Op::In, values, 0),
            Operator::NotIn(values) => (Op::NotIn, values, 0),
            Operator::Exists => (Op::Exists, &[], 0),
            Operator::DoesNotExist => (Op::DoesNotExist, &[], 0),
            Operator::Gt(bound) => (Op::Gt, &[], *bound),
            Operator::Lt(bound) => (Op::Lt, &[], *bound),
        };
        let values = texts.iter().map(|v| self.string(v)).collect::<Result<Vec<_>, _>>()?;
        to.push(key, op, &values, bound);
        Ok(())
    }

    /// Terms over nodes, each with its weight.
    pub(crate) fn node_terms<'t>(
        &mut self,
        terms: impl Iterator<Item = (Option<i32>, &'t NodeTerm)>,
    ) -> Result<Terms, Error> {
        let mut out = Terms::default();
        for (weight, term) in terms {
            out.terms += 1;
            out.weights.extend(weight);
            for requirement in &term.labels {
                self.requirement(&mut out, requirement, KeyOf::Node)?;
            }
            for field in &term.fields {
                if field.field == "metadata.name" {
                    let value = self.string(&field.value)?;
                    out.push(0, if field.is_equal { Op::In } else { Op::NotIn }, &[value], 0);
                } else if field.value.is_empty() != field.is_equal {
                    out.push(0, Op::Never, &[], 0);
                } else {
                    out.push(0, Op::Exists, &[], 0);
                }
            }
        }
        Ok(out)
    }
}
