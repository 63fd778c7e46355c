//! Refusals in the words of a server's status.

use crate::api::validate::Fault;
use crate::error::Error;
use crate::objects::Object;
use crate::refusal::{Reason, Refusal, quoted};

/// Fields are wrong.
pub(super) fn invalid(object: &Object, faults: Vec<Fault>) -> Error {
    let causes = faults.iter().map(ToString::to_string).collect();
    refused(object, Reason::Invalid, causes)
}

/// `resource` as in the path of the API: `pods`, `deployments.apps`.
pub(super) fn forbidden(object: &Object, resource: &str, faults: &[String]) -> Error {
    let faults = if let [one] = faults { one.clone() } else { format!("[{}]", faults.join(", ")) };
    let cause = format!("{resource} {} is forbidden: {faults}", quoted(object.name()));
    refused(object, Reason::Forbidden, vec![cause])
}

/// The namespace is not there.
pub(crate) fn no_namespace(object: &Object) -> Error {
    let cause = format!("namespaces {} not found", quoted(object.namespace()));
    let create = format!("create it: kubectl create namespace {}", object.namespace());
    refused(object, Reason::NotFound, vec![cause]).hint(create)
}

fn refused(object: &Object, reason: Reason, causes: Vec<String>) -> Error {
    let kind = object.kind();
    let (name, group) = (object.name().to_owned(), kind.group().to_owned());
    Error::refused(Refusal { reason, kind: kind.name().to_owned(), group, name, causes }, object.to_string())
}
