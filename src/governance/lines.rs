//! Lines of the small tables that a place may bring: holidays, limits of stages.

/// The lines below a heading with their numbers, counted from 1; without those that are empty or begin with `#`.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = (1..).zip(text.trim_start_matches('\u{feff}').lines()).skip(1);
    numbered
        .map(|(number, line)| (number, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_comments_and_empty_lines_are_none() {
        let text = "\u{feff}a,b\n 1,2 \n\n# said\n3,4";
        assert_eq!(lines(text).collect::<Vec<_>>(), [(2, "1,2"), (5, "3,4")]);
        assert_eq!(lines("").count(), 0);
    }
}
