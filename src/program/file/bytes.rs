//! How a file begins, numbers and texts as bytes, and a checksum.

use super::error::FileError;

pub(super) const MAGIC: &[u8; 8] = b"GRADTAPE";
pub(super) const VERSION: u32 = 1;
/// The kinds of file, in the order of their numbers.
pub(super) const KINDS: [&str; 2] = ["a program", "a program over rows"];

/// Bytes being written.
#[derive(Default)]
pub(super) struct Writer(pub Vec<u8>);

impl Writer {
    pub fn byte(&mut self, x: u8) {
        self.0.push(x);
    }
    pub fn u32(&mut self, x: u32) {
        self.0.extend(x.to_le_bytes());
    }
    pub fn u64(&mut self, x: u64) {
        self.0.extend(x.to_le_bytes());
    }
    pub fn f64(&mut self, x: f64) {
        self.u64(x.to_bits());
    }
    /// How many there are of something; indices are `u32` everywhere.
    pub fn count(&mut self, n: usize) {
        self.u32(u32::try_from(n).expect("a program has fewer than 2³² of anything"));
    }
    pub fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend(text.as_bytes());
    }
    pub fn u32s(&mut self, all: &[u32]) {
        self.count(all.len());
        self.0.extend(all.iter().flat_map(|x| x.to_le_bytes()));
    }
    pub fn f64s(&mut self, all: &[f64]) {
        self.count(all.len());
        self.0.extend(all.iter().flat_map(|x| x.to_le_bytes()));
    }
}

/// Bytes being read, and how far.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], FileError> {
        let left = self.left();
        if n > left {
            return Err(FileError::Truncated { at: self.at, what, needed: n as u64, left });
        }
        let taken = &self.bytes[self.at..self.at + n];
        self.at += n;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], FileError> {
        Ok(self.take(N, what)?.try_into().expect("as many as were taken"))
    }

    pub fn byte(&mut self, what: &'static str) -> Result<u8, FileError> {
        Ok(self.take(1, what)?[0])
    }
    pub fn u32(&mut self, what: &'static str) -> Result<u32, FileError> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }
    pub fn u64(&mut self, what: &'static str) -> Result<u64, FileError> {
        Ok(u64::from_le_bytes(self.array(what)?))
    }
    pub fn f64(&mut self, what: &'static str) -> Result<f64, FileError> {
        Ok(f64::from_le_bytes(self.array(what)?))
    }

    /// Read how many there are of something that takes at least `size` bytes each, and refuse more than are left: so no
    /// count makes room for more than the file has.
    pub fn count(&mut self, size: usize, what: &'static str) -> Result<usize, FileError> {
        let at = self.at;
        let n = self.u32(what)?;
        let (needed, left) = (u64::from(n) * size as u64, self.left());
        match needed > left as u64 {
            true => Err(FileError::Truncated { at, what, needed, left }),
            false => Ok(n as usize),
        }
    }

    pub fn text(&mut self, what: &'static str) -> Result<&'a str, FileError> {
        let n = self.count(1, what)?;
        let at = self.at;
        let text = std::str::from_utf8(self.take(n, what)?);
        text.map_err(|_| FileError::Invalid { at, what: format!("{what} is not UTF-8") })
    }

    pub fn u32s(&mut self, what: &'static str) -> Result<Vec<u32>, FileError> {
        let n = self.count(4, what)?;
        let numbers = self.take(4 * n, what)?.as_chunks::<4>().0.iter();
        Ok(numbers.map(|&bytes| u32::from_le_bytes(bytes)).collect())
    }
    pub fn f64s(&mut self, what: &'static str) -> Result<Vec<f64>, FileError> {
        let n = self.count(8, what)?;
        let numbers = self.take(8 * n, what)?.as_chunks::<8>().0.iter();
        Ok(numbers.map(|&bytes| f64::from_le_bytes(bytes)).collect())
    }
}

/// Mix all bytes, eight at a time: for each `h = (h ⊕ word) · odd`, then a rotation. A changed word changes every later
/// state, for each step is a bijection. It finds damage, not forgery.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mix = |h: u64, word: u64| (h ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let h = words.iter().fold(bytes.len() as u64, |h, &word| mix(h, u64::from_le_bytes(word)));
    mix(mix(h, u64::from_le_bytes(last)), 0)
}
