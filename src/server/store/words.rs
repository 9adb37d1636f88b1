//! Full text in Chinese: every text as its pairs of neighbouring characters.
//!
//! Chinese is written without spaces, so no word can be cut out without a dictionary, and most words have two characters.
//! A run of letters and digits `abcd` becomes the words `ab bc cd d`; what is looked for, `abc`, becomes the phrase `ab bc`,
//! which is found exactly where `abc` stands. One character alone is looked for as the beginning of a word.
//! Upper and lower case are the same; whatever is no letter and no digit parts runs.

use crate::governance::Issue;

/// Words of a search at most: more than a title has.
const MAX_WORDS: usize = 100;

/// The runs of letters and digits of a text, in lower case.
fn runs(text: &str) -> impl Iterator<Item = Vec<char>> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|run| !run.is_empty())
        .map(|run| run.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect())
}

fn pairs(run: &[char]) -> impl Iterator<Item = String> + '_ {
    run.windows(2).map(|pair| pair.iter().collect())
}

/// What an issue can be found by: the words of each run, in order.
fn words_of(issue: &Issue) -> Vec<Vec<String>> {
    let texts = [issue.title.as_str(), &issue.description, issue.address.as_deref().unwrap_or_default()];
    let words = |run: Vec<char>| pairs(&run).chain(run.last().map(char::to_string)).collect();
    texts.into_iter().flat_map(runs).map(words).collect()
}

/// An issue's words for SQLite's FTS5. Between runs stands a word that is no pair, so that no phrase reaches over.
pub(super) fn sqlite_document(issue: &Issue) -> String {
    words_of(issue).iter().map(|run| run.join(" ")).collect::<Vec<_>>().join(" 0gap0 ")
}

/// A search for SQLite's FTS5: every run of the text, each as a phrase; `None` if there is nothing to look for.
pub(super) fn sqlite_search(text: &str) -> Option<String> {
    let phrases = phrases(text, |words| format!("\"{}\"", words.join(" ")), |one| format!("\"{one}\" *"));
    (!phrases.is_empty()).then(|| phrases.join(" AND "))
}

/// An issue's words for PostgreSQL, as the text of a `tsvector`. Between runs a place is left out, so that no phrase
/// reaches over.
pub(super) fn postgres_document(issue: &Issue) -> String {
    let mut place = 0;
    let mut document = Vec::new();
    for run in words_of(issue) {
        place += 1;
        for word in run {
            // Letters and digits alone: nothing in a word has to be escaped.
            document.push(format!("'{word}':{place}"));
            place += 1;
        }
    }
    document.join(" ")
}

/// A search for PostgreSQL, as the text of a `tsquery`; `None` if there is nothing to look for.
pub(super) fn postgres_search(text: &str) -> Option<String> {
    let phrase = |words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        format!("({})", words.join(" <-> "))
    };
    let phrases = phrases(text, phrase, |one| format!("'{one}':*"));
    (!phrases.is_empty()).then(|| phrases.join(" & "))
}

fn phrases(
    text: &str,
    phrase: impl Fn(&[String]) -> String,
    beginning: impl Fn(char) -> String,
) -> Vec<String> {
    let runs = runs(text).filter_map(|run| match run.as_slice() {
        [] => None,
        [one] => Some(beginning(*one)),
        run => Some(phrase(&pairs(run).take(MAX_WORDS).collect::<Vec<_>>())),
    });
    runs.take(MAX_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::governance::{ClassCode, IssueId, Source};

    #[test]
    fn an_issue_becomes_pairs_and_a_search_a_phrase() {
        let class = ClassCode { scheme: "local".into(), kind: "event".into(), code: "1".into() };
        let mut issue = Issue::reported(IssueId("A".into()), class, Source::Patrol, Timestamp::UNIX_EPOCH);
        issue.title = "Abc, d".into();
        issue.address = Some("12".into());
        assert_eq!(sqlite_document(&issue), "ab bc c 0gap0 d 0gap0 12 2");
        assert_eq!(sqlite_search("ABC d").as_deref(), Some("\"ab bc\" AND \"d\" *"));
        assert_eq!(postgres_document(&issue), "'ab':1 'bc':2 'c':3 'd':5 '12':7 '2':8");
        assert_eq!(postgres_search("ABC d").as_deref(), Some("('ab' <-> 'bc') & 'd':*"));
        assert_eq!(sqlite_search(" -\"*' "), None);
    }
}
