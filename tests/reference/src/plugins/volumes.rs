//! What the rules on volumes share.

use crate::version::Version;

use crate::cluster::Cluster;

/// Binds the pod's claims as far as its place on the node decides them.
pub(crate) fn reserve(_version: Version, _cluster: &mut Cluster, _pod: &str, _node: &str) -> Result<(), String> {
    Ok(())
}
