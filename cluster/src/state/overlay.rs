//! Manifests of objects that the cluster has already.

use serde::{Deserialize, Serialize};

use crate::admit::{self, Context};
use crate::error::Error;
use crate::objects::{Kind, Object, Provenance};
use crate::state::{Cluster, key_of};

/// What becomes of a live object where a manifest of the same name comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overlay {
    /// The manifest is merged into it, as `kubectl apply` does: fields that the manifest does not have stay, unless the one that was applied
    /// before had them.
    #[default]
    Apply,
    /// The manifest takes its place, as with `kubectl replace`.
    Replace,
}

/// Has an API server made the object what it is?
fn is_live(object: &Object) -> bool {
    match &object.metadata().provenance {
        Provenance::Unsaid => !object.metadata().uid.is_empty(),
        Provenance::Live | Provenance::Kept(_) => true,
        Provenance::Written(_) | Provenance::Admitted(_) => false,
    }
}

impl Cluster {
    /// What becomes of live objects where manifests come.
    #[must_use]
    pub fn overlay(&self) -> Overlay {
        self.overlay
    }

    /// Admits a manifest, over the object of its name where there is one.
    ///
    /// # Errors
    /// Where a server would refuse it.
    pub(crate) fn admit_over(
        &self,
        object: Object,
        there: Option<&Object>,
        context: &Context<'_>,
    ) -> Result<Object, Error> {
        let Some(there) = there else { return admit::admit(object, context) };
        let mut object = match self.overlay {
            // One that was edited after `kubectl get` comes as a live one.
            _ if !object.is_written() => object,
            Overlay::Apply if is_live(there) => {
                let object = admit::applied(&object, there, context)?;
                admit::updated(&object, there, self.version())?;
                object
            }
            Overlay::Replace if is_live(there) => {
                let mut object = admit::admit(object, context)?;
                admit::updated(&object, there, self.version())?;
                object.metadata_mut().uid.clone_from(&there.metadata().uid);
                object
            }
            _ => admit::admit(object, context)?,
        };
        if object.kind().keeps_spec() {
            admit::note_change(&mut object, there);
        }
        Ok(object)
    }

    /// The object that has the name of another.
    pub(crate) fn namesake(&self, object: &Object) -> Option<Object> {
        let (kind, namespace, name) = (object.kind(), object.namespace(), object.name());
        match kind {
            Kind::Pod => self.pod(&key_of(namespace, name)).map(|pod| Object::from(pod.clone())),
            _ => self.object(kind, if kind.namespaced() { namespace } else { "" }, name).cloned(),
        }
    }

    /// Does a manifest change a live object, so that a user should know how?
    pub(crate) fn is_overlaid(&self, object: &Object, there: Option<&Object>) -> bool {
        object.is_written() && there.is_some_and(is_live)
    }

    /// What is said of objects that were changed by manifests.
    pub(crate) fn overlaid<'n>(&self, mut names: impl ExactSizeIterator<Item = &'n str>) -> Option<String> {
        let count = names.len();
        let first = names.next()?;
        let them = match count {
            1 => format!("{first} is live: the manifest"),
            2 => format!("{first} and another are live: the manifests"),
            _ => format!("{first} and {} more are live: the manifests", count - 1),
        };
        Some(match (self.overlay, count) {
            (Overlay::Apply, 1) => {
                format!("{them} is merged into it as `kubectl apply` does (--overlay replace takes it instead)")
            }
            (Overlay::Apply, _) => {
                format!("{them} are merged into them as `kubectl apply` does (--overlay replace takes them instead)")
            }
            (Overlay::Replace, 1) => format!("{them} takes its place as with `kubectl replace`"),
            (Overlay::Replace, _) => format!("{them} take their place as with `kubectl replace`"),
        })
    }
}
