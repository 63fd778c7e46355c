//! Loops over columns, for the widest vectors that the processor has.
//!
//! The loops stay plain. With the feature `std` each is compiled for the baseline of the target, for AVX2 and for AVX-512, and
//! the processor is asked when it runs (a `no_std` program cannot ask it). Nothing is computed in another order or with
//! another rounding, so results are the same bit for bit.

/// Runs a block, compiled for wide vectors too. What it uses of its surroundings it takes by value, since a loop that reads a
/// number by reference is not vectorised. Functions that it calls must be `#[inline(always)]`: what is not inlined is compiled
/// for the baseline.
macro_rules! wide {
    ($block:expr) => {
        $crate::math::simd::run(
            #[inline(always)]
            move || $block,
        )
    };
}
pub(crate) use wide;

#[inline(always)]
pub(crate) fn run<R>(block: impl FnOnce() -> R) -> R {
    #[cfg(feature = "std")]
    return pulp::Arch::new().dispatch(block);
    #[cfg(not(feature = "std"))]
    block()
}

/// Whether any of the values is true: without a way out, so that it looks at several at a time.
#[inline(always)]
pub(crate) fn any(values: impl Iterator<Item = bool>) -> bool {
    values.fold(0u32, |any, value| any | u32::from(value)) != 0
}

/// How many of the values are true.
#[inline(always)]
pub(crate) fn count(values: impl Iterator<Item = bool>) -> u32 {
    values.fold(0u32, |count, value| count + u32::from(value))
}
