//! What a static executable's headers say, believed only after it was checked.
//!
//! ```text
//! the file                           the memory
//!                                    ┌────────────────┐ higher
//!                                    │ zeros (bss)    │ rw-  of no file
//! ┌────────────────┐                 ├────────────────┤
//! │ data           │ ─── private ──▶ │ data           │ rw-
//! │ text           │ ─── private ──▶ │ text           │ r-x
//! │ constants      │ ─── private ──▶ │ constants      │ r--
//! │ headers        │                 └────────────────┘ lower
//! └────────────────┘ first byte
//! ```

use core::fmt;

/// How many bytes the header of a 64-bit file has.
pub const HEADER: usize = 64;

/// How many bytes a program header has.
pub const ENTRY: usize = 56;

/// How many program headers a file may have here.
pub const MOST: usize = 64;

/// No program lies higher: from there on, addresses are the kernel's, or nobody's.
const TOP: u64 = 1 << 47;

/// How many bytes a program may span: more is a mistake, or a trick.
const LARGEST: u64 = 1 << 32;

const EXEC: u16 = 2;
const DYN: u16 = 3;

const LOAD: u32 = 1;
const INTERP: u32 = 3;
const GNU_STACK: u32 = 0x6474_e551;

/// What is wrong, and with which program header if with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub number: Option<usize>,
    pub fault: Fault,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    AlignedOddly,
    AtNothing,
    DynamicProgram,
    EndsInHeader,
    EndsInSegment,
    EndsInTable,
    EntryOutside,
    ExecutableStack,
    FileLarger,
    NoElf,
    NoSegment,
    NotForHere,
    NotSixtyFour,
    NotStarted,
    OtherMachine(u16),
    OtherVersion,
    Overlap,
    PastTop,
    SizeOfEntries(u16),
    TooLarge,
    TooMany(u16),
    WritableCode,
    ZerosReadOnly,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.number {
            write!(f, "program header {number}: ")?;
        }
        f.write_str(match self.fault {
            Fault::AlignedOddly => "address, offset and alignment do not fit each other",
            Fault::AtNothing => "it would lie at address 0",
            Fault::DynamicProgram => {
                "a dynamic program, which wants an interpreter: only static ones are loaded"
            }
            Fault::EndsInHeader => "the file ends within its header",
            Fault::EndsInSegment => "the file ends before the segment does",
            Fault::EndsInTable => "the file ends before its program headers do",
            Fault::EntryOutside => "it would start where no code is",
            Fault::ExecutableStack => "it wants a stack that is code",
            Fault::FileLarger => "more bytes in the file than in memory",
            Fault::NoElf => "no ELF file",
            Fault::NoSegment => "nothing to load",
            Fault::NotForHere => "big-endian, or for another system than Linux",
            Fault::NotSixtyFour => "not a 64-bit program",
            Fault::NotStarted => "neither a program nor a position-independent one",
            Fault::OtherMachine(machine) => return write!(f, "for another machine, number {machine}"),
            Fault::OtherVersion => "an unknown version of ELF",
            Fault::Overlap => "it overlaps the segment before it, shares a page with it, or is not above it",
            Fault::PastTop => "it passes the end of what is a program's address space",
            Fault::SizeOfEntries(size) => return write!(f, "program headers of {size} bytes"),
            Fault::TooLarge => "it would take more than 4 GiB from its first byte to its last",
            Fault::TooMany(count) => return write!(f, "{count} program headers, more than {MOST}"),
            Fault::WritableCode => "both writable and executable",
            Fault::ZerosReadOnly => "zeros to be filled in where nothing may be written",
        })
    }
}

impl From<Fault> for Malformed {
    fn from(fault: Fault) -> Self {
        Self { number: None, fault }
    }
}

/// Bytes of a header, from one place on.
fn field<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Fault> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(Fault::EndsInTable)
}

fn half(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    field(bytes, at).map(u16::from_le_bytes)
}

fn word(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    field(bytes, at).map(u32::from_le_bytes)
}

fn double(bytes: &[u8], at: usize) -> Result<u64, Fault> {
    field(bytes, at).map(u64::from_le_bytes)
}

/// The number of the machine that a header is for.
pub fn machine(header: &[u8; HEADER]) -> u16 {
    let [.., low, high] = header.first_chunk::<20>().copied().unwrap_or_default();
    u16::from_le_bytes([low, high])
}

/// The header of a file.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Whether its addresses are fixed, or the loader's choice.
    pub fixed: bool,
    pub entry: u64,
    pub table: u64,
    pub count: usize,
}

impl Header {
    /// Reads a header; `machine` is this machine's number.
    pub fn read(bytes: &[u8; HEADER], machine: u16) -> Result<Self, Fault> {
        let [magic @ .., class, order, version, system] =
            bytes.first_chunk::<8>().copied().unwrap_or_default();
        if magic != *b"\x7fELF" {
            return Err(Fault::NoElf);
        }
        if class != 2 {
            return Err(Fault::NotSixtyFour);
        }
        // 0 is the system that ELF comes from, 3 is Linux.
        if order != 1 || !matches!(system, 0 | 3) {
            return Err(Fault::NotForHere);
        }
        if version != 1 || word(bytes, 20)? != 1 {
            return Err(Fault::OtherVersion);
        }
        let found = self::machine(bytes);
        if found != machine {
            return Err(Fault::OtherMachine(found));
        }
        let fixed = match half(bytes, 16)? {
            EXEC => true,
            DYN => false,
            _ => return Err(Fault::NotStarted),
        };
        let (size, count) = (half(bytes, 54)?, half(bytes, 56)?);
        if usize::from(size) != ENTRY && count != 0 {
            return Err(Fault::SizeOfEntries(size));
        }
        if usize::from(count) > MOST {
            return Err(Fault::TooMany(count));
        }
        Ok(Self { fixed, entry: double(bytes, 24)?, table: double(bytes, 32)?, count: count.into() })
    }
}

