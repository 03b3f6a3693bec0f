//! Who sends, and who receives.

use core::time::Duration;

use super::ring_end::{End, Ends};
use super::ring_mirror::Mirror;
use super::word::{Deadline, Ordering, pause};
use super::{Peer, RingError};

type Result<T> = core::result::Result<T, RingError>;

/// How often one looks for the other side to move before one sleeps, at most. It is
/// halved when it was in vain, as it always is where both have one processor.
const SPINS: u32 = 2000;

const FEWEST_SPINS: u32 = 32;

/// The bytes of a message's length.
const PREFIX: u32 = 4;

/// What a process knows of the ring it has an end of. What is its own is never read
/// back from the memory, where the other side could change it.
#[derive(Debug)]
struct Side {
    mirror: Mirror,
    waiter: Waiter,
    /// How many bytes are sent, and received, as far as is known here.
    sent: u32,
    received: u32,
}

impl Side {
    const fn of(mirror: Mirror, me: Peer) -> Self {
        Self { mirror, waiter: Waiter { me, spins: SPINS }, sent: 0, received: 0 }
    }

    /// How many bytes are sent and not received.
    const fn between(&self) -> u32 {
        self.sent.wrapping_sub(self.received)
    }

    /// How many bytes of the ring a message takes, if it fits at all.
    fn size(&self, length: usize) -> Option<u32> {
        let size = length.checked_add(PREFIX as usize)?.checked_next_multiple_of(PREFIX as usize)?;
        if size <= self.mirror.capacity() { u32::try_from(size).ok() } else { None }
    }
}

#[derive(Debug)]
struct Waiter {
    me: Peer,
    spins: u32,
}

impl Waiter {
    /// Waits for the other side to be elsewhere than it was seen.
    #[cold]
    fn wait(&mut self, own: &End, other: &End, seen: u32, until: Deadline) -> Result<()> {
        for _ in 0..self.spins {
            if other.moved(seen)?.is_some() {
                self.spins = self.spins.saturating_mul(2).min(SPINS);
                return Ok(());
            }
            pause();
        }
        self.spins = (self.spins / 2).max(FEWEST_SPINS);
        own.wait(other, seen, self.me, until).map(drop)
    }
}

/// The end of a [`Ring`](super::Ring) that sends. To drop it closes it.
#[derive(Debug)]
pub struct Sender(Side);

impl Sender {
    pub(super) const fn of(mirror: Mirror, me: Peer) -> Self {
        Self(Side::of(mirror, me))
    }

    /// Sends a message, and waits for room as long as it takes.
    ///
    /// Nobody waits for the dead: but of a process that has not taken its end yet,
    /// nothing is known, and there is [`send_timeout`](Self::send_timeout).
    ///
    /// # Errors
    ///
    /// All but `Full`, `Empty`, `TimedOut` and `Taken`.
    pub fn send(&mut self, message: &[u8]) -> Result<()> {
        self.send_until(message, || Deadline::NEVER)
    }

    /// Sends a message, and waits for room so long at most.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send), and [`RingError::TimedOut`].
    pub fn send_timeout(&mut self, message: &[u8], timeout: Duration) -> Result<()> {
        self.send_until(message, || Deadline::after(timeout))
    }

    fn send_until(&mut self, message: &[u8], until: impl FnOnce() -> Deadline) -> Result<()> {
        match self.try_send(message) {
            Err(RingError::Full) => {}
            result => return result,
        }
        let until = until();
        loop {
            let Ends { sender, receiver } = self.0.mirror.ends();
            self.0.waiter.wait(sender, receiver, self.0.received, until)?;
            match self.try_send(message) {
                Err(RingError::Full) => {}
                result => return result,
            }
        }
    }

