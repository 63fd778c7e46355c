//! The border: every pointer checked.

use core::ffi::c_void;
use core::mem::{MaybeUninit, align_of, size_of};

use bayplan_core::Scheduler;

use crate::fault::{BAYPLAN_CORE_OK, Fault, Status};

/// The most entries of a list that is changed into the core's own form.
pub(crate) const MOST: usize = 512;

/// Runs a call; where it fails, `fault` is written unless it is null.
///
/// # Safety
/// `fault` is null or may be written.
pub(crate) unsafe fn call(fault: *mut Fault, body: impl FnOnce() -> Result<(), Fault>) -> Status {
    let Err(found) = body() else { return BAYPLAN_CORE_OK };
    if !fault.is_null() {
        // SAFETY: not null, and the caller lets it be written; alignment is not relied on.
        unsafe { fault.write_unaligned(found) };
    }
    found.status
}

/// A block's memory.
///
/// # Safety
/// `block` is null or points to `size` bytes that nobody else uses.
pub(crate) unsafe fn words<'a>(block: *mut c_void, size: usize) -> Result<&'a mut [u64], Fault> {
    check(block, size)?;
    // SAFETY: not null, aligned, no longer than an object can be, and as above.
    Ok(unsafe { core::slice::from_raw_parts_mut(block.cast(), size / size_of::<u64>()) })
}

/// The same to read.
///
/// # Safety
/// `block` is null or points to `size` bytes that nobody writes.
pub(crate) unsafe fn words_of<'a>(block: *const c_void, size: usize) -> Result<&'a [u64], Fault> {
    check(block, size)?;
    // SAFETY: not null, aligned, no longer than an object can be, and as above.
    Ok(unsafe { core::slice::from_raw_parts(block.cast(), size / size_of::<u64>()) })
}

fn check(block: *const c_void, size: usize) -> Result<(), Fault> {
    if block.is_null() {
        return Err(Fault::argument("block is null"));
    }
    if !block.addr().is_multiple_of(align_of::<u64>()) {
        return Err(Fault::argument("block is not aligned to 8 bytes"));
    }
    if isize::try_from(size).is_err() {
        return Err(Fault::argument("size"));
    }
    Ok(())
}

/// Opens a block in `place`, so that nothing large is moved: every call comes by here.
///
/// # Safety
/// As [`words`].
#[inline(always)]
pub(crate) unsafe fn open<'s, 'a>(
    place: &'s mut Option<Scheduler<'a>>,
    block: *mut c_void,
    size: usize,
) -> Result<&'s mut Scheduler<'a>, Fault> {
    // SAFETY: as above.
    Ok(Scheduler::open_in(place, unsafe { words(block, size) }?)?)
}

/// A list of the caller's.
///
/// # Safety
/// `data` is null or points to `count` values that nobody writes, each of which is a legal `T`.
pub(crate) unsafe fn list<'a, T>(data: *const T, count: usize, name: &str) -> Result<&'a [T], Fault> {
    if count == 0 {
        return Ok(&[]);
    }
    check_list(data, count, name)?;
    // SAFETY: not null, aligned, no longer than an object can be, and as above.
    Ok(unsafe { core::slice::from_raw_parts(data, count) })
}

/// A list of the caller's to write to.
///
/// # Safety
/// `data` is null or points to `count` values that nobody else uses, each of which is a legal `T`.
pub(crate) unsafe fn array<'a, T>(data: *mut T, count: usize, name: &str) -> Result<&'a mut [T], Fault> {
    if count == 0 {
        return Ok(&mut []);
    }
    check_list(data, count, name)?;
    // SAFETY: not null, aligned, no longer than an object can be, and as above.
    Ok(unsafe { core::slice::from_raw_parts_mut(data, count) })
}

fn check_list<T>(data: *const T, count: usize, name: &str) -> Result<(), Fault> {
    let fits = count.checked_mul(size_of::<T>()).is_some_and(|bytes| isize::try_from(bytes).is_ok());
    let is_there = !data.is_null() && data.addr().is_multiple_of(align_of::<T>());
    if fits && is_there { Ok(()) } else { Err(Fault::argument(name)) }
}

/// Where a result goes.
pub(crate) fn out<T>(to: *mut T, name: &str) -> Result<Out<T>, Fault> {
    if to.is_null() || !to.addr().is_multiple_of(align_of::<T>()) {
        return Err(Fault::argument(name));
    }
    Ok(Out(to))
}

/// A place that was checked.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Writes a result.
    ///
    /// # Safety
    /// The place may be written.
    pub(crate) unsafe fn write(self, value: T) {
        // SAFETY: not null, aligned, and as above.
        unsafe { self.0.write(value) };
    }
}

/// A struct that may grow: `struct_size` stands first. What a newer caller knows and this library does not must be zero.
///
/// # Safety
/// `from` is null or points to as many bytes as its first word says, which nobody writes. `T` is legal whatever bytes it has.
pub(crate) unsafe fn versioned<T: Copy>(from: *const T, name: &str) -> Result<T, Fault> {
    if from.is_null() || !from.addr().is_multiple_of(align_of::<T>()) {
        return Err(Fault::argument(name));
    }
    // SAFETY: not null, aligned, and the first word is there.
    let size = unsafe { from.cast::<u32>().read() } as usize;
    // There was no earlier version: a smaller struct was never one.
    if !(size_of::<T>()..=1 << 16).contains(&size) {
        return Err(Fault::argument("struct_size"));
    }
    // SAFETY: there are as many bytes as `size` says.
    let rest = unsafe { core::slice::from_raw_parts(from.cast::<u8>().add(size_of::<T>()), size - size_of::<T>()) };
    if rest.iter().any(|byte| *byte != 0) {
        return Err(Fault::argument("struct_size"));
    }
    // SAFETY: not null, aligned, whole, and any bytes are legal.
    Ok(unsafe { from.read() })
}

/// A list in the core's own form, on the stack.
pub(crate) struct Listed<T, const N: usize = MOST> {
    items: [MaybeUninit<T>; N],
    count: usize,
}

impl<T: Copy, const N: usize> Listed<T, N> {
    /// Changes each entry.
    pub(crate) fn of<F>(from: &[F], name: &str, each: impl Fn(&F) -> Result<T, Fault>) -> Result<Self, Fault> {
        if from.len() > N {
            return Err(Fault::limit(name, N));
        }
        let mut listed = Listed { items: [const { MaybeUninit::uninit() }; N], count: 0 };
        for item in from {
            listed.items[listed.count].write(each(item)?);
            listed.count += 1;
        }
        Ok(listed)
    }

    /// The list.
    pub(crate) fn all(&self) -> &[T] {
        // SAFETY: the first `count` were written.
        unsafe { core::slice::from_raw_parts(self.items.as_ptr().cast(), self.count) }
    }
}
