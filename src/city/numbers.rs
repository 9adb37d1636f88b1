//! Numbers as people write them into properties: `12`, `"12 m"`, `"40'"`, `"6.5"`, `"12,5"`, `"约12米"`.

use super::geojson::Scalar;

const METRES_PER_FOOT: f64 = 0.3048;

/// A property that should be a number.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Given {
    /// Absent, null or empty.
    #[default]
    Nothing,
    /// A finite number.
    Number(f64),
    /// Something else.
    Unreadable,
}

impl Given {
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A length in metres.
    pub(crate) fn length(value: Scalar<'_>) -> Self {
        Self::read(value, length_m)
    }

    /// A count, perhaps fractional, such as of floors.
    pub(crate) fn count(value: Scalar<'_>) -> Self {
        Self::read(value, count)
    }

    fn read(value: Scalar<'_>, text: impl Fn(&str) -> Option<f64>) -> Self {
        match value {
            Scalar::Null => Self::Nothing,
            Scalar::Number(number) if number.is_finite() => Self::Number(number),
            Scalar::Text(written) => {
                let written = written.trim();
                if written.is_empty() || written == "-" || written.eq_ignore_ascii_case("unknown") {
                    Self::Nothing
                } else {
                    text(written).filter(|number| number.is_finite()).map_or(Self::Unreadable, Self::Number)
                }
            }
            Scalar::Number(_) | Scalar::Bool(_) | Scalar::Nested => Self::Unreadable,
        }
    }
}

/// Metres; of several lengths (`"12;15"`) the largest.
fn length_m(text: &str) -> Option<f64> {
    largest(text, |part| {
        let (number, unit) = split_number(part)?;
        match unit.trim_end_matches('.') {
            "" | "m" | "M" | "米" | "公尺" => Some(number),
            unit if unit.eq_ignore_ascii_case("meter")
                || unit.eq_ignore_ascii_case("meters")
                || unit.eq_ignore_ascii_case("metre")
                || unit.eq_ignore_ascii_case("metres") =>
            {
                Some(number)
            }
            "cm" => Some(number / 100.0),
            "'" | "′" | "ft" | "feet" | "foot" | "FT" => Some(number * METRES_PER_FOOT),
            // 40'6"
            unit => {
                let inches = unit.strip_prefix(['\'', '′'])?;
                let (inches, mark) = split_number(inches)?;
                matches!(mark, "\"" | "″" | "''" | "").then_some((number + inches / 12.0) * METRES_PER_FOOT)
            }
        }
    })
}

/// A number with or without a word for floors.
fn count(text: &str) -> Option<f64> {
    largest(text, |part| {
        let (number, unit) = split_number(part)?;
        let unit = unit.trim_end_matches('.').to_ascii_lowercase();
        matches!(
            unit.as_str(),
            "" | "层"
                | "層"
                | "楼"
                | "f"
                | "fl"
                | "l"
                | "floor"
                | "floors"
                | "level"
                | "levels"
                | "storey"
                | "storeys"
                | "stories"
        )
        .then_some(number)
    })
}

fn largest(text: &str, read: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    let text = text.trim_start_matches(['约', '~', '≈', '+']);
    if text.contains(';') {
        text.split(';').map(|part| read(part.trim())).try_fold(f64::MIN, |most, next| Some(most.max(next?)))
    } else {
        read(text)
    }
}

/// The number at the start, with a point or a comma, and what follows it.
fn split_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(i, c)| !(c.is_ascii_digit() || matches!(c, '.' | ',') || (*i == 0 && matches!(c, '-' | '+'))))
        .map_or(text.len(), |(i, _)| i);
    let (digits, rest) = text.split_at(end);
    let number = if digits.contains(',') { digits.replace(',', ".").parse() } else { digits.parse() };
    Some((number.ok()?, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metres(text: &str) -> Given {
        Given::length(Scalar::Text(text))
    }

    #[test]
    fn lengths_in_every_spelling() {
        for (text, expected) in [
            ("12", 12.0),
            ("12 m", 12.0),
            ("12m", 12.0),
            ("6.5", 6.5),
            ("12,5", 12.5),
            ("12米", 12.0),
            ("约12米", 12.0),
            ("12 meters", 12.0),
            ("12;15", 15.0),
            ("-3", -3.0),
            (" 9.90 ", 9.9),
        ] {
            assert_eq!(metres(text), Given::Number(expected), "{text}");
        }
        let feet = metres("40'").number().expect("a number");
        assert!((feet - 12.192).abs() < 1e-9);
        let both = metres("40'6\"").number().expect("a number");
        assert!((both - 12.3444).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_length() {
        for text in ["high", "12 floors", "1.2.3", "NaN", "inf", "m"] {
            assert_eq!(metres(text), Given::Unreadable, "{text}");
        }
        assert_eq!(metres(""), Given::Nothing);
        assert_eq!(Given::length(Scalar::Null), Given::Nothing);
        assert_eq!(Given::length(Scalar::Bool(true)), Given::Unreadable);
    }

    #[test]
    fn counts() {
        for (text, expected) in
            [("6", 6.0), ("6.5", 6.5), ("6层", 6.0), ("5 floors", 5.0), ("3;4", 4.0), ("12F", 12.0)]
        {
            assert_eq!(Given::count(Scalar::Text(text)), Given::Number(expected), "{text}");
        }
        assert_eq!(Given::count(Scalar::Text("12 m")), Given::Unreadable);
    }
}
