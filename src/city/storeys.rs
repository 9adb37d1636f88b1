//! Which storey an address names: `3层`, `三楼`, `1203室`.

/// The highest storey that is believed.
const HIGHEST: u16 = 200;

/// The storey that a text names, 1 for the ground floor; the last one where it names several.
///
/// Understood are a number before 层, 楼 or F (with digits, full-width digits or Chinese numerals to ninety-nine), and
/// rooms of three or four digits before 室: `1203室` is on the twelfth. 3号楼, 3幢 and 负一层 name no storey.
pub fn storey_in(text: &str) -> Option<u16> {
    let characters: Vec<char> = text.chars().map(narrow).collect();
    let mut found = None;
    let mut start = 0;
    while start < characters.len() {
        let run = characters.iter().skip(start).take_while(|c| is_numeral(**c)).count();
        if run == 0 {
            start += 1;
            continue;
        }
        let number = characters.get(start..start + run).unwrap_or_default();
        let before = start.checked_sub(1).and_then(|at| characters.get(at)).copied();
        let after = characters.get(start + run).copied();
        let is_above = !matches!(before, Some('负' | '-' | 'B' | 'b'));
        let value = value(number).filter(|_| is_above);
        let storey = match after {
            Some('层' | '楼' | 'F' | 'f') => value,
            Some('室') if number.iter().all(char::is_ascii_digit) && (3..=4).contains(&run) => {
                value.map(|room| room / 100)
            }
            _ => None,
        };
        found = storey.filter(|storey| (1..=HIGHEST).contains(storey)).or(found);
        start += run;
    }
    found
}

/// Full-width digits as plain ones.
fn narrow(character: char) -> char {
    match character {
        '０'..='９' => char::from_u32(character as u32 - '０' as u32 + '0' as u32).unwrap_or(character),
        other => other,
    }
}

fn digit(character: char) -> Option<u16> {
    const NUMERALS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    NUMERALS.iter().position(|numeral| *numeral == character).map(|digit| digit as u16)
}

fn is_numeral(character: char) -> bool {
    character.is_ascii_digit() || character == '十' || digit(character).is_some_and(|digit| digit > 0)
}

/// The value of a run of digits, or of a Chinese numeral to ninety-nine.
fn value(number: &[char]) -> Option<u16> {
    if number.iter().all(char::is_ascii_digit) {
        return number.iter().collect::<String>().parse().ok();
    }
    match number {
        ['十'] => Some(10),
        [tens, '十'] => Some(digit(*tens)? * 10),
        ['十', ones] => Some(10 + digit(*ones)?),
        [tens, '十', ones] => Some(digit(*tens)? * 10 + digit(*ones)?),
        [ones] => digit(*ones),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storeys_are_read_from_addresses() {
        for (text, storey) in [
            ("南湖小区3幢2单元5层", Some(5)),
            ("坊门街12号三楼", Some(3)),
            ("荷花花苑14幢1单元1203室", Some(12)),
            ("２０２室", Some(2)),
            ("钟楼大厦二十一层", Some(21)),
            ("十楼天台", Some(10)),
            ("8F", Some(8)),
            ("从2楼到6楼", Some(6)),
            ("3号楼", None),
            ("负一层车库", None),
            ("地下B1层", None),
            ("坊门街12号", None),
            ("99999层", None),
            ("", None),
        ] {
            assert_eq!(storey_in(text), storey, "{text}");
        }
    }
}
