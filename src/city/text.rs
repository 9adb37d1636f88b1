//! Many short texts in one allocation, each kept once.

/// The number of a text within its [`Texts`]. The empty text is always number 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Text(pub(crate) u32);

impl Text {
    /// The empty text: "not known".
    pub const EMPTY: Self = Self(0);
}

/// A pool of texts: one string, one table of ends, one hash table of numbers. About 12 bytes a text beside its own.
#[derive(Debug, Clone)]
pub struct Texts {
    joined: String,
    ends: Vec<u32>,
    /// Open addressing; a slot is a number + 1, or 0.
    table: Vec<u32>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { joined: String::new(), ends: vec![0], table: Vec::new() }
    }
}

impl Texts {
    /// A pool that holds only what is put in: number 0 is the first text, not the empty one.
    pub(crate) fn without_empty() -> Self {
        Self { joined: String::new(), ends: Vec::new(), table: Vec::new() }
    }

    /// The text with a number; empty if there is none.
    pub fn get(&self, text: Text) -> &str {
        let i = text.0 as usize;
        let Some(&end) = self.ends.get(i) else { return "" };
        let start = if i == 0 { 0 } else { self.ends.get(i - 1).copied().unwrap_or(end) };
        self.joined.get(start as usize..end as usize).unwrap_or_default()
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The number of a text that is already here.
    pub fn find(&self, text: &str) -> Option<Text> {
        if text.is_empty() && self.ends.first() == Some(&0) {
            return Some(Text(0));
        }
        self.slot(text).err().map(Text)
    }

    /// The number of a text, which is put in if it is new. A full pool (4 GiB) gives the empty text.
    pub(crate) fn intern(&mut self, text: &str) -> Text {
        self.insert(text).0
    }

    /// As [`Self::intern`], and whether it was new.
    pub(crate) fn insert(&mut self, text: &str) -> (Text, bool) {
        if text.is_empty() && self.ends.first() == Some(&0) {
            return (Text::EMPTY, false);
        }
        if (self.ends.len() + 1) * 4 > self.table.len() * 3 {
            self.grow();
        }
        match self.slot(text) {
            Err(number) => (Text(number), false),
            Ok(slot) => {
                let Ok(end) = u32::try_from(self.joined.len() + text.len()) else {
                    return (Text::EMPTY, false);
                };
                let number = self.ends.len() as u32;
                self.joined.push_str(text);
                self.ends.push(end);
                if let Some(place) = self.table.get_mut(slot) {
                    *place = number + 1;
                }
                (Text(number), true)
            }
        }
    }

    /// Gives back what was reserved for growing.
    pub(crate) fn shrink(&mut self) {
        self.joined.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// `Err(number)` where the text is, `Ok(slot)` where it would go.
    fn slot(&self, text: &str) -> Result<usize, u32> {
        let Some(mask) = self.table.len().checked_sub(1) else { return Ok(0) };
        let mut slot = hash(text.as_bytes()) as usize & mask;
        loop {
            match self.table.get(slot).copied().unwrap_or(0) {
                0 => return Ok(slot),
                taken if self.get(Text(taken - 1)) == text => return Err(taken - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn grow(&mut self) {
        let size = (self.table.len() * 2).max(16);
        let mut table = vec![0_u32; size];
        for number in 0..self.ends.len() as u32 {
            let mut slot = hash(self.get(Text(number)).as_bytes()) as usize & (size - 1);
            while table.get(slot).is_some_and(|taken| *taken != 0) {
                slot = (slot + 1) & (size - 1);
            }
            if let Some(place) = table.get_mut(slot) {
                *place = number + 1;
            }
        }
        self.table = table;
    }
}

/// A quick hash of short texts: eight bytes a step, multiplied and folded. Not for adversaries: a pool is of one file.
fn hash(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        state = fold(state ^ word, K);
    }
    let rest = chunks.remainder().iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    fold(state ^ rest, K)
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_kept_once() {
        let mut texts = Texts::default();
        let a = texts.intern("水亭门");
        let b = texts.intern("府山公园");
        assert_eq!(texts.intern("水亭门"), a);
        assert_ne!(a, b);
        assert_eq!(texts.intern(""), Text::EMPTY);
        assert_eq!((texts.get(a), texts.get(b), texts.get(Text(99))), ("水亭门", "府山公园", ""));
        assert_eq!(texts.find("府山公园"), Some(b));
        assert_eq!(texts.find("没有"), None);
    }

    #[test]
    fn ten_thousand_survive_growing() {
        let mut texts = Texts::without_empty();
        for i in 0..10_000 {
            assert_eq!(texts.insert(&format!("way/{i}")), (Text(i), true));
        }
        for i in 0..10_000 {
            assert_eq!(texts.find(&format!("way/{i}")), Some(Text(i)));
            assert_eq!(texts.get(Text(i)), format!("way/{i}"));
        }
        assert_eq!(texts.insert("way/77"), (Text(77), false));
        assert_eq!(texts.insert(""), (Text(10_000), true));
    }
}
