//! Reading a collection page by page, as OGC API – Features has it, and as its servers really behave.
//!
//! Pure: bytes in, the next address out. What is allowed for, each seen in the wild (pygeoapi 0.21):
//! - an empty last page after an exact multiple of the limit;
//! - `next` on the last page; a limit that is cut silently; `numberReturned` absent;
//! - a `next` that drops parameters, or leads to a page that was read before: reading stops there and says so;
//! - a `next` that leads to another origin is not followed: the token is for this server alone.

use std::collections::HashSet;

use url::Url;

use crate::governance::wire::{Item, Page, WireError, read_page};

/// The most pages of one collection; a server that gives more is wrong or means harm.
const MAX_PAGES: usize = 20_000;
/// How much of an answer is quoted when it is not what was expected, in characters.
const QUOTED_CHARS: usize = 80;

/// Why a page could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The body is no FeatureCollection.
    #[error("the answer cannot be read: {source}; it begins with {begins:?}")]
    Unreadable {
        /// What is wrong.
        source: WireError,
        /// Its first characters.
        begins: String,
    },
    /// The link to the next page leads to another server.
    #[error("the next page lies on another server, which is not followed: {0}")]
    ForeignLink(String),
    /// The link to the next page is no address.
    #[error("the link to the next page is no address: {0}")]
    BadLink(String),
    /// There are more pages than any place has.
    #[error("the collection has more than {MAX_PAGES} pages")]
    TooManyPages,
}

/// Reads one collection: say where it begins, hand over each page, follow [`Pager::next`] until there is none.
#[derive(Debug)]
pub struct Pager {
    next: Option<Url>,
    visited: HashSet<String>,
    ids: HashSet<String>,
    repeated: bool,
}

impl Pager {
    /// A pager that begins at an address.
    pub fn new(first: Url) -> Self {
        Self { next: Some(first), visited: HashSet::new(), ids: HashSet::new(), repeated: false }
    }

    /// The address of the next page to read; `None` when the collection has been read.
    pub fn next(&self) -> Option<&Url> {
        self.next.as_ref()
    }

    /// Whether reading stopped because the server began to repeat itself. What was read is then all that it would give.
    pub fn repeated(&self) -> bool {
        self.repeated
    }

    /// Takes the body of the page at [`Pager::next`] and moves on.
    ///
    /// # Errors
    /// [`PageError`]; reading cannot go on then.
    pub fn take<T: Item + HasId>(&mut self, body: &[u8]) -> Result<Page<T>, PageError> {
        let page = read_page::<T>(body)
            .map_err(|source| PageError::Unreadable { source, begins: beginning(body) })?;
        let Some(here) = self.next.take() else { return Ok(page) };
        self.visited.insert(here.as_str().to_owned());
        if self.visited.len() > MAX_PAGES {
            return Err(PageError::TooManyPages);
        }
        let mut any_new = false;
        for item in &page.items {
            any_new |= self.ids.insert(item.id_text().to_owned());
        }
        let is_empty = page.items.is_empty() && page.refused.is_empty();
        let all_known = !page.items.is_empty() && !any_new;
        self.repeated |= all_known;
        if let Some(link) = &page.next
            && !is_empty
            && !all_known
        {
            let next = here.join(link).map_err(|_not_an_address| PageError::BadLink(link.clone()))?;
            if next.origin() != here.origin() {
                return Err(PageError::ForeignLink(link.clone()));
            }
            if self.visited.contains(next.as_str()) {
                self.repeated = true;
            } else {
                self.next = Some(next);
            }
        }
        Ok(page)
    }
}

/// Whose id can be looked at as text.
pub trait HasId {
    /// The id.
    fn id_text(&self) -> &str;
}

impl HasId for crate::governance::Issue {
    fn id_text(&self) -> &str {
        &self.id.0
    }
}

impl HasId for crate::governance::Patrol {
    fn id_text(&self) -> &str {
        &self.id.0
    }
}

/// The first characters of a body, for people.
fn beginning(body: &[u8]) -> String {
    let head = body.get(..QUOTED_CHARS * 4).unwrap_or(body);
    String::from_utf8_lossy(head).trim_start().chars().take(QUOTED_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::Patrol;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    fn page(ids: &[&str], next: Option<&str>) -> Vec<u8> {
        let features: Vec<String> = ids
            .iter()
            .map(|id| {
                format!(
                    r#"{{"type":"Feature","id":"{id}","geometry":null,"properties":{{"version":1,"name":"n","kind":"police"}}}}"#
                )
            })
            .collect();
        let links = next.map_or_else(String::new, |next| format!(r#"{{"rel":"next","href":"{next}"}}"#));
        format!(r#"{{"type":"FeatureCollection","features":[{}],"links":[{links}]}}"#, features.join(","))
            .into_bytes()
    }

    fn begin() -> Pager {
        Pager::new(url("http://a:1/collections/patrols/items?limit=2"))
    }

    #[test]
    fn relative_and_absolute_links_are_followed_to_an_empty_last_page() {
        let mut pager = begin();
        assert_eq!(
            pager.take::<Patrol>(&page(&["1", "2"], Some("items?offset=2"))).expect("reads").items.len(),
            2
        );
        assert_eq!(pager.next(), Some(&url("http://a:1/collections/patrols/items?offset=2")));
        pager.take::<Patrol>(&page(&["3", "4"], Some("http://a:1/x?offset=4"))).expect("reads");
        assert_eq!(pager.next(), Some(&url("http://a:1/x?offset=4")));
        // pygeoapi: the last page was exactly full, so an empty one follows, which may even have a next link.
        pager.take::<Patrol>(&page(&[], Some("x?offset=6"))).expect("reads");
        assert_eq!(pager.next(), None);
        assert!(!pager.repeated());
    }

    #[test]
    fn a_link_back_and_a_page_that_repeats_itself_end_the_reading() {
        let mut pager = begin();
        pager.take::<Patrol>(&page(&["1", "2"], Some("?limit=2"))).expect("reads");
        assert!(pager.next().is_none() && pager.repeated());

        // A server that ignores the offset: ever new addresses, always the same features.
        let mut pager = begin();
        pager.take::<Patrol>(&page(&["1", "2"], Some("?offset=2"))).expect("reads");
        pager.take::<Patrol>(&page(&["1", "2"], Some("?offset=4"))).expect("reads");
        assert!(pager.next().is_none() && pager.repeated());
    }

    #[test]
    fn a_page_whose_features_are_all_refused_is_not_the_last() {
        let mut pager = begin();
        let body = br#"{"type":"FeatureCollection","features":[{"type":"Feature"},7],"links":[{"rel":"next","href":"?p=2"}]}"#;
        let page = pager.take::<Patrol>(body).expect("reads");
        assert_eq!((page.items.len(), page.refused.len()), (0, 2));
        assert!(pager.next().is_some());
    }

    #[test]
    fn another_server_is_not_followed() {
        for link in ["http://evil/x", "https://a:1/x", "http://a:2/x", "//evil/x"] {
            let result = begin().take::<Patrol>(&page(&["1"], Some(link)));
            assert!(matches!(result, Err(PageError::ForeignLink(_))), "{link}");
        }
    }

    #[test]
    fn html_is_quoted() {
        let error = begin().take::<Patrol>(b"\n<html><body>Login</body></html>").expect_err("no JSON");
        assert!(
            error.to_string().ends_with(r#"it begins with "<html><body>Login</body></html>""#),
            "{error}"
        );
    }
}
