//! The service account of a pod: it must be there, and lends the pod its secrets for pulling images.

use std::fmt;

use serde_json::{Value, json};

use super::Refused;
use crate::api::view::{self, at, list, object as object_of};
use crate::objects::ServiceAccount;
use crate::refusal::quoted;

/// Looks service accounts up.
pub(crate) trait FindAccount: Sync {
    /// One by its namespace and name.
    fn account(&self, namespace: &str, name: &str) -> Option<&ServiceAccount>;
}

/// The service accounts of a cluster; by default none is known.
#[derive(Clone, Default)]
pub struct Accounts<'a> {
    pub(crate) there: Option<&'a dyn FindAccount>,
    /// Those that come with the pods.
    pub(crate) given: Vec<&'a ServiceAccount>,
}

impl<'a> Accounts<'a> {
    fn find(&self, namespace: &str, name: &str) -> Option<&'a ServiceAccount> {
        let given = self.given.iter().find(|it| it.metadata.name == name && it.metadata.namespace == namespace);
        given.copied().or_else(|| self.there?.account(namespace, name))
    }
}

impl fmt::Debug for Accounts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Accounts")
    }
}

/// Judges the account of a pod's JSON. Every namespace of a server has an account `default`: where it is not there, the input has none, and
/// nothing is known.
pub(super) fn admit(whole: &mut Value, namespace: &str, accounts: &Accounts<'_>) -> Result<(), Refused> {
    let name = view::text(at(whole, &["spec"]), "serviceAccountName").to_owned();
    let Some(account) = accounts.find(namespace, &name) else {
        if accounts.find(namespace, "default").is_none() {
            return Ok(());
        }
        let fault =
            format!("error looking up service account {namespace}/{name}: serviceaccount {} not found", quoted(&name));
        return Err(Refused::new(fault).hint("give the ServiceAccount too"));
    };
    if !account.image_pull_secrets.is_empty()
        && list(at(whole, &["spec"]), "imagePullSecrets").is_empty()
        && let Value::Object(fields) = whole
    {
        let secrets: Vec<Value> =
            account.image_pull_secrets.iter().map(|secret| json!({ "name": secret.name })).collect();
        object_of(fields, "spec").insert("imagePullSecrets".to_owned(), secrets.into());
    }
    Ok(())
}
