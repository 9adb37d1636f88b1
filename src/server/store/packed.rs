//! Positions packed for keeping: 27 bytes each instead of about 150 as JSON.
//!
//! A batch is a sequence of records without a heading, little-endian:
//! patrol `u32`, time `i64` in milliseconds, longitude and latitude `i32` in 10⁻⁷ degrees (a centimetre),
//! heading `u16` in tenths of a degree, speed `u16` in centimetres a second, accuracy `u16` in decimetres
//! (`u16::MAX`: unknown), flags `u8` (bit 0: mock). The charge of a battery is of interest now and not later: it is not
//! kept here, only with the newest position of a patrol.
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

/// A position as it is kept: whole numbers in the units of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) struct Kept {
    pub(in crate::server) at: i64,
    pub(in crate::server) lon: i32,
    pub(in crate::server) lat: i32,
    pub(in crate::server) heading: u16,
    pub(in crate::server) speed: u16,
    pub(in crate::server) accuracy: u16,
    pub(in crate::server) mock: bool,
}

impl From<&Fix> for Kept {
    fn from(fix: &Fix) -> Self {
        Self {
            at: fix.at.as_millisecond(),
            lon: (fix.place.lon * 1e7).round() as i32,
            lat: (fix.place.lat * 1e7).round() as i32,
            heading: scaled(fix.heading_deg, 10.0),
            speed: scaled(fix.speed_mps, 100.0),
            accuracy: scaled(fix.accuracy_m, 10.0),
            mock: fix.mock,
        }
    }
}

impl Kept {
    /// The position; `None` if its time makes no sense.
    pub(in crate::server) fn fix(self) -> Option<Fix> {
        Some(Fix {
            at: Timestamp::from_millisecond(self.at).ok()?,
            place: LonLat::new(f64::from(self.lon) / 1e7, f64::from(self.lat) / 1e7),
            heading_deg: unscaled(self.heading, 10.0),
            speed_mps: unscaled(self.speed, 100.0),
            accuracy_m: unscaled(self.accuracy, 10.0),
            mock: self.mock,
            battery_percent: None,
        })
    }
}

/// Packs positions in their order.
pub(in crate::server) fn pack(fixes: &[PackedFix]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(fixes.len() * RECORD);
    for PackedFix { patrol, fix } in fixes {
        let kept = Kept::from(fix);
        packed.extend_from_slice(&patrol.to_le_bytes());
        packed.extend_from_slice(&kept.at.to_le_bytes());
        packed.extend_from_slice(&kept.lon.to_le_bytes());
        packed.extend_from_slice(&kept.lat.to_le_bytes());
        packed.extend_from_slice(&kept.heading.to_le_bytes());
        packed.extend_from_slice(&kept.speed.to_le_bytes());
        packed.extend_from_slice(&kept.accuracy.to_le_bytes());
        packed.push(u8::from(kept.mock));
    }
    packed
}

/// Unpacks positions, each with its patrol; what is left over at the end is ignored.
pub(in crate::server) fn unpack(packed: &[u8]) -> impl Iterator<Item = (u32, Kept)> {
    packed.as_chunks::<RECORD>().0.iter().filter_map(unpack_one)
}

/// Unpacks the positions of one patrol, passing over those of others.
pub(in crate::server) fn unpack_of(packed: &[u8], patrol: u32) -> impl Iterator<Item = Kept> {
    let patrol = patrol.to_le_bytes();
    let records = packed.as_chunks::<RECORD>().0.iter();
    records
        .filter(move |record| record.first_chunk() == Some(&patrol))
        .filter_map(|record| unpack_one(record).map(|(_, kept)| kept))
}

fn unpack_one(record: &[u8; RECORD]) -> Option<(u32, Kept)> {
    let (patrol, rest) = record.split_first_chunk::<4>()?;
    let (at, rest) = rest.split_first_chunk::<8>()?;
    let (lon, rest) = rest.split_first_chunk::<4>()?;
    let (lat, rest) = rest.split_first_chunk::<4>()?;
    let (heading, rest) = rest.split_first_chunk::<2>()?;
    let (speed, rest) = rest.split_first_chunk::<2>()?;
    let (accuracy, rest) = rest.split_first_chunk::<2>()?;
    let kept = Kept {
        at: i64::from_le_bytes(*at),
        lon: i32::from_le_bytes(*lon),
        lat: i32::from_le_bytes(*lat),
        heading: u16::from_le_bytes(*heading),
        speed: u16::from_le_bytes(*speed),
        accuracy: u16::from_le_bytes(*accuracy),
        mock: rest.first().is_some_and(|flags| flags & 1 == 1),
    };
    Some((u32::from_le_bytes(*patrol), kept))
}

/// As an integer; what is too large stops at the largest, what is no number is unknown.
fn scaled(value: Option<f32>, scale: f32) -> u16 {
    match value {
        Some(value) if value >= 0.0 => (value * scale).round().min(f32::from(UNKNOWN - 1)) as u16,
        _ => UNKNOWN,
    }
}

fn unscaled(value: u16, scale: f32) -> Option<f32> {
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
            let fix = Fix { at, place: LonLat::new(lon, lat), heading_deg, speed_mps, accuracy_m, mock, battery_percent: None };
            let packed = pack(&[PackedFix { patrol, fix }, PackedFix { patrol, fix }]);
            prop_assert_eq!(packed.len(), 2 * RECORD);
            let read: Vec<_> = unpack(&packed).collect();
            prop_assert_eq!(read.len(), 2);
            let (whose, back) = (read[1].0, read[1].1.fix().expect("a time"));
            prop_assert_eq!((whose, back.at, back.mock), (patrol, at, mock));
            prop_assert!((back.place.lon - lon).abs() < 1e-7 && (back.place.lat - lat).abs() < 1e-7);
            prop_assert!(near(back.heading_deg, heading_deg, 0.051));
            prop_assert!(near(back.speed_mps, speed_mps, 0.0051));
            prop_assert!(near(back.accuracy_m, accuracy_m, 0.051));
            prop_assert_eq!(Kept::from(&back), read[1].1);
        }
    }

    #[test]
    fn half_a_record_is_ignored() {
        assert_eq!(unpack(&[0; RECORD + 5]).count(), 1);
    }
}
