//! What the program's allocator keeps for itself. Must never be called where something waits: it goes through all that is free.

/// Gives what is free back to the system. glibc keeps what was freed between two things that are still held: after a full read of
/// 100,000 people half of what the process had taken (docs/performance.md). Other allocators do it by themselves.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[allow(unsafe_code)]
        // SAFETY: malloc_trim(3) takes no pointer and may be called at any time from any thread.
        let given = unsafe { libc::malloc_trim(0) };
        tracing::debug!(given = given == 1, "free memory was given back");
    }
}
