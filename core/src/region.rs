//! From limits to the places of columns in one block of words, and from the block to typed columns.

/// A type of cells. Its shape is part of a block's layout: a block that was written with another one is refused.
pub(crate) trait Cell {
    /// The type in words: its name, or its fields.
    const SHAPE: &'static str;
}

macro_rules! cells {
    ($($ty:ident)*) => {
        $(impl Cell for $ty {
            const SHAPE: &'static str = stringify!($ty);
        })*
    };
}
cells!(u8 u16 u32 u64 i32 i64 f64);

/// FNV-1a, continued.
pub(crate) const fn hash(mut hash: u64, text: &str) -> u64 {
    let (bytes, mut at) = (text.as_bytes(), 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x100_0000_01b3);
        at += 1;
    }
    hash
}

/// Declares a region of the block: its columns with type and shape (rows × row length), the struct of typed
/// slices over them, its size, how it is carved, and how it is copied into a region with other limits.
///
/// A column starts with zeros, with the value after `=`, or with whatever lies in the memory where that is `unset`: such a
/// column is written before it is read, which another column vouches for, or the same call.
macro_rules! region {
    (@start $column:expr, $ty:ty, unset) => {};
    (@start $column:expr, $ty:ty,) => { $column.fill(<$ty as bytemuck::Zeroable>::zeroed()) };
    (@start $column:expr, $ty:ty, $init:tt) => { $column.fill($init) };
    ($(#[$doc:meta])* $vis:vis struct $name:ident {
        $($(#[$cdoc:meta])* $col:ident : $ty:ty [$rows:expr, $len:expr] $(= $init:tt)?),* $(,)?
    }) => {
        $(#[$doc])*
        $vis struct $name<'a> {
            /// How many rows each table holds.
            pub(crate) limits: crate::Limits,
            $($(#[$cdoc])* pub(crate) $col: &'a mut [$ty],)*
        }

        impl<'a> $name<'a> {
            /// How many words the region takes.
            #[must_use]
            pub(crate) fn words(l: &crate::Limits) -> usize {
                let mut words = 0usize;
                $(
                    let cells = (($rows)(l) as usize).saturating_mul(($len)(l) as usize);
                    let bytes = cells.saturating_mul(size_of::<$ty>());
                    words = words.saturating_add(bytes.div_ceil(8));
                )*
                words
            }

            /// A number that changes when a column's name, place, type or shape does.
            #[allow(dead_code, reason = "only state is ever saved")]
            pub(crate) const LAYOUT: u64 = {
                let mut sum = 0xcbf2_9ce4_8422_2325;
                $(
                    sum = crate::region::hash(sum, stringify!($col $rows, $len));
                    sum = crate::region::hash(sum, <$ty as crate::region::Cell>::SHAPE);
                )*
                sum
            };

            /// Cuts the region's columns off the memory; `None` where it is shorter than [`Self::words`] says. Every call of the C block door
            /// comes by here: sizes are computed once, each place depends on the one before by an addition alone, and nothing large is
            /// moved.
            #[inline(always)]
            pub(crate) fn carve(l: &crate::Limits, mem: &mut &'a mut [u64]) -> Option<Self> {
                // A column is cut from whole words.
                $(const { assert!(8 % size_of::<$ty>() == 0 || size_of::<$ty>() % 8 == 0) };)*
                $(
                    let count = (($rows)(l) as usize).checked_mul(($len)(l) as usize)?;
                    let words = count.checked_mul(size_of::<$ty>())?.div_ceil(8);
                    let (head, tail) = core::mem::take(mem).split_at_mut_checked(words)?;
                    *mem = tail;
                    let $col: &'a mut [$ty] = &mut bytemuck::cast_slice_mut::<u64, $ty>(head)[..count];
                )*
                Some(Self { limits: *l, $($col),* })
            }

            /// Empties the region.
            pub(crate) fn reset(&mut self) {
                $(crate::region::region!(@start self.$col, $ty, $($init)?);)*
            }

            /// Copies every row into a region of limits that are nowhere smaller.
            #[allow(dead_code, reason = "only state is ever copied")]
            pub(crate) fn copy_into(&self, into: &mut $name<'_>) {
                let (from, to) = (&self.limits, &into.limits);
                $(
                    let (rows, len) = (($rows)(from) as usize, ($len)(from) as usize);
                    let stride = ($len)(to) as usize;
                    for row in 0..rows {
                        into.$col[row * stride..row * stride + len]
                            .copy_from_slice(&self.$col[row * len..row * len + len]);
                    }
                )*
            }
        }
    };
}
pub(crate) use region;
