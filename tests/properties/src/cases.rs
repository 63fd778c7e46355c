//! Random clusters as case files (format: `../conformance/README.md`), so that the real scheduler can be the judge too.

use serde_json::{Value, json};

use crate::player::Player;
use crate::setup;
use crate::world::World;

/// Operations between two cases of a run.
const BETWEEN: usize = 20;

/// The cases of a run: the cluster as it is now and then, with its waiting pods to be scheduled one after the other.
///
/// # Errors
/// Where the two engines differ on the way.
pub fn cases(seed: u64, number: usize) -> Result<Vec<Value>, String> {
    let setup = setup(number);
    let mut world = World::new(seed.wrapping_add(number as u64));
    let mut player = Player::new(setup.version, setup.config.as_ref())?;
    for operation in world.first() {
        player.play(&operation)?;
    }
    let (mut cases, mut last) = (Vec::new(), None);
    for at in 1..=crate::RUN {
        let operation = world.next(last.as_ref());
        // Where the two engines differ, the case shows who is right.
        last = player.play(&operation).unwrap_or(None);
        if at % BETWEEN == 0 {
            let (objects, pending) = world.snapshot();
            cases.push(json!({ "name": format!("random-{seed}-{number:05}-{at:03}"), "config": setup.config,
                "objects": objects, "pending": pending }));
        }
    }
    Ok(cases)
}
