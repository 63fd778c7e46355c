//! NodeResourcesBalancedAllocation: how evenly CPU and memory are used.

use super::arguments::weighted;
use super::{Arguments, Entry, scores};
use crate::config::{Args, BalancedArgs, raw, wrong};
use crate::error::Error;
use crate::requests::{CPU, MEMORY};

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| scores(point),
    by_default: |_| Some(Some(1)),
    configure: Some(configure),
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    args.balanced = balanced(given.typed()?, given.path)?;
    Ok(())
}

fn balanced(raw: raw::NodeResourcesBalancedAllocationArgs, path: &str) -> Result<BalancedArgs, Error> {
    let mut resources = Vec::new();
    for (i, (name, weight)) in weighted(raw.resources).into_iter().enumerate() {
        let path = format!("{path}.resources[{i}]");
        if weight != 1 {
            return Err(wrong(format!("{path}.weight"), format!("the weight {weight} of {name} must be 1")));
        }
        if resources.contains(&name) {
            return Err(wrong(format!("{path}.name"), format!("`{name}` stands here twice")));
        }
        resources.push(name);
    }
    if resources.is_empty() {
        resources = vec![CPU.to_owned(), MEMORY.to_owned()];
    }
    Ok(BalancedArgs { resources })
}
