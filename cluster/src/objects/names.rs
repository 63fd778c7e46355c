//! Names: objects are told apart by them, so they must be there and must not run into one another.

use super::Object;
use crate::error::Error;

impl Object {
    /// Pods go by `namespace/name`: with a slash in one of the two, one pod could be taken for another.
    ///
    /// # Errors
    /// Names the object and the field.
    pub(crate) fn check_names(&self) -> Result<(), Error> {
        let namespace = if self.kind().namespaced() { self.namespace() } else { "" };
        for (name, field) in [(self.name(), "metadata.name"), (namespace, "metadata.namespace")] {
            if name.contains('/') {
                let error = Error::input(format!("{name:?} has a slash")).at(field).in_object(self.to_string());
                return Err(error.hint("legal are letters, digits, - and ."));
            }
        }
        if self.name().is_empty() {
            return Err(Error::input("it is missing").at("metadata.name").in_object(self.kind().to_string()));
        }
        Ok(())
    }
}