/// A part of the file that becomes memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Segment {
    pub address: u64,
    pub in_memory: u64,
    pub offset: u64,
    pub in_file: u64,
    pub alignment: u64,
    pub writable: bool,
    pub executable: bool,
}

impl Segment {
    /// Its first byte's page.
    pub fn start(&self, page: u64) -> u64 {
        self.address & !(page - 1)
    }

    /// The end of its last byte's page: below the top of the address space, so
    /// nothing overflows.
    pub fn end(&self, page: u64) -> u64 {
        (self.address + self.in_memory).next_multiple_of(page)
    }

    fn read(entry: &[u8]) -> Result<Self, Fault> {
        let flags = word(entry, 4)?;
        Ok(Self {
            address: double(entry, 16)?,
            in_memory: double(entry, 40)?,
            offset: double(entry, 8)?,
            in_file: double(entry, 32)?,
            alignment: double(entry, 48)?,
            writable: flags & 2 != 0,
            executable: flags & 1 != 0,
        })
    }

    fn check(&self, file: u64, page: u64) -> Result<(), Fault> {
        if self.in_file > self.in_memory {
            return Err(Fault::FileLarger);
        }
        if self.offset.checked_add(self.in_file).is_none_or(|end| end > file) {
            return Err(Fault::EndsInSegment);
        }
        if self.address.checked_add(self.in_memory).is_none_or(|end| end > TOP) {
            return Err(Fault::PastTop);
        }
        let alike = (self.address ^ self.offset) & (page - 1) == 0;
        // An alignment of 0 or 1 is none.
        let aligned = self.alignment & self.alignment.wrapping_sub(1) == 0 && self.alignment <= LARGEST;
        if !aligned || self.in_file != 0 && !alike {
            return Err(Fault::AlignedOddly);
        }
        if self.writable && self.executable {
            return Err(Fault::WritableCode);
        }
        if self.in_memory > self.in_file && !self.writable {
            return Err(Fault::ZerosReadOnly);
        }
        Ok(())
    }
}

/// What is to be mapped, checked.
#[derive(Clone, Copy, Debug)]
pub struct Image {
    pub header: Header,
    segments: [Segment; MOST],
    count: usize,
}

impl Image {
    /// Reads the program headers of a file that has `file` bytes.
    pub fn read(header: Header, table: &[u8], file: u64, page: u64) -> Result<Self, Malformed> {
        let mut image = Self { header, segments: [Segment::default(); MOST], count: 0 };
        for (number, entry) in table.chunks(ENTRY).take(header.count).enumerate() {
            image.take(entry, file, page).map_err(|fault| Malformed { number: Some(number), fault })?;
        }
        if image.segments().is_empty() {
            return Err(Fault::NoSegment.into());
        }
        let (start, end) = image.range(page);
        if end - start > LARGEST {
            return Err(Fault::TooLarge.into());
        }
        let starts = |segment: &Segment| {
            segment.executable && header.entry.wrapping_sub(segment.address) < segment.in_file
        };
        if !image.segments().iter().any(starts) {
            return Err(Fault::EntryOutside.into());
        }
        Ok(image)
    }

    /// Takes one program header.
    fn take(&mut self, entry: &[u8], file: u64, page: u64) -> Result<(), Fault> {
        let segment = Segment::read(entry)?;
        match word(entry, 0)? {
            INTERP => return Err(Fault::DynamicProgram),
            GNU_STACK if segment.executable => return Err(Fault::ExecutableStack),
            LOAD if segment.in_memory != 0 => {}
            _ => return Ok(()),
        }
        segment.check(file, page)?;
        let start = segment.start(page);
        if self.header.fixed && start == 0 {
            return Err(Fault::AtNothing);
        }
        if self.segments().last().is_some_and(|last| start < last.end(page)) {
            return Err(Fault::Overlap);
        }
        if let Some(place) = self.segments.get_mut(self.count) {
            *place = segment;
            self.count += 1;
        }
        Ok(())
    }

    /// The segments, the lowest first; there is at least one.
    pub fn segments(&self) -> &[Segment] {
        self.segments.get(..self.count).unwrap_or_default()
    }

    /// From where to where it wants to be.
    pub fn range(&self, page: u64) -> (u64, u64) {
        let start = self.segments().first().map_or(0, |first| first.start(page));
        (start, self.segments().last().map_or(start, |last| last.end(page)))
    }

    /// The largest alignment that a segment asks for.
    pub fn alignment(&self, page: u64) -> u64 {
        self.segments().iter().map(|segment| segment.alignment).fold(page, u64::max)
    }

    /// The address of its program headers, if a segment has them.
    pub fn headers(&self) -> Option<u64> {
        let Header { table, count, .. } = self.header;
        let length = (count * ENTRY) as u64;
        self.segments()
            .iter()
            .filter(|segment| segment.offset <= table && table - segment.offset < segment.in_file)
            .find(|segment| length <= segment.in_file - (table - segment.offset))
            .map(|segment| segment.address + (table - segment.offset))
    }
}
