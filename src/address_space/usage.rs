//! The figures of /proc/PID/smaps.

/// How much of a mapping, or of several, is in memory, and in what state: each in
/// bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Its addresses. Of a whole process there is no such sum.
    pub size: u64,
    /// The size of its pages.
    pub page_size: u64,
    /// What is in memory.
    pub rss: u64,
    /// The same, each page divided by how often it is mapped.
    pub pss: u64,
    /// What is mapped elsewhere too, and not written since it is as on the disk.
    pub shared_clean: u64,
    /// What is mapped elsewhere too, and written.
    pub shared_dirty: u64,
    /// What is mapped here alone, and not written.
    pub private_clean: u64,
    /// What is mapped here alone, and written.
    pub private_dirty: u64,
    /// What was used of late.
    pub referenced: u64,
    /// What is no file's.
    pub anonymous: u64,
    /// Anonymous memory in huge pages.
    pub anon_huge_pages: u64,
    /// What is swapped out.
    pub swap: u64,
    /// What is locked in memory.
    pub locked: u64,
}

impl Usage {
    /// Sets a figure by the kernel's name for it; passes over others.
    pub(super) fn set(&mut self, name: &[u8], bytes: Option<u64>) {
        let place = match name {
            b"Size" => &mut self.size,
            b"KernelPageSize" => &mut self.page_size,
            b"Rss" => &mut self.rss,
            b"Pss" => &mut self.pss,
            b"Shared_Clean" => &mut self.shared_clean,
            b"Shared_Dirty" => &mut self.shared_dirty,
            b"Private_Clean" => &mut self.private_clean,
            b"Private_Dirty" => &mut self.private_dirty,
            b"Referenced" => &mut self.referenced,
            b"Anonymous" => &mut self.anonymous,
            b"AnonHugePages" => &mut self.anon_huge_pages,
            b"Swap" => &mut self.swap,
            b"Locked" => &mut self.locked,
            _ => return,
        };
        *place = bytes.unwrap_or(*place);
    }
}
