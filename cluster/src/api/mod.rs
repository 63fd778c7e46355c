//! What an API server knows of objects whoever sends them: their fields, what it fills in, what it refuses.
//!
//! All of it works on the JSON of an object, as most fields that a server looks at are of no interest to a scheduler.
//! What depends on other objects of the cluster is admission: see [`crate::admit`].

pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod merge;
pub(crate) mod nulls;
pub(crate) mod schema;
pub(crate) mod stored;
pub(crate) mod validate;
pub(crate) mod view;
