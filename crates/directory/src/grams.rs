//! Which slots contain which letters and pairs of letters, as one bitmap each, so that a search reads only
//! the texts that can match, and none at all for one letter or a frequent pair. Letters are bytes of UTF-8
//! here; letters and pairs are grams. Must never miss a slot whose text contains a gram; if it reports too
//! many, it says so.

/// The letters and pairs of one text per slot.
#[derive(Debug)]
pub struct Grams {
    /// One more than the number of each gram's row; 0 if no text ever contained the gram.
    row_of: Vec<u16>,
    /// Bit `slot % 64` of word `slot / 64` tells whether the slot contains the row's gram, or one of them.
    /// Missing words are 0. The shared rows come first.
    rows: Vec<Vec<u64>>,
    room: Room,
    /// Words that a new row reserves.
    capacity: usize,
}

/// How many rows there may be. Each takes an eighth of a byte per slot.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Rows for one gram each: for the grams that come first, which mostly are the frequent ones.
    pub own: usize,
    /// Rows, at least one, that later grams share.
    pub shared: usize,
    /// Rows, at least one, that the pairs share in which not both are `letters`: most texts contain several.
    pub mixed: usize,
    /// The letters whose pairs may have a row of their own.
    pub letters: fn(u8) -> bool,
}

/// The number of the first letter's gram, after those of all pairs.
const LETTERS: usize = 256 * 256;
const KINDS: usize = LETTERS + 256;

impl Grams {
    /// An empty index.
    pub fn new(room: Room) -> Self {
        Self {
            row_of: vec![0; KINDS],
            rows: vec![Vec::new(); room.mixed + room.shared],
            room,
            capacity: 0,
        }
    }

    /// Reserves memory for this many slots.
    pub fn reserve(&mut self, slots: usize) {
        self.capacity = slots.div_ceil(64);
    }

    /// Replaces the text of a slot.
    pub fn replace(&mut self, slot: u32, before: &str, now: &str) {
        let (block, bit) = (slot as usize / 64, 1 << (slot % 64));
        // Removed first: a gram of both texts, or a row that they share, must stay.
        for gram in letters_and_pairs(before.as_bytes()) {
            let row = usize::from(self.row_of[gram]) - 1;
            self.rows[row][block] &= !bit;
        }
        for gram in letters_and_pairs(now.as_bytes()) {
            let row = self.row(gram);
            let row = &mut self.rows[row];
            if row.len() <= block {
                // Grows in small steps: doubling would waste as much as all rows take.
                let wanted = (block + 1 + row.len() / 16).max(self.capacity);
                row.reserve_exact(wanted - row.len());
                row.resize(block + 1, 0);
            }
            row[block] |= bit;
        }
    }

    fn row(&mut self, gram: usize) -> usize {
        if let Some(known) = usize::from(self.row_of[gram]).checked_sub(1) {
            return known;
        }
        let Room {
            own,
            shared,
            mixed,
            letters,
        } = self.room;
        let is_letter = gram >= LETTERS;
        let frequent = is_letter || gram.to_le_bytes()[..2].iter().all(|letter| letters(*letter));
        // Multiplied, so that pairs with the same end get different rows.
        let spread = (gram * 0x9e37) >> 8;
        let row = match frequent {
            true if self.rows.len() < mixed + shared + own => {
                self.rows.push(Vec::new());
                self.rows.len() - 1
            }
            true => mixed + spread % shared,
            false => spread % mixed,
        };
        self.row_of[gram] = row as u16 + 1;
        row
    }

    /// Frees memory that growing has left over.
    pub fn shrink(&mut self) {
        self.rows.iter_mut().for_each(Vec::shrink_to_fit);
    }

    /// Where a word without white space can be; `None` if it is nowhere.
    ///
    /// A pair without a row of its own is narrowed by its letters, which mostly have one.
    pub fn places(&self, word: &str) -> Option<Places<'_>> {
        let known = |gram: usize| usize::from(self.row_of[gram]).checked_sub(1);
        let is_own = |row: usize| row >= self.room.mixed + self.room.shared;
        let mut rows = Vec::new();
        let word = word.as_bytes();
        for letters in word.windows(2) {
            let row = known(pair(letters))?;
            rows.push(row);
            if !is_own(row) {
                for letter in letters {
                    rows.push(known(LETTERS + usize::from(*letter))?);
                }
            }
        }
        if let [letter] = word {
            rows.push(known(LETTERS + usize::from(*letter))?);
        }
        let exact = matches!(rows[..], [row] if is_own(row));
        rows.sort_unstable();
        rows.dedup();
        Some(Places {
            rows: rows.into_iter().map(|row| &self.rows[row][..]).collect(),
            exact,
        })
    }
}

/// The slots that contain all grams of a word.
pub struct Places<'a> {
    rows: Vec<&'a [u64]>,
    /// Whether each of these slots contains the word. If not, only the others certainly don't.
    pub exact: bool,
}

impl Places<'_> {
    /// Those of a block's slots `among` that can contain the word.
    pub fn among(&self, block: usize, among: u64) -> u64 {
        let mut left = among;
        for row in &self.rows {
            if left == 0 {
                break;
            }
            left &= row.get(block).copied().unwrap_or(0);
        }
        left
    }
}

/// The grams of a text that a word can contain: a word has no white space.
fn letters_and_pairs(text: &[u8]) -> impl Iterator<Item = usize> {
    let in_word = |letter: &u8| !matches!(letter, b' ' | b'\n');
    let letters = text.iter().filter(move |letter| in_word(letter));
    let pairs = text.windows(2).filter(move |pair| pair.iter().all(in_word));
    letters
        .map(|letter| LETTERS + usize::from(*letter))
        .chain(pairs.map(pair))
}

fn pair(letters: &[u8]) -> usize {
    usize::from(letters[0]) * 256 + usize::from(letters[1])
}
