//! What a mapping is called.

/// What a mapping is, as the kernel calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Name<'a> {
    /// Nothing: anonymous memory.
    None,
    /// The file that is mapped.
    File(Path<'a>),
    /// The file that is mapped, by the path that it had until somebody removed it. A
    /// file whose own name ends in ` (deleted)` looks the same.
    Deleted(Path<'a>),
    /// `[stack]`: the first thread's.
    Stack,
    /// `[heap]`: what `brk` gave.
    Heap,
    /// `[vdso]`: code of the kernel's that a program can call.
    Vdso,
    /// `[vvar]`: what that code reads.
    Vvar,
    /// `[anon:NAME]`: anonymous memory that the process gave a name.
    Anon(&'a [u8]),
    /// `[anon_shmem:NAME]`: the same, shared.
    SharedAnon(&'a [u8]),
    /// Anything else, as it stands there.
    Other(&'a [u8]),
}

impl<'a> Name<'a> {
    /// A name in a line of /proc/PID/maps.
    pub(super) fn in_text(text: &'a [u8]) -> Self {
        Self::new(Path { text, escaped: true })
    }

    /// A name that the kernel gives alone.
    pub(super) fn alone(text: &'a [u8]) -> Self {
        Self::new(Path { text, escaped: false })
    }

    fn new(path: Path<'a>) -> Self {
        let inner = |start: &[u8]| path.text.strip_prefix(start)?.strip_suffix(b"]");
        match path.text {
            b"" => Self::None,
            b"[stack]" => Self::Stack,
            b"[heap]" => Self::Heap,
            b"[vdso]" => Self::Vdso,
            b"[vvar]" => Self::Vvar,
            [b'/', ..] => match path.text.strip_suffix(b" (deleted)") {
                Some(text) => Self::Deleted(Path { text, ..path }),
                None => Self::File(path),
            },
            text => match (inner(b"[anon:"), inner(b"[anon_shmem:")) {
                (Some(name), _) => Self::Anon(name),
                (_, Some(name)) => Self::SharedAnon(name),
                _ => Self::Other(text),
            },
        }
    }
}

/// The path of a mapped file, as this process sees it.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    text: &'a [u8],
    /// Whether a newline is written as `\012`.
    escaped: bool,
}

impl<'a> Path<'a> {
    /// The path as the kernel has written it: in /proc/PID/maps each newline is `\012`.
    #[must_use]
    pub const fn as_written(self) -> &'a [u8] {
        self.text
    }

    /// The bytes of the path, its newlines restored. A path that has `\012` in its own
    /// name looks the same in /proc/PID/maps, and comes out wrong.
    pub fn bytes(self) -> impl Iterator<Item = u8> + use<'a> {
        let mut rest = self.text;
        core::iter::from_fn(move || {
            if let Some(after) = rest.strip_prefix(b"\\012").filter(|_| self.escaped) {
                rest = after;
                return Some(b'\n');
            }
            let (&byte, after) = rest.split_first()?;
            rest = after;
            Some(byte)
        })
    }
}

/// Whether it is the same path, however it is written.
impl PartialEq for Path<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl Eq for Path<'_> {}
