//! Loops over columns, for the widest vectors that the processor has.
//!
//! The loops stay plain. With the feature `simd` each is compiled on x86 for the baseline, for AVX2 and for AVX-512, and the
//! processor and the system are asked when it runs. Nothing is computed in another order or with another rounding, so results are the same
//! bit for bit.

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
    #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
    return pulp::Arch::new().dispatch(block);
    #[cfg(all(feature = "simd", not(feature = "std"), any(target_arch = "x86", target_arch = "x86_64")))]
    {
        if avx512::get()
            && let Some(wide) = pulp::x86::V4::try_new()
        {
            return wide.vectorize(block);
        }
        if avx2::get()
            && let Some(wide) = pulp::x86::V3::try_new()
        {
            return wide.vectorize(block);
        }
    }
    #[cfg(not(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64"))))]
    block()
}

// Without the standard library pulp asks the processor alone. A system that does not save the wide registers would end the
// program, so it is asked too: with XGETBV, for the state that these features need. (The unsafe code that asks is the crate's.)
#[cfg(all(feature = "simd", not(feature = "std"), any(target_arch = "x86", target_arch = "x86_64")))]
cpufeatures::new!(avx2, "avx2");
#[cfg(all(feature = "simd", not(feature = "std"), any(target_arch = "x86", target_arch = "x86_64")))]
cpufeatures::new!(avx512, "avx512f");

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
