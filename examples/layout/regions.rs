//! The parts of an address space, by the lecture's names.

use core::fmt::Write;
use core::ops::Range;

use baremap::Prot;
use baremap::address_space::{AddressSpace, Error, Mapping, Name, Sharing};
use baremap::sys::process::Pid;

use crate::facts::Facts;
use crate::line::{Line, Shown, Size};

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The kernel's, which the lecture's picture has not.
    Kernel,
    Arguments,
    Stack,
    Mapping,
    Heap,
    Bss,
    Data,
    /// Read-only data, which the lecture counts as text.
    Constants,
    Text,
    /// What the program's file leaves out between its parts, where that is reserved.
    Hole,
    /// Nothing is there, and the stack may grow into it, or the heap, or both.
    StackRoom,
    HeapRoom,
    Room,
    /// Nothing is there.
    Gap,
}

impl Kind {
    /// Whether nothing is there.
    pub fn is_gap(self) -> bool {
        matches!(self, Self::StackRoom | Self::HeapRoom | Self::Room | Self::Gap)
    }
}

/// A range of addresses.
#[derive(Clone, Copy)]
pub struct Region {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    pub label: Line,
    /// Where the machine differs from the lecture, or what else is to be said.
    pub remark: Line,
    /// Which combinations of rights are in it, each a bit.
    rights: u8,
    sharing: Sharing,
}

impl Region {
    const NONE: Self = Self {
        start: 0,
        end: 0,
        kind: Kind::Gap,
        label: Line::EMPTY,
        remark: Line::EMPTY,
        rights: 0,
        sharing: Sharing::Private,
    };

    pub fn size(&self) -> Size {
        Size(self.end - self.start)
    }

    /// Its rights, as `rw-p`, or of several mappings `r-- r-x`.
    pub fn rights(&self) -> Line {
        let mut line = Line::EMPTY;
        let several = self.rights.count_ones() > 1;
        for bits in (0..8).filter(|bits| self.rights >> bits & 1 == 1) {
            let letter = |right: Prot, letter| if bits & right.bits() != 0 { letter } else { '-' };
            let space = if line.as_str().is_empty() { "" } else { " " };
            let letters = [letter(Prot::READ, 'r'), letter(Prot::WRITE, 'w'), letter(Prot::EXEC, 'x')];
            let _ = line.write_str(space);
            let _ = letters.iter().try_for_each(|&letter| line.write_char(letter));
        }
        if !several && self.rights != 0 {
            let _ = line.write_str(if self.sharing == Sharing::Shared { "s" } else { "p" });
        }
        line
    }
}

/// Where addresses are the kernel's, whichever the machine: the upper half of all.
const KERNEL: usize = 1 << (usize::BITS - 1);

/// How many parts there are at most. What more is mapped is drawn as one.
const ROOM: usize = 48;

/// An address space's parts, without what is empty.
pub struct Regions {
    list: [Region; ROOM],
    count: usize,
    facts: Facts,
}

impl Regions {
    /// Those of a process, or of this one.
    pub fn read(pid: Option<Pid>, own_heap: Range<usize>) -> Result<Self, Error> {
        let mut facts = Facts::read(pid)?;
        if facts.start_heap == 0 {
            facts.start_heap = own_heap.start;
        }
        facts.end_heap = own_heap.end;
        let mut regions = Self { list: [Region::NONE; ROOM], count: 0, facts };
        let mut buffer = [0; 8192];
        let mut maps = pid.map_or(AddressSpace::own(), AddressSpace::of).maps(&mut buffer)?;
        while let Some(mapping) = maps.next_mapping()? {
            regions.add(&mapping);
        }
        Ok(regions)
    }

    /// Adds a mapping, which may be of several parts: the ends of some are in it.
    fn add(&mut self, mapping: &Mapping<'_>) {
        let Facts { start_stack, end_data, start_heap, end_heap, .. } = self.facts;
        let mut start = mapping.start;
        while start < mapping.end {
            let cuts = [start_stack, end_data, start_heap, end_heap];
            let end =
                cuts.into_iter().filter(|&cut| start < cut && cut < mapping.end).min().unwrap_or(mapping.end);
            let kind = self.kind(mapping, start);
            self.push(kind, mapping, start, end);
            start = end;
        }
    }

