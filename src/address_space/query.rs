//! The mapping at one address.

use super::{AddressSpace, Device, Error, Mapping, Name, Sharing};
use crate::errno::Errno;
use crate::fd::AsFd;
use crate::flags::{ProcmapFlags, Prot};
use crate::sys::procmap::{ProcmapQuery, procmap_query};

impl AddressSpace {
    /// The mapping that holds this address, if one does. The buffer is as for
    /// [`maps`](Self::maps).
    ///
    /// From Linux 6.11 on this is one question (`PROCMAP_QUERY`). Before, the text of
    /// all mappings is read up to there.
    ///
    /// ```
    /// use baremap::Prot;
    /// use baremap::address_space::AddressSpace;
    /// let map = baremap::MapAnon::new(100)?;
    /// let mut buffer = [0; 8192];
    /// let found = AddressSpace::own().mapping_at(map.as_ptr().addr(), &mut buffer)?;
    /// assert!(found.is_some_and(|mapping| mapping.prot == Prot::READ | Prot::WRITE));
    /// assert_eq!(AddressSpace::own().mapping_at(0, &mut buffer)?, None);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`maps`](Self::maps) and its reader; `EINVAL`: the buffer is empty;
    /// `ENAMETOOLONG`: it has no room for the name.
    #[doc(alias = "PROCMAP_QUERY")]
    pub fn mapping_at(self, address: usize, buffer: &mut [u8]) -> Result<Option<Mapping<'_>>, Error> {
        let maps = self.open("maps")?;
        let mut query = ProcmapQuery::new(address, ProcmapFlags::empty());
        query.vma_name_addr = buffer.as_mut_ptr().expose_provenance() as u64;
        query.vma_name_size = buffer.len().try_into().unwrap_or(u32::MAX);
        // SAFETY: the buffer is this long, and borrowed; there is no place for a build
        // id; the size is the type's own.
        match unsafe { procmap_query(maps.as_fd().as_raw_fd(), &mut query) } {
            Ok(()) => Ok(Some(mapping(&query, buffer))),
            Err(Errno::ENOENT) => Ok(None),
            // qemu-user, which knows no such request, answers with the latter.
            Err(Errno::ENOTTY | Errno::ENOSYS) => self.mapping_in_text(address, buffer),
            Err(errno) => Err(errno.into()),
        }
    }

    /// The same from the text, for an older kernel.
    fn mapping_in_text(self, address: usize, buffer: &mut [u8]) -> Result<Option<Mapping<'_>>, Error> {
        let mut maps = self.maps(buffer)?;
        while let Some(mapping) = maps.next_mapping()? {
            if mapping.range().contains(&address) {
                return Ok(maps.into_last());
            }
        }
        Ok(None)
    }
}

/// A kernel's answer.
fn mapping<'a>(answer: &ProcmapQuery, buffer: &'a [u8]) -> Mapping<'a> {
    let mut prot = Prot::NONE;
    prot.set(Prot::READ, answer.vma_flags.contains(ProcmapFlags::VMA_READABLE));
    prot.set(Prot::WRITE, answer.vma_flags.contains(ProcmapFlags::VMA_WRITABLE));
    prot.set(Prot::EXEC, answer.vma_flags.contains(ProcmapFlags::VMA_EXECUTABLE));
    let shared = answer.vma_flags.contains(ProcmapFlags::VMA_SHARED);
    // Its size counts the NUL.
    let length = (answer.vma_name_size as usize).saturating_sub(1);
    Mapping {
        start: answer.vma_start as usize,
        end: answer.vma_end as usize,
        prot,
        sharing: if shared { Sharing::Shared } else { Sharing::Private },
        offset: answer.vma_offset,
        device: Device { major: answer.dev_major, minor: answer.dev_minor },
        inode: answer.inode,
        name: Name::alone(buffer.get(..length).unwrap_or_default()),
    }
}