    /// Sends a message if there is room for it. It does not look whether the other
    /// side's process is alive.
    ///
    /// # Errors
    ///
    /// - [`RingError::Full`]: there is none now.
    /// - [`RingError::TooLong`]: there never is.
    /// - [`RingError::Closed`]: nobody receives it.
    /// - [`RingError::Corrupt`], [`RingError::Os`].
    pub fn try_send(&mut self, message: &[u8]) -> Result<()> {
        let side = &mut self.0;
        let size = side.size(message.len()).ok_or(RingError::TooLong(message.len()))?;
        let Ends { sender, receiver } = side.mirror.ends();
        if receiver.is_closed() {
            return Err(RingError::Closed);
        }
        // Neither is more than 2^30.
        let room = (side.mirror.capacity() as u32).wrapping_sub(size);
        if side.between() > room {
            let received = receiver.position();
            // It only comes nearer to where we are, by whole messages.
            if side.sent.wrapping_sub(received) > side.between() || received % PREFIX != 0 {
                return Err(RingError::Corrupt);
            }
            side.received = received;
            if side.between() > room {
                return Err(RingError::Full);
            }
        }
        side.mirror.word(side.sent).store(message.len() as u32, Ordering::Relaxed);
        side.mirror.write(side.sent.wrapping_add(PREFIX), message)?;
        side.sent = side.sent.wrapping_add(size);
        sender.publish(side.sent, receiver);
        Ok(())
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let Ends { sender, receiver } = self.0.mirror.ends();
        sender.close(receiver);
    }
}

/// The end of a [`Ring`](super::Ring) that receives. To drop it closes it.
#[derive(Debug)]
pub struct Receiver(Side);

impl Receiver {
    pub(super) const fn of(mirror: Mirror, me: Peer) -> Self {
        Self(Side::of(mirror, me))
    }

    /// Receives a message into the buffer, and waits for one as long as it takes. Says
    /// how many bytes it has.
    ///
    /// Nobody waits for the dead: but of a process that has not taken its end yet,
    /// nothing is known, and there is [`recv_timeout`](Self::recv_timeout).
    ///
    /// # Errors
    ///
    /// All but `Full`, `Empty`, `TimedOut` and `Taken`.
    pub fn recv(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.recv_until(buffer, || Deadline::NEVER)
    }

    /// Receives a message, and waits for one so long at most.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv), and [`RingError::TimedOut`].
    pub fn recv_timeout(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize> {
        self.recv_until(buffer, || Deadline::after(timeout))
    }

    fn recv_until(&mut self, buffer: &mut [u8], until: impl FnOnce() -> Deadline) -> Result<usize> {
        match self.try_recv(buffer) {
            Err(RingError::Empty) => {}
            result => return result,
        }
        let until = until();
        loop {
            let Ends { sender, receiver } = self.0.mirror.ends();
            self.0.waiter.wait(receiver, sender, self.0.sent, until)?;
            match self.try_recv(buffer) {
                Err(RingError::Empty) => {}
                result => return result,
            }
        }
    }

    /// Receives a message if there is one. It does not look whether the other side's
    /// process is alive.
    ///
    /// # Errors
    ///
    /// - [`RingError::Empty`]: there is none now.
    /// - [`RingError::Closed`]: there is none, and nobody sends one.
    /// - [`RingError::TooLong`]: the buffer is too short. The message stays.
    /// - [`RingError::Corrupt`], [`RingError::Os`].
    pub fn try_recv(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let side = &mut self.0;
        let Ends { sender, receiver } = side.mirror.ends();
        if side.between() == 0 {
            let sent = sender.moved(side.sent)?.ok_or(RingError::Empty)?;
            let bytes = sent.wrapping_sub(side.received);
            if bytes as usize > side.mirror.capacity() || bytes % PREFIX != 0 {
                return Err(RingError::Corrupt);
            }
            side.sent = sent;
        }
        // Once: the other side could change it between two looks.
        let length = side.mirror.word(side.received).load(Ordering::Relaxed) as usize;
        let size = side.size(length).filter(|size| *size <= side.between()).ok_or(RingError::Corrupt)?;
        let place = buffer.get_mut(..length).ok_or(RingError::TooLong(length))?;
        side.mirror.read(side.received.wrapping_add(PREFIX), place)?;
        side.received = side.received.wrapping_add(size);
        receiver.publish(side.received, sender);
        Ok(length)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let Ends { sender, receiver } = self.0.mirror.ends();
        receiver.close(sender);
    }
}
