//! The core for programs in C: see `include/bayplan_core.h`. All that is unsafe of it lies here: pointers are checked, and never kept.
#![no_std]
#![allow(clippy::missing_safety_doc, reason = "the header says once for all what callers must keep to")]

pub mod decide;
pub mod fault;
pub mod guard;
pub mod memory;
pub mod node;
pub mod on_node;
pub mod pod;
pub mod preempt;
pub mod profile;
pub mod request;
pub mod rows;
pub mod selector;
pub mod spec;
pub mod storage;
pub mod terms;

/// There is no unwinder and nobody to tell: an instruction that no processor runs.
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: none of them touches memory.
    unsafe {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        core::arch::asm!("ud2");
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("brk #1");
        #[cfg(target_arch = "arm")]
        core::arch::asm!("udf #1");
        #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
        core::arch::asm!("unimp");
    }
    loop {
        core::hint::spin_loop();
    }
}