    /// What the part of a mapping is that starts here.
    fn kind(&self, mapping: &Mapping<'_>, start: usize) -> Kind {
        let facts = &self.facts;
        let last = self.list.get(self.count.wrapping_sub(1)).unwrap_or(&Region::NONE);
        let of_program =
            |kind| matches!(kind, Kind::Text | Kind::Constants | Kind::Data | Kind::Bss | Kind::Hole);
        let follows_program = of_program(last.kind) && last.end == start;
        let is_program = facts.program == Some((mapping.device, mapping.inode))
            && if facts.end_data == 0 { self.count == 0 || follows_program } else { start <= facts.end_data };
        match mapping.name {
            Name::Stack if start < facts.start_stack || facts.start_stack == 0 => Kind::Stack,
            Name::Stack => Kind::Arguments,
            Name::Vdso | Name::Vvar => Kind::Kernel,
            Name::Other(name) if name.starts_with(b"[v") => Kind::Kernel,
            Name::Heap if start >= facts.start_heap => Kind::Heap,
            _ if facts.start_heap <= start && start < facts.end_heap => Kind::Heap,
            Name::None if follows_program && mapping.prot == Prot::NONE => Kind::Hole,
            Name::Heap | Name::None if follows_program => Kind::Bss,
            _ if !is_program => Kind::Mapping,
            _ if mapping.prot.contains(Prot::EXEC) => Kind::Text,
            _ if mapping.prot.contains(Prot::WRITE) && facts.end_data != 0 && start >= facts.end_data => {
                Kind::Bss
            }
            _ if mapping.prot.contains(Prot::WRITE) => Kind::Data,
            _ if facts.start_data != 0 && mapping.end > facts.start_data => Kind::Data,
            _ => Kind::Constants,
        }
    }

    fn push(&mut self, kind: Kind, mapping: &Mapping<'_>, start: usize, end: usize) {
        let label = label(kind, mapping);
        let rights = 1_u8 << (mapping.prot.bits() & 7);
        let full = self.count == ROOM;
        if let Some(last) = self.list.get_mut(self.count.wrapping_sub(1)) {
            // A library's parts are one thing. So is what there is no room for, though
            // that goes over what is empty between.
            let library = kind == Kind::Mapping && matches!(mapping.name, Name::File(_) | Name::Deleted(_));
            let same = last.kind == kind
                && last.label.as_str() == label.as_str()
                && (library || kind != Kind::Mapping && last.end == start);
            if same || full {
                last.end = end;
                last.rights |= rights;
                if full && !same {
                    last.label = Line::new(format_args!("and more"));
                }
                return;
            }
        }
        if let Some(place) = self.list.get_mut(self.count) {
            *place =
                Region { start, end, kind, label, remark: Line::EMPTY, rights, sharing: mapping.sharing };
            self.count += 1;
        }
    }

    fn all(&self) -> &[Region] {
        self.list.get(..self.count).unwrap_or_default()
    }

    /// The parts from the highest down, with what is empty between them, and below.
    pub fn top_down(&self) -> impl Iterator<Item = Region> {
        let below = |index: usize| index.checked_sub(1).and_then(|index| self.list.get(index));
        self.all().iter().enumerate().rev().flat_map(move |(index, region)| {
            let low = below(index).unwrap_or(&Region::NONE);
            let gap = (low.end < region.start).then(|| self.gap(low, region));
            let remark = self.remark(region);
            [Some(Region { remark, ..*region }), gap].into_iter().flatten()
        })
    }

