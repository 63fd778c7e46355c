//! Blocks: growth, forks, seals, and state from elsewhere.

use bayplan_core::{Error, Limits, Pick, PodDef, Scheduler, block_words, limits_of, seal, state_words, verify};
use bayplan_worlds::small::{World, larger, limits};

/// A block of the small world with three pods, not sealed.
fn block() -> Vec<u64> {
    let mut block = vec![0; block_words(&limits())];
    let mut s = Scheduler::init(&mut block, &limits()).expect("the limits are large enough");
    let w = World::build(&mut s).expect("the limits are large enough");
    let spec = s.add_spec(&w.spec()).expect("room");
    for node in [0, 1, 1] {
        s.bind(&PodDef::new(spec, w.app), w.nodes[node]).expect("room");
    }
    block
}

/// What the small world answers to its first spec.
fn answer(s: &mut Scheduler<'_>) -> Result<bayplan_core::Decision, Error> {
    s.decide(&bayplan_core::Request::new(bayplan_core::SpecId(0), bayplan_core::LabelClassId(0)), Pick::First)
}

#[test]
fn a_copy_into_larger_limits_answers_the_same() -> Result<(), Error> {
    let mut first = block();
    let mut s = Scheduler::open(&mut first)?;
    let before = answer(&mut s)?;
    let mut second = vec![0; block_words(&larger())];
    let mut grown = s.copy_into(&mut second, &larger())?;
    assert_eq!(*grown.limits(), larger());
    assert_eq!(answer(&mut grown)?, before);
    assert_eq!(grown.recount()?, s.recount()?);
    for table in Limits::NAMES {
        assert_eq!(grown.used(table), s.used(table), "{table}");
    }
    // The copy lives for itself.
    let (spec, labels) = (bayplan_core::SpecId(0), bayplan_core::LabelClassId(0));
    for _ in 0..6 {
        grown.bind(&PodDef::new(spec, labels), bayplan_core::NodeId(1))?;
    }
    // Node 1 is full now: two and six of eight CPUs.
    assert_eq!(answer(&mut grown)?.feasible, 1);
    assert_eq!(answer(&mut s)?, before);
    Ok(())
}

#[test]
fn a_copy_into_smaller_limits_is_refused() -> Result<(), Error> {
    let mut first = block();
    let s = Scheduler::open(&mut first)?;
    let mut second = vec![0; block_words(&larger())];
    for name in Limits::NAMES {
        let mut few = limits();
        let limit = few.named(name).expect("a limit of that name");
        let Some(less) = limit.checked_sub(1) else { continue };
        *limit = less;
        let found = s.copy_into(&mut second, &few).err();
        match found {
            // Caches may be smaller.
            None => assert!(name.starts_with("cached"), "{name}"),
            Some(error) => assert_eq!(error, Error::OutOfRange { field: name, most: u64::from(less) }),
        }
    }
    let short = block_words(&limits()) - 1;
    let found = s.copy_into(&mut second[..short], &limits()).err();
    assert_eq!(found, Some(Error::TooSmall { words: short, needed: short + 1 }));
    Ok(())
}

#[test]
fn sealed_state_opens_elsewhere() -> Result<(), Error> {
    let mut first = block();
    let before = answer(&mut Scheduler::open(&mut first)?)?;
    let words = seal(&mut first)?.len();
    assert_eq!(words, state_words(&limits()));
    assert_eq!(limits_of(&first)?, limits());
    let mut second = vec![u64::MAX; block_words(&limits())];
    second[..words].copy_from_slice(&first[..words]);
    verify(&mut second)?;
    assert_eq!(answer(&mut Scheduler::attach(&mut second)?)?, before);
    assert_eq!(answer(&mut Scheduler::fork(&mut second)?)?, before);
    for at in [0, words / 3, words - 1] {
        second[..words].copy_from_slice(&first[..words]);
        second[at] ^= 1 << 20;
        assert!(verify(&mut second).is_err(), "word {at} was changed");
    }
    Ok(())
}

#[test]
fn what_is_no_block_is_refused() {
    let whole = block();
    let refused = |change: &dyn Fn(&mut Vec<u64>)| {
        let mut block = whole.clone();
        change(&mut block);
        Scheduler::attach(&mut block).err().expect("it is no block")
    };
    assert_eq!(refused(&|block| block[0] = 0), Error::Corrupt { table: "header" });
    assert!(matches!(refused(&|block| block[2] ^= 1), Error::OtherLayout { .. }));
    assert_eq!(refused(&|block| block[3] = u64::MAX), Error::Corrupt { table: "header" });
    assert!(matches!(refused(&|block| block.truncate(block.len() - 1)), Error::TooSmall { .. }));
    assert_eq!(refused(&|block| block.truncate(2)), Error::Corrupt { table: "header" });
    assert_eq!(refused(&|block| block.clear()), Error::Corrupt { table: "header" });
    let mut sound = whole.clone();
    Scheduler::attach(&mut sound).expect("the block as it was made");
}

/// Each word of the state is filled with ones in turn: the block is refused, or still answers. No word makes it panic.
#[test]
fn any_word_may_be_damaged() -> Result<(), Error> {
    let whole = block();
    let words = state_words(&limits());
    let (mut refused, mut taken) = (0, 0);
    for at in 0..words {
        for value in [u64::MAX, 1, whole[at] ^ 1 << 31] {
            let mut block = whole.clone();
            block[at] = value;
            match Scheduler::attach(&mut block) {
                Err(_) => refused += 1,
                Ok(mut s) => {
                    taken += 1;
                    let _ = answer(&mut s);
                    let _ = s.unbind(bayplan_core::PodId(1));
                    let _ = answer(&mut s);
                }
            }
        }
    }
    // Most words are free rows, or numbers that may be anything.
    assert!(refused > 300 && taken > words, "{refused} refused, {taken} taken of {words} words");
    Ok(())
}
