//! What the program's allocator keeps for itself. Must never be called where something waits: it goes through
//! all that is free.

/// Bytes; where glibc begins. By itself it takes ever more for small.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: libc::c_int = 128 * 1024;

/// Has glibc keep less: large pieces always come from the system and go back to it, and there are two heaps
/// at most instead of eight a processor, each with holes of its own. To be called before there are other
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

/// Gives what is free back to the system. glibc keeps what was freed between two things that are still held:
/// after a full read of 100,000 people half of what the process had taken (docs/performance.md). Other
/// allocators do it by themselves.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[allow(unsafe_code)]
        // SAFETY: malloc_trim(3) takes no pointer and may be called at any time from any thread.
        let given = unsafe { libc::malloc_trim(0) };
        tracing::debug!(given = given == 1, "free memory was given back");
    }
}
