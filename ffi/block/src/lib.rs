//! The core for programs in C: see `include/bayplan_core.h`. All that is unsafe of it lies here: pointers are checked, and never kept.
#![no_std]

mod decide;
mod fault;
mod guard;
mod memory;
mod node;
mod pod;
mod preempt;
mod profile;
mod request;
mod rows;
mod selector;
mod spec;
mod storage;
mod terms;

/// There is no unwinder and nobody to tell: an instruction that no processor runs.
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        // SAFETY: it touches no memory and does not come back.
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        unsafe {
            core::arch::asm!("ud2", options(noreturn));
        }
        // SAFETY: it touches no memory.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            core::arch::asm!("brk #1");
        }
        // SAFETY: it touches no memory.
        #[cfg(target_arch = "arm")]
        unsafe {
            core::arch::asm!("udf #1");
        }
        // SAFETY: it touches no memory.
        #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
        unsafe {
            core::arch::asm!("unimp");
        }
    }
}