    /// What is empty between two parts.
    fn gap(&self, low: &Region, high: &Region) -> Region {
        let kind = match (low.kind == Kind::Heap, high.kind == Kind::Stack) {
            (true, true) => Kind::Room,
            (true, false) => Kind::HeapRoom,
            (false, true) => Kind::StackRoom,
            (false, false) => Kind::Gap,
        };
        let kind = if high.start >= KERNEL { Kind::Gap } else { kind };
        let label = match kind {
            Kind::Room => "↓ room for the stack and the heap to grow ↑",
            Kind::StackRoom => "↓ room for the stack to grow",
            Kind::HeapRoom => "↑ room for the heap to grow",
            _ if high.start >= KERNEL => "the kernel's half of the addresses",
            _ if low.end == 0 => "nothing: null pointers point here",
            _ => "nothing",
        };
        let limit = self.facts.stack_limit.filter(|_| matches!(kind, Kind::Room | Kind::StackRoom));
        let remark = match limit {
            Some(limit) => Line::new(format_args!("the stack's own limit is {} (ulimit -s)", Size(limit))),
            None if low.kind == Kind::Bss && high.kind == Kind::Heap => {
                Line::new(format_args!("the kernel starts the heap at a distance, by chance"))
            }
            None => Line::EMPTY,
        };
        Region {
            start: low.end,
            end: high.start,
            kind,
            label: Line::new(format_args!("{label}")),
            remark,
            ..Region::NONE
        }
    }

    /// What the lecture has not, or has elsewhere.
    fn remark(&self, region: &Region) -> Line {
        let lowest = |kind| self.all().iter().find(|region| region.kind == kind).map(|region| region.start);
        let among_mappings = lowest(Kind::Mapping) < lowest(Kind::Text) && lowest(Kind::Mapping).is_some();
        let text = match region.kind {
            Kind::Kernel if region.start >= KERNEL => "what the vdso was before; not in the lecture",
            Kind::Kernel if region.label.as_str() == "vdso" => {
                "the kernel's code that needs no system call; not in the lecture"
            }
            Kind::Kernel => "what that code reads; not in the lecture",
            Kind::Arguments => "with their pointers, and the auxiliary vector",
            Kind::Heap if lowest(Kind::Text) > Some(region.start) => {
                "below the program, which is a static-pie; the lecture has it above"
            }
            Kind::Constants => "read-only data; the lecture counts it as text",
            Kind::Text if among_mappings => {
                "among the mappings, where a static-pie is; the lecture has it below"
            }
            Kind::Data if region.rights == 1 << Prot::READ.bits() => {
                "read-only since its addresses are relocated"
            }
            _ => "",
        };
        Line::new(format_args!("{text}"))
    }
}

/// What a part is called: by the lecture, and what is mapped by its name, too.
fn label(kind: Kind, mapping: &Mapping<'_>) -> Line {
    let own = match kind {
        Kind::Arguments => "argv, environ",
        Kind::Stack => "stack",
        Kind::Heap => "heap",
        Kind::Bss => "uninitialized data (bss)",
        Kind::Data => "initialized data",
        Kind::Constants => "constants",
        Kind::Text => "text (program code)",
        Kind::Hole => "nothing, without rights",
        Kind::Kernel if mapping.name == Name::Vdso => "vdso",
        Kind::Kernel if mapping.prot == Prot::EXEC || mapping.start >= KERNEL => "vsyscall",
        Kind::Kernel => "vvar",
        _ => "",
    };
    let mut line = Line::new(format_args!("{own}"));
    if !own.is_empty() {
        return line;
    }
    let (name, after): (&[u8], _) = match mapping.name {
        Name::File(path) => (path.as_written(), ""),
        // Such a file never had a path.
        Name::Deleted(path) if path.as_written().starts_with(b"/memfd:") => (path.as_written(), ""),
        Name::Deleted(path) => (path.as_written(), " (deleted)"),
        Name::Anon(name) | Name::SharedAnon(name) | Name::Other(name) => (name, ""),
        _ => (b"anonymous memory", ""),
    };
    let name = name.rsplit(|&byte| byte == b'/').next().unwrap_or(name);
    let what = match mapping.sharing {
        _ if name.windows(3).any(|part| part == b".so") => "shared library",
        Sharing::Shared if mapping.prot.contains(Prot::WRITE) => "shared memory",
        _ => "mapping",
    };
    let _ = write!(line, "{what}: {}{after}", Shown(name));
    line
}
