//! The memory that the program's allocator keeps. Must never be called where something waits: it walks
//! through all free memory.

/// Bytes; glibc's initial value. By default glibc raises it while the program runs.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: libc::c_int = 128 * 1024;

/// Makes glibc keep less: large blocks always come from the system and return to it, and there are at most
/// two heaps instead of eight per processor, each with holes of its own. Call it before there are other
/// threads.
pub fn begin() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (option, value) in [
        (libc::M_MMAP_THRESHOLD, LARGE),
        (libc::M_TRIM_THRESHOLD, LARGE),
        (libc::M_ARENA_MAX, 2),
    ] {
        #[allow(unsafe_code)]
        // SAFETY: mallopt(3) takes two numbers; one that is not understood changes nothing.
        unsafe {
            libc::mallopt(option, value);
        }
    }
}

/// Returns free memory to the system. glibc keeps what was freed between two blocks in use: after a full read
/// of 100,000 people half of the process's memory (docs/performance.md). Other allocators return it by
/// themselves.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[allow(unsafe_code)]
        // SAFETY: malloc_trim(3) takes no pointer and may be called at any time from any thread.
        let given = unsafe { libc::malloc_trim(0) };
        tracing::debug!(given = given == 1, "free memory was given back");
    }
}
