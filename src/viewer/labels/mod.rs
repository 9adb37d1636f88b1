//! Labels.
mod glyphs;
pub use glyphs::Glyphs;
