//! A random cluster whose chance is the fuzzer's bytes: the library and the plain reference must decide the same.

use bayplan_properties::player::Player;
use bayplan_properties::random::Random;
use bayplan_properties::setup;
use bayplan_properties::world::World;

/// Operations of one input at most.
const MOST: usize = 60;

/// Plays the world that the bytes make. The first byte chooses the version and the configuration; 16 bytes make an operation, so
/// that an input says itself how long it is. Gives how many decisions both engines took.
///
/// # Panics
/// Where the two differ, with the operations that led there.
pub fn play(data: &[u8]) -> usize {
    let Some((number, bytes)) = data.split_first() else { return 0 };
    let setup = setup(usize::from(*number));
    let mut world = World::with(Random::of_bytes(bytes));
    let mut player = Player::new(setup.version, setup.config.as_ref()).expect("a sound configuration");
    let mut done = Vec::new();
    let (mut last, mut decided) = (None, 0);
    let first = world.first();
    let count = first.len() + MOST.min(bytes.len() / 16);
    let mut first = first.into_iter();
    for _ in 0..count {
        let operation = first.next().unwrap_or_else(|| world.next(last.as_ref()));
        done.push(operation.to_string());
        match player.play(&operation) {
            Ok(step) => {
                decided += usize::from(step.is_some());
                last = step;
            }
            Err(error) => panic!("version {}\n{}\n{error}", setup.version, done.join("\n")),
        }
    }
    decided
}
