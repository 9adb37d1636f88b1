//! Which icon stands for which class of issue: `icons.csv` (`scheme,code,icon`), beside the class table.
//!
//! A code that ends early holds for every class that begins with it: the first digits of a national code are its group.

use std::collections::BTreeMap;

use super::tables::rows;

/// The icons of a place's classes, by scheme and the beginning of a code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassIcons(BTreeMap<String, BTreeMap<String, String>>);

impl ClassIcons {
    /// Reads `icons.csv`: what could be read, and a warning for each row that could not.
    pub fn read(bytes: &[u8]) -> (Self, Vec<String>) {
        let (read, warnings) = rows(bytes, &["scheme", "code", "icon"], |row| {
            let text = |column, missing| row.text(column).map(str::to_owned).ok_or(missing);
            Ok((text("scheme", "no scheme")?, text("code", "no code")?, text("icon", "no icon")?))
        });
        let mut icons = Self::default();
        for (scheme, code, icon) in read {
            icons.0.entry(scheme).or_default().insert(code, icon);
        }
        (icons, warnings)
    }

    /// The icon of a class: that of the longest beginning of its code that the table has.
    pub fn find(&self, scheme: &str, code: &str) -> Option<&str> {
        let of_scheme = self.0.get(scheme)?;
        let beginnings = (1..=code.len()).rev().filter_map(|end| code.get(..end));
        beginnings.filter_map(|start| of_scheme.get(start)).map(String::as_str).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_wins() {
        let (icons, warnings) =
            ClassIcons::read(b"scheme,code,icon\ngb,06,broom\ngb,06010,trash\nlocal,L,\n");
        assert_eq!(warnings.len(), 1, "a row without an icon is told: {warnings:?}");
        assert_eq!(icons.find("gb", "06010"), Some("trash"));
        assert_eq!(icons.find("gb", "06099"), Some("broom"));
        assert_eq!(icons.find("gb", "07001"), None);
        assert_eq!(icons.find("local", "06010"), None, "codes of different editions collide");
    }
}
