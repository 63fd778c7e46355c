//! An object as kubectl's users write it: `deploy/ads`, `deployments.apps/ads`, `shop/ads`, `shop/deploy/ads`, `ads`.

use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::objects::{Kind, Object};

/// Which object is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its kind, where it is said.
    pub kind: Option<Kind>,
    /// Its namespace, where it is said.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl Reference {
    /// Reads `[NAMESPACE/][KIND/]NAME`; a word before one slash is a kind where it is one, else a namespace. `namespace` is the one of `-n`,
    /// which an own one may not contradict.
    ///
    /// # Errors
    /// Where a part is empty, there are too many, the kind is not known, or two namespaces are named.
    pub fn parse(text: &str, namespace: Option<&str>) -> Result<Self, Error> {
        let parts: Vec<&str> = text.split('/').collect();
        let wrong = || Error::input(format!("`{text}` names no object")).hint(FORM);
        if parts.iter().any(|part| part.is_empty()) {
            return Err(wrong());
        }
        let (of, kind, name) = match parts[..] {
            [name] => (None, None, name),
            [word, name] => match kind_of(word) {
                Some(kind) => (None, Some(kind), name),
                None if crate::labels::is_label_value(word) && !word.contains(['.', '_']) => (Some(word), None, name),
                None => return Err(unknown_kind(word)),
            },
            [namespace, word, name] => {
                let kind = kind_of(word).ok_or_else(|| unknown_kind(word))?;
                (Some(namespace), Some(kind), name)
            }
            _ => return Err(wrong()),
        };
        if let (Some(own), Some(given)) = (of, namespace)
            && own != given
        {
            let problem = format!("`{text}` is in namespace {own}, and -n says {given}");
            return Err(Error::input(problem).hint("leave one of the two out"));
        }
        let namespace = of.or(namespace).map(str::to_owned);
        Ok(Reference { kind, namespace, name: name.to_owned() })
    }

    /// Is this object meant?
    #[must_use]
    pub fn means(&self, object: &Object) -> bool {
        self.kind.is_none_or(|kind| object.kind() == kind) && object.name() == self.name && self.is_in(object)
    }

    fn is_in(&self, object: &Object) -> bool {
        let namespaced = object.kind().namespaced();
        !namespaced || self.namespace.as_deref().is_none_or(|namespace| object.namespace() == namespace)
    }

    /// The one of these objects that is meant.
    ///
    /// # Errors
    /// Where it is none or more than one: then they are named.
    pub fn choose<'o>(&self, objects: impl IntoIterator<Item = &'o Object>) -> Result<&'o Object, Error> {
        let mut elsewhere = None;
        let mut found: Vec<&Object> = Vec::new();
        for object in objects {
            if self.means(object) {
                found.push(object);
            } else if object.name() == self.name && self.kind.is_none_or(|kind| kind == object.kind()) {
                elsewhere = Some(object);
            }
        }
        // What a Deployment made goes by the Deployment's name alone where both have it.
        match found[..] {
            [one] => Ok(one),
            [] => {
                let hint = elsewhere.map_or_else(|| FORM.to_owned(), |other| format!("there is {other}"));
                Err(Error::new(ErrorKind::NotFound, format!("there is no {self}")).hint(hint))
            }
            [first, .., last] => {
                let problem = format!("`{self}` may be {first} or {last}");
                Err(Error::input(problem).hint("say its kind and its namespace, as in shop/deploy/ads"))
            }
        }
    }
}

impl fmt::Display for Reference {
    /// `Deployment shop/ads`, `ads`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.namespace) {
            (Some(kind), namespace) => f.write_str(&kind.describe(namespace.as_deref().unwrap_or(""), &self.name)),
            (None, Some(namespace)) => write!(f, "{namespace}/{}", self.name),
            (None, None) => f.write_str(&self.name),
        }
    }
}

/// How objects are named.
const FORM: &str = "write ads, deploy/ads or shop/ads, with -n for the namespace (in Python namespace=)";

/// The kind of a word that kubectl takes: `Deployment`, `deployments`, `deploy`, `deployment.apps`, `deployments.v1.apps`.
#[must_use]
pub fn kind_of(word: &str) -> Option<Kind> {
    let lower = word.to_ascii_lowercase();
    let (name, group) = lower.split_once('.').map_or((&*lower, None), |(name, group)| (name, Some(group)));
    let is_group =
        |kind: Kind| group.is_none_or(|group| group == kind.group() || group.ends_with(&format!(".{}", kind.group())));
    let means = |kind: &&Kind| {
        let full = kind.name().to_ascii_lowercase();
        (name == full || name == kind.plural() || (!name.is_empty() && name == short(**kind))) && is_group(**kind)
    };
    Kind::ALL.iter().find(means).copied()
}

/// The error for a word that is no kind.
#[must_use]
pub fn unknown_kind(word: &str) -> Error {
    let kinds = Kind::ALL.iter().filter(|kind| kind.makes_pods()).map(|kind| match short(*kind) {
        "" => kind.name().to_owned(),
        short => format!("{} ({short})", kind.name()),
    });
    let kinds: Vec<String> = kinds.collect();
    Error::input(format!("`{word}` is not a kind that is known")).hint(format!("such are {}", kinds.join(", ")))
}

/// kubectl's short name; empty where it has none.
#[must_use]
pub fn short(kind: Kind) -> &'static str {
    match kind {
        Kind::Node => "no",
        Kind::Pod => "po",
        Kind::Namespace => "ns",
        Kind::Service => "svc",
        Kind::ReplicationController => "rc",
        Kind::ReplicaSet => "rs",
        Kind::Deployment => "deploy",
        Kind::StatefulSet => "sts",
        Kind::DaemonSet => "ds",
        Kind::CronJob => "cj",
        Kind::PriorityClass => "pc",
        Kind::LimitRange => "limits",
        Kind::ResourceQuota => "quota",
        Kind::PodDisruptionBudget => "pdb",
        Kind::PersistentVolume => "pv",
        Kind::PersistentVolumeClaim => "pvc",
        Kind::StorageClass => "sc",
        Kind::ServiceAccount => "sa",
        _ => "",
    }
}
