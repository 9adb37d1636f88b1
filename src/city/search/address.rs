//! Where an address lies: what somebody wrote, matched against the place's address table, with how sure that is.
//!
//! An address is read as a name and the numbers after it: `南湖路26号38幢` is the name `南湖路` with 26 号 and 38 幢.
//! Names of the table are looked for anywhere in the text, the longest and then the first one wins; what is written
//! before it (city, district, subdistrict) does not matter, and what comes after the last number of a building
//! (entrances, storeys, rooms) is no part of where it lies.

use std::collections::HashMap;

use super::sound::{Class, class, fold};
use crate::city::Address;

/// From here on an address is taken without asking somebody.
pub const SURE: f32 = 0.8;
/// The longest text that is read, in characters; what is longer is cut.
const LONGEST: usize = 120;
/// House numbers that lie no further apart than this are neighbours.
const NEIGHBOURS: u32 = 12;
/// Rows that lie within this of their middle, in metres, are one place.
const TOGETHER_M: f64 = 60.0;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Unit {
    /// 弄: a lane off the street.
    Lane,
    /// 号: a gate.
    Gate,
    /// 幢, 栋, 座, 号楼: a building.
    Block,
}

type Numbers = Vec<(u32, Unit)>;

/// Where an address may lie.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressMatch {
    /// The address of the table that comes nearest.
    pub address: String,
    /// The original id of the building, if it is one.
    pub building: Option<String>,
    /// `[east, north]` in local metres.
    pub point: [f64; 2],
    /// From 0 to 1; from [`SURE`] on it needs no second look.
    pub confidence: f32,
}

/// An address table, made ready for looking up.
#[derive(Debug, Default)]
pub struct AddressBook {
    rows: Vec<Row>,
    /// The rows that begin with a name, each with the numbers that follow.
    names: HashMap<String, Vec<(Numbers, usize)>>,
    longest_name: usize,
}

#[derive(Debug)]
struct Row {
    address: String,
    building: Option<String>,
    point: [f64; 2],
}

impl AddressBook {
    /// Prepares a table; rows without a point are left out.
    pub fn new<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> Self {
        let mut book = Self::default();
        for address in addresses {
            let Some(point) = address.point else { continue };
            let row = book.rows.len();
            for written in std::iter::once(&address.address).chain(&address.aliases) {
                book.add(written, row);
            }
            book.rows.push(Row {
                address: address.address.clone(),
                building: address.building.clone(),
                point: point.map(f64::from),
            });
        }
        book
    }

    fn add(&mut self, written: &str, row: usize) {
        let text = normal(written);
        let (name, numbers) = match text.iter().position(char::is_ascii_digit) {
            Some(digit) => (&text[..digit], numbers(&text[digit..])),
            None => (&text[..], Numbers::new()),
        };
        // What begins with a number, such as the code of an estate, has no name.
        if name.len() >= 2 {
            self.longest_name = self.longest_name.max(name.len());
            self.names.entry(name.iter().collect()).or_default().push((numbers, row));
        }
    }

    /// Where a text says that something is; `None` if nothing in it is known.
    pub fn find(&self, written: &str) -> Option<AddressMatch> {
        let text = normal(written);
        let (at, len, rows) = self.name_in(&text)?;
        let after = &text[at + len..];
        let asked = numbers(after);
        let is_whole = at == 0 && after.is_empty();
        let exact = rows_where(rows, |numbers| *numbers == asked);
        if !exact.is_empty() {
            let confidence = if !asked.is_empty() {
                0.95
            } else if is_whole {
                1.0
            } else if len >= 3 {
                0.85
            } else {
                0.6
            };
            return self.at(&exact, confidence);
        }
        if asked.is_empty() {
            // A street without a number: somewhere along it.
            return self.at(&rows.iter().map(|(_, row)| *row).collect::<Vec<_>>(), 0.3);
        }
        // An estate of many buildings under one number.
        let within = rows_where(rows, |numbers| numbers.starts_with(&asked));
        if !within.is_empty() {
            return self.at(&within, 0.75);
        }
        // A building that the table lacks, at a number that it has.
        if let Some((_, before)) = asked.split_last()
            && !before.is_empty()
        {
            let gate = rows_where(rows, |numbers| numbers.starts_with(before));
            if !gate.is_empty() {
                return self.at(&gate, 0.5);
            }
        }
        self.neighbour(rows, &asked)
    }

