//! Positions packed for keeping: 27 bytes each instead of about 150 as JSON.
//!
//! A batch is a sequence of records without a heading, little-endian:
//! patrol `u32`, time `i64` in milliseconds, longitude and latitude `i32` in 10⁻⁷ degrees (a centimetre),
//! heading `u16` in tenths of a degree, speed `u16` in centimetres a second, accuracy `u16` in decimetres
//! (`u16::MAX`: unknown), flags `u8` (bit 0: mock).
//! A position later than year 292 million or a patrol beyond four thousand million cannot be kept; neither comes.

use jiff::Timestamp;

use crate::geo::LonLat;
use crate::governance::Fix;

/// Bytes of one record.
pub(in crate::server) const RECORD: usize = 27;

const UNKNOWN: u16 = u16::MAX;

/// A position of the patrol with this place in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::server) struct PackedFix {
    pub(in crate::server) patrol: u32,
    pub(in crate::server) fix: Fix,
}

/// Packs positions in their order.
pub(in crate::server) fn pack(fixes: &[PackedFix]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(fixes.len() * RECORD);
    for PackedFix { patrol, fix } in fixes {
        packed.extend_from_slice(&patrol.to_le_bytes());
        packed.extend_from_slice(&fix.at.as_millisecond().to_le_bytes());
        packed.extend_from_slice(&((fix.place.lon * 1e7).round() as i32).to_le_bytes());
        packed.extend_from_slice(&((fix.place.lat * 1e7).round() as i32).to_le_bytes());
        packed.extend_from_slice(&scaled(fix.heading_deg, 10.0).to_le_bytes());
        packed.extend_from_slice(&scaled(fix.speed_mps, 100.0).to_le_bytes());
        packed.extend_from_slice(&scaled(fix.accuracy_m, 10.0).to_le_bytes());
        packed.push(u8::from(fix.mock));
    }
    packed
}

/// Unpacks positions; what is left over at the end is ignored, a record that makes no sense is left out.
pub(in crate::server) fn unpack(packed: &[u8]) -> Vec<PackedFix> {
    packed.as_chunks::<RECORD>().0.iter().filter_map(unpack_one).collect()
}

fn unpack_one(record: &[u8; RECORD]) -> Option<PackedFix> {
    let (patrol, rest) = record.split_first_chunk::<4>()?;
    let (at, rest) = rest.split_first_chunk::<8>()?;
    let (lon, rest) = rest.split_first_chunk::<4>()?;
    let (lat, rest) = rest.split_first_chunk::<4>()?;
    let (heading, rest) = rest.split_first_chunk::<2>()?;
    let (speed, rest) = rest.split_first_chunk::<2>()?;
    let (accuracy, rest) = rest.split_first_chunk::<2>()?;
    let fix = Fix {
        at: Timestamp::from_millisecond(i64::from_le_bytes(*at)).ok()?,
        place: LonLat::new(
            f64::from(i32::from_le_bytes(*lon)) / 1e7,
            f64::from(i32::from_le_bytes(*lat)) / 1e7,
        ),
        heading_deg: unscaled(*heading, 10.0),
        speed_mps: unscaled(*speed, 100.0),
        accuracy_m: unscaled(*accuracy, 10.0),
        mock: rest.first().is_some_and(|flags| flags & 1 == 1),
    };
    Some(PackedFix { patrol: u32::from_le_bytes(*patrol), fix })
}

/// As an integer; what is too large stops at the largest, what is no number is unknown.
fn scaled(value: Option<f32>, scale: f32) -> u16 {
    match value {
        Some(value) if value >= 0.0 => (value * scale).round().min(f32::from(UNKNOWN - 1)) as u16,
        _ => UNKNOWN,
    }
}

fn unscaled(bytes: [u8; 2], scale: f32) -> Option<f32> {
    let value = u16::from_le_bytes(bytes);
    (value != UNKNOWN).then(|| f32::from(value) / scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(left: Option<f32>, right: Option<f32>, within: f32) -> bool {
        match (left, right) {
            (Some(left), Some(right)) => (left - right).abs() <= within,
            (None, None) => true,
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back_within_its_resolution(
            patrol: u32,
            at_ms in -1_000_000_000_000_i64..10_000_000_000_000,
            lon in -180.0..180.0,
            lat in -90.0..90.0,
            heading_deg in prop::option::of(0.0_f32..360.0),
            speed_mps in prop::option::of(0.0_f32..600.0),
            accuracy_m in prop::option::of(0.0_f32..6_000.0),
            mock: bool,
        ) {
            let at = Timestamp::from_millisecond(at_ms).expect("in range");
            let fix = Fix { at, place: LonLat::new(lon, lat), heading_deg, speed_mps, accuracy_m, mock };
            let packed = pack(&[PackedFix { patrol, fix }, PackedFix { patrol, fix }]);
            prop_assert_eq!(packed.len(), 2 * RECORD);
            let read = unpack(&packed);
            prop_assert_eq!(read.len(), 2);
            let back = read[1];
            prop_assert_eq!((back.patrol, back.fix.at, back.fix.mock), (patrol, at, mock));
            prop_assert!((back.fix.place.lon - lon).abs() < 1e-7 && (back.fix.place.lat - lat).abs() < 1e-7);
            prop_assert!(near(back.fix.heading_deg, heading_deg, 0.051));
            prop_assert!(near(back.fix.speed_mps, speed_mps, 0.0051));
            prop_assert!(near(back.fix.accuracy_m, accuracy_m, 0.051));
        }
    }

    #[test]
    fn half_a_record_is_ignored() {
        assert_eq!(unpack(&[0; RECORD + 5]).len(), 1);
    }
}
