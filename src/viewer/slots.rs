//! Columns by the slots of the situation: small numbers, given anew, so that a column stays short.

/// The entry of a slot in a column, which grows to have it.
pub(super) fn entry<T>(column: &mut Vec<T>, slot: u32, nothing: impl FnMut() -> T) -> Option<&mut T> {
    let index = slot as usize;
    if column.len() <= index {
        column.resize_with(index + 1, nothing);
    }
    column.get_mut(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_grows_to_the_slot_and_no_farther() {
        let mut column = vec![7];
        *entry(&mut column, 2, || 0).expect("it grows") = 5;
        *entry(&mut column, 0, || 0).expect("there") += 1;
        assert_eq!(column, [8, 0, 5]);
    }
}