    /// The house next door, on the same side of the street.
    fn neighbour(&self, rows: &[(Numbers, usize)], asked: &Numbers) -> Option<AddressMatch> {
        let (&(number, unit), before) = asked.split_last()?;
        let nearest = rows
            .iter()
            .filter_map(|(numbers, row)| {
                let (&(other, of), stem) = numbers.split_last()?;
                let apart = other.abs_diff(number);
                let is_beside = of == unit && stem == before && apart % 2 == 0 && apart <= NEIGHBOURS;
                is_beside.then_some((apart, *row))
            })
            .min()?;
        self.at(&[nearest.1], 0.65 - nearest.0 as f32 * 0.02)
    }

    /// The longest name of the table that stands in a text, and of those the first: where, how long, its rows.
    fn name_in(&self, text: &[char]) -> Option<(usize, usize, &[(Numbers, usize)])> {
        for len in (2..=self.longest_name.min(text.len())).rev() {
            for at in 0..=text.len() - len {
                let name: String = text.get(at..at + len)?.iter().collect();
                if let Some(rows) = self.names.get(&name) {
                    return Some((at, len, rows));
                }
            }
        }
        None
    }

    /// What some rows come to: one of them, or their middle if they lie together; the less sure the more they are apart.
    fn at(&self, rows: &[usize], confidence: f32) -> Option<AddressMatch> {
        let rows: Vec<&Row> = rows.iter().filter_map(|row| self.rows.get(*row)).collect();
        let (first, count) = (*rows.first()?, rows.len() as f64);
        let sum = rows.iter().fold([0.0, 0.0], |sum, row| [sum[0] + row.point[0], sum[1] + row.point[1]]);
        let middle = sum.map(|sum| sum / count);
        let away_m = |row: &Row| (row.point[0] - middle[0]).hypot(row.point[1] - middle[1]);
        let nearest = rows.iter().copied().min_by(|a, b| away_m(a).total_cmp(&away_m(b))).unwrap_or(first);
        let furthest_m = rows.iter().map(|row| away_m(row)).fold(0.0, f64::max);
        let is_one = rows.iter().all(|row| row.building.is_some() && row.building == first.building);
        let confidence = if is_one || rows.len() == 1 || furthest_m <= TOGETHER_M {
            confidence
        } else {
            confidence.min(0.5)
        };
        Some(AddressMatch {
            address: nearest.address.clone(),
            building: (is_one || rows.len() == 1).then(|| nearest.building.clone()).flatten(),
            point: nearest.point,
            confidence,
        })
    }
}

fn rows_where(rows: &[(Numbers, usize)], is_meant: impl Fn(&Numbers) -> bool) -> Vec<usize> {
    rows.iter().filter(|(numbers, _)| is_meant(numbers)).map(|(_, row)| *row).collect()
}

/// An address in the form in which two spellings of one address are equal: what a correction is remembered under.
pub fn normal_address(written: &str) -> String {
    normal(written).into_iter().collect()
}

/// Without spaces and signs, in one width, with numbers in digits: of `二十三号` becomes `23号`.
fn normal(written: &str) -> Vec<char> {
    let mut text: Vec<char> = Vec::new();
    let mut said: Vec<char> = Vec::new();
    for c in written.chars().map(fold).filter(|c| class(*c) != Class::Separator).take(LONGEST) {
        if "零〇一二三四五六七八九十百".contains(c) {
            said.push(c);
            continue;
        }
        // Only before a unit is it a number: 一 begins names, too.
        match number_said(&said).filter(|_| unit(&[c]).is_some()) {
            Some(number) => text.extend(number.to_string().chars()),
            None => text.extend(&said),
        }
        said.clear();
        text.push(c);
    }
    text.extend(said);
    text
}

/// 二十三 is 23, 一百零五 is 105.
fn number_said(said: &[char]) -> Option<u32> {
    if said.is_empty() {
        return None;
    }
    let (mut sum, mut digit) = (0, None);
    for c in said {
        match c {
            '十' => sum += 10 * digit.take().unwrap_or(1),
            '百' => sum += 100 * digit.take()?,
            '零' | '〇' => {}
            c => {
                let value = "一二三四五六七八九".chars().position(|known| known == *c)? as u32 + 1;
                if digit.replace(value).is_some() {
                    return None;
                }
            }
        }
    }
    Some(sum + digit.unwrap_or(0))
}

