//! A patrol's positions of one hour, coded by their differences: about 9 bytes each instead of 27.
//!
//! Sorted by time, one of each moment. For each position six numbers follow each other, every one the difference to
//! the position before (the first to zero; of time the difference of differences, which is mostly zero) as a zigzag
//! varint: time in milliseconds, longitude, latitude, heading, speed, accuracy in the units of [`super::packed`]. The
//! flag of a faked position is joined to the time as its lowest bit.

use super::packed::Kept;

/// Milliseconds of the hour that one row covers.
pub(in crate::server) const HOUR_MS: i64 = 3_600_000;

/// The number of the hour since 1970 in which a moment lies.
pub(in crate::server) fn hour_of(at_ms: i64) -> i64 {
    at_ms.div_euclid(HOUR_MS)
}

/// Sorts by time and keeps one of each moment, the first that came.
pub(in crate::server) fn in_order(mut kept: Vec<Kept>) -> Vec<Kept> {
    kept.sort_by_key(|kept| kept.at);
    kept.dedup_by_key(|kept| kept.at);
    kept
}

/// Keeps the first of them and then each that comes this much later than the one kept before.
pub(in crate::server) fn thin(kept: &mut Vec<Kept>, every_ms: i64) {
    let mut last: Option<i64> = None;
    kept.retain(|kept| {
        let is_due = last.is_none_or(|last| kept.at - last >= every_ms);
        if is_due {
            last = Some(kept.at);
        }
        is_due
    });
}

/// Codes positions that are in order.
pub(in crate::server) fn code(kept: &[Kept]) -> Vec<u8> {
    let mut out = Vec::with_capacity(kept.len() * 10);
    let mut before = [0_i64; 6];
    let mut step = 0;
    for kept in kept {
        let now = numbers(kept);
        let time = now[0].wrapping_sub(before[0]);
        let time_bits = zigzag(time.wrapping_sub(step));
        push(&mut out, u128::from(time_bits) << 1 | u128::from(kept.mock));
        step = time;
        for (now, before) in now.iter().zip(before).skip(1) {
            push(&mut out, u128::from(zigzag(now - before)));
        }
        before = now;
    }
    out
}

/// Decodes positions; `None` if this is none of ours.
pub(in crate::server) fn decode(mut coded: &[u8]) -> Option<Vec<Kept>> {
    let mut kept = Vec::with_capacity(coded.len() / 9);
    let mut now = [0_i64; 6];
    let mut step = 0_i64;
    while !coded.is_empty() {
        let time = pull(&mut coded)?;
        step = step.wrapping_add(unzigzag(u64::try_from(time >> 1).ok()?));
        now[0] = now[0].wrapping_add(step);
        for number in &mut now[1..] {
            let difference = u64::try_from(pull(&mut coded)?).ok()?;
            *number = number.checked_add(unzigzag(difference))?;
        }
        let [at, lon, lat, heading, speed, accuracy] = now;
        kept.push(Kept {
            at,
            lon: lon.try_into().ok()?,
            lat: lat.try_into().ok()?,
            heading: heading.try_into().ok()?,
            speed: speed.try_into().ok()?,
            accuracy: accuracy.try_into().ok()?,
            mock: time & 1 == 1,
        });
    }
    Some(kept)
}

fn numbers(kept: &Kept) -> [i64; 6] {
    let Kept { at, lon, lat, heading, speed, accuracy, .. } = *kept;
    [at, lon.into(), lat.into(), heading.into(), speed.into(), accuracy.into()]
}

/// Small numbers of either sign become small ones without.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn push(out: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn pull(coded: &mut &[u8]) -> Option<u128> {
    let mut number = 0;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = coded.split_first()?;
        *coded = rest;
        number |= u128::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(at: i64) -> Kept {
        Kept { at, lon: 1_188_735_000, lat: 289_655_000, heading: 900, speed: 120, accuracy: 50, mock: false }
    }

    fn any_kept() -> impl Strategy<Value = Kept> {
        let numbers = (any::<i64>(), any::<i32>(), any::<i32>());
        let scaled = (any::<u16>(), any::<u16>(), any::<u16>(), any::<bool>());
        (numbers, scaled).prop_map(|((at, lon, lat), (heading, speed, accuracy, mock))| Kept {
            at,
            lon,
            lat,
            heading,
            speed,
            accuracy,
            mock,
        })
    }

    proptest! {
        #[test]
        fn what_is_coded_comes_back(kept in prop::collection::vec(any_kept(), 0..50)) {
            prop_assert_eq!(decode(&code(&kept)), Some(kept));
        }

        #[test]
        fn anything_is_decoded_or_refused(coded in prop::collection::vec(any::<u8>(), 0..200)) {
            let _decoded_or_not = decode(&coded);
        }
    }

    #[test]
    fn a_walk_at_five_seconds_takes_nine_bytes_a_position() {
        // Six metres to the north-east every five seconds, heading and accuracy as a phone has them.
        let walk: Vec<Kept> = (0..720)
            .map(|n| {
                let wobble: i32 = n * 7 % 11;
                Kept {
                    at: 1_789_430_400_000 + i64::from(n) * 5_000,
                    lon: 1_188_735_000 + n * 430 + wobble * 20,
                    lat: 289_655_000 + n * 390 - wobble * 15,
                    heading: 450 + (wobble * 30) as u16,
                    speed: 120 + wobble as u16,
                    accuracy: 50 + (wobble % 3) as u16,
                    mock: false,
                }
            })
            .collect();
        let bytes = code(&walk).len() as f64 / 720.0;
        assert!((6.0..9.5).contains(&bytes), "{bytes} bytes a position");
    }

    #[test]
    fn order_and_thinning() {
        let walk =
            in_order(vec![at(9_000), at(1_000), Kept { mock: true, ..at(1_000) }, at(5_000), at(12_000)]);
        assert_eq!(walk, [at(1_000), at(5_000), at(9_000), at(12_000)]);
        let mut thinned = walk;
        thin(&mut thinned, 5_000);
        assert_eq!(thinned, [at(1_000), at(9_000)]);
        assert_eq!((hour_of(0), hour_of(HOUR_MS - 1), hour_of(HOUR_MS), hour_of(-1)), (0, 0, 1, -1));
    }
}
