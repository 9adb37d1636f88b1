//! stub
/// x
pub fn embedded() -> &'static [(&'static str, &'static [u8])] {
    &[]
}
