//! NodePorts: host ports.

use bayplan_core::plugins::node_ports::TAKEN;

use super::details::Details;
use super::{Entry, Text, filters};
use crate::compile::host_ports;
use crate::error::Error;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point),
    by_default: |_| Some(None),
    texts: &[(TAKEN, Text::Is("node(s) didn't have free ports for the requested pod ports"))],
    details: Some(details),
    ..Entry::NONE
};

/// Which host ports are held, and by whom.
fn details(of: &mut Details<'_>) -> Result<Vec<String>, Error> {
    let others = of.others();
    let mut out = Vec::new();
    for port in host_ports(of.pod) {
        let holder = others.iter().find(|(_, other)| host_ports(other).any(|held| port.excludes(&held)));
        let Some((holder, _)) = holder else { continue };
        let address = port.address.map_or(String::new(), |ip| format!("{ip}:"));
        let port = format!("{address}{}/{}", port.number, port.protocol);
        out.push(format!("host port {port} is held by pod {holder}"));
    }
    out.dedup();
    Ok(out)
}
