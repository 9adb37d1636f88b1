//! stub
/// x
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// x
    Chinese,
    /// y
    English,
}
