//! The seam behind which threads live: the same work is done in turn where there are none (`wasm32`).

/// How many pieces of work are worth making: the processors that this process may use, at most eight.
pub(crate) fn width() -> usize {
    #[cfg(target_arch = "wasm32")]
    return 1;
    #[cfg(not(target_arch = "wasm32"))]
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8)
}

/// Does `work` for each item, one named thread an item (the last on this thread), and returns the results in order.
///
/// Where a thread cannot be had, its item is done on this one. A panic of the work is passed on.
pub(crate) fn map<T: Send, R: Send>(name: &str, items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    #[cfg(target_arch = "wasm32")]
    {
        let _ = name;
        items.into_iter().map(work).collect()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let mut items = items;
        let last = items.pop();
        // An item waits in a slot, so that it is still there when its thread could not be started.
        let slots: Vec<_> = items.into_iter().map(|item| std::sync::Mutex::new(Some(item))).collect();
        let (work, slots) = (&work, &slots[..]);
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..slots.len())
                .map(|i| {
                    std::thread::Builder::new()
                        .name(format!("{name}-{i}"))
                        .spawn_scoped(scope, move || take(slots, i).map(work))
                        .ok()
                })
                .collect();
            let last = last.map(work);
            let mut results = Vec::with_capacity(slots.len() + 1);
            for (i, handle) in handles.into_iter().enumerate() {
                let result = match handle {
                    Some(handle) => handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                    None => take(slots, i).map(work),
                };
                results.extend(result);
            }
            results.extend(last);
            results
        })
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn take<T>(slots: &[std::sync::Mutex<Option<T>>], i: usize) -> Option<T> {
    let mut slot = slots.get(i)?.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    slot.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        assert_eq!(
            map("test", (0..20).collect(), |i: u32| i * i),
            (0..20).map(|i| i * i).collect::<Vec<_>>()
        );
        assert_eq!(map("test", Vec::<u32>::new(), |i| i), Vec::<u32>::new());
        assert!(width() >= 1);
    }
}
