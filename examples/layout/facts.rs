//! What the kernel knows of a program's parts, beside its mappings.

use baremap::address_space::{AddressSpace, Device, Error, Name};
use baremap::sys::process::{Pid, Resource, prlimit64};
use baremap::{CPathBuf, Errno, File};

use crate::line::Line;

/// Addresses of a process, each 0 if the kernel does not tell.
#[derive(Clone, Copy)]
pub struct Facts {
    /// Of the program's code.
    pub start_code: usize,
    /// Of the stack when the program started: above it are its arguments.
    pub start_stack: usize,
    /// Of the initialized data, and where it ends.
    pub start_data: usize,
    pub end_data: usize,
    /// Of the heap.
    pub start_heap: usize,
    /// Where this process's own heap ends; of another's, its mapping tells.
    pub end_heap: usize,
    /// How large the stack may get.
    pub stack_limit: Option<usize>,
    /// The file of the program: its device and its number there.
    pub program: Option<(Device, u64)>,
}

impl Facts {
    /// Reads /proc/PID/stat, in whose fields 26 and on these addresses are.
    pub fn read(pid: Option<Pid>) -> Result<Self, Error> {
        let path = match pid {
            None => Line::new(format_args!("/proc/self/stat")),
            Some(pid) => Line::new(format_args!("/proc/{pid}/stat")),
        };
        let mut text = [0; 1024];
        let length = File::open(&CPathBuf::new(path.as_str())?)?.read_at(&mut text, 0)?;
        let text = text.get(..length).unwrap_or_default();
        // The name of the program may have spaces and parentheses.
        let fields = text.rsplit(|&byte| byte == b')').next().unwrap_or_default();
        let field = |number: usize| {
            // The first field after the name is the third.
            let mut words = fields.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            let word = words.nth(number - 3).and_then(|word| core::str::from_utf8(word).ok());
            word.and_then(|word| word.parse().ok()).unwrap_or(0)
        };
        let limit = prlimit64(pid.unwrap_or(0), Resource::STACK, None).ok();
        let mut facts = Self {
            start_code: field(26),
            start_stack: field(28),
            start_data: field(45),
            end_data: field(46),
            start_heap: field(47),
            end_heap: 0,
            stack_limit: limit
                .and_then(|limit| limit.rlim_cur.try_into().ok())
                .filter(|&size| size != usize::MAX),
            program: None,
        };
        facts.program = facts.file_of_program(pid.map_or(AddressSpace::own(), AddressSpace::of))?;
        Ok(facts)
    }

    /// The file that the program's code is mapped from: if nobody tells where that
    /// is, the lowest that is mapped.
    fn file_of_program(&self, space: AddressSpace) -> Result<Option<(Device, u64)>, Error> {
        let mut buffer = [0; 8192];
        let mut maps = space.maps(&mut buffer)?;
        while let Some(mapping) = maps.next_mapping()? {
            let named = matches!(mapping.name, Name::File(_) | Name::Deleted(_));
            if mapping.range().contains(&self.start_code) || self.start_code == 0 && named {
                return Ok(Some((mapping.device, mapping.inode)));
            }
        }
        // What has no mapping has no program: a thread of the kernel's, or what has ended.
        Err(Errno::ESRCH.into())
    }
}