fn unit(text: &[char]) -> Option<(Unit, usize)> {
    match text {
        // 12号楼 is a building, 12号楼下 is what lies below number 12.
        ['号', '楼', '下' | '上' | '道' | '梯' | '顶', ..] => Some((Unit::Gate, 1)),
        ['号', '楼', ..] => Some((Unit::Block, 2)),
        ['号', ..] => Some((Unit::Gate, 1)),
        ['弄', ..] => Some((Unit::Lane, 1)),
        ['幢' | '栋' | '座', ..] => Some((Unit::Block, 1)),
        _ => None,
    }
}

/// The numbers that a text begins with, up to the first that is none of a building.
fn numbers(mut text: &[char]) -> Numbers {
    let mut numbers = Numbers::new();
    loop {
        let digits = text.iter().take_while(|c| c.is_ascii_digit()).count();
        let (number, rest) = text.split_at(digits);
        let Ok(number) = number.iter().collect::<String>().parse() else { return numbers };
        let Some((unit, length)) = unit(rest) else { return numbers };
        numbers.push((number, unit));
        text = rest.get(length..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> AddressBook {
        let row = |address: &str, aliases: &[&str], building: &str, east: f32| Address {
            address: address.to_owned(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            building: Some(building.to_owned()),
            point: Some([east, 0.0]),
        };
        AddressBook::new(&[
            row("坊门街12号", &[], "b1", 0.0),
            row("坊门街16号", &[], "b2", 40.0),
            row("县学街2弄13号", &[], "b3", 100.0),
            row("南湖路26号38幢", &["南湖小区38幢"], "b4", 200.0),
            row("南湖路26号39幢", &["南湖小区39幢"], "b5", 230.0),
            row("水亭街1号", &["水亭门", "大西门"], "b6", 900.0),
            row("上街1号", &[], "b7", 1_000.0),
            row("上街300号", &[], "b8", 2_000.0),
        ])
    }

    #[track_caller]
    fn check(written: &str, building: Option<&str>, confidence: f32) {
        let found = book().find(written);
        let told = found.as_ref().map(|found| (found.building.as_deref(), found.confidence));
        assert_eq!(told, Some((building, confidence)), "{written}");
    }

    #[test]
    fn spellings_of_one_address_are_one_place() {
        for written in [
            "坊门街12号",
            "浙江省衢州市柯城区府山街道坊门街12号",
            "坊门街１２号 2单元 301室",
            "坊门街十二号楼下",
            "在坊门街 12 号门口",
        ] {
            check(written, Some("b1"), 0.95);
        }
        check("县学街2弄13号", Some("b3"), 0.95);
        for written in ["南湖小区38幢", "南湖小区38栋1单元", "南湖路26号38号楼", "南湖小区三十八幢"]
        {
            check(written, Some("b4"), 0.95);
        }
    }

    #[test]
    fn the_less_is_said_the_less_sure_it_is() {
        check("水亭门", Some("b6"), 1.0);
        check("水亭门旁边的公厕", Some("b6"), 0.85);
        // The house next door on the same side.
        check("坊门街14号", Some("b1"), 0.65 - 0.04);
        // One number, two buildings beside each other: the place is known, the building is not.
        check("南湖路26号", None, 0.75);
        check("南湖路26号99幢", None, 0.5);
        // A long street without a number, and one whose ends are far apart.
        check("上街", None, 0.3);
        assert_eq!(book().find("不知道哪里"), None);
        assert_eq!(book().find(""), None);
    }

    #[test]
    fn numbers_are_read_as_they_are_said() {
        let said = |text: &str| number_said(&text.chars().collect::<Vec<_>>());
        for (text, number) in [("十", 10), ("二十三", 23), ("一百零五", 105), ("九", 9)] {
            assert_eq!(said(text), Some(number), "{text}");
        }
        assert_eq!((said("一二"), said("百"), said("")), (None, None, None));
        assert_eq!(normal_address("坊门街 二十三 号，３幢"), "坊门街23号3幢");
        // 一 is no number there.
        assert_eq!(normal_address("一品花园"), "一品花园");
    }
}
