//! From numbers as written to local metres.

use super::super::report::Reason;
use crate::geo::{Crs, Datum, LocalFrame, LonLat};

/// A feature whose numbers make sense only the other way round must come this near to the others, in metres.
const SWAPPED_WITHIN_M: f64 = 100_000.0;

/// Which of a pair of degrees is the longitude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    LonLat,
    LatLon,
}

impl Order {
    pub(crate) fn is_swapped(self) -> bool {
        self == Self::LatLon
    }
}

/// Everything that is needed to turn a pair of numbers into metres.
pub(crate) struct Locator {
    crs: Crs,
    datum: Datum,
    frame: LocalFrame,
}

impl Locator {
    /// With the origin that is given, else the median of the samples, which outliers do not move.
    pub(crate) fn new(
        crs: Crs,
        datum: Datum,
        origin: Option<LonLat>,
        samples: impl Iterator<Item = [f64; 2]>,
    ) -> Self {
        let origin = origin.filter(|origin| origin.is_valid()).unwrap_or_else(|| {
            let mut places: Vec<LonLat> = samples
                .filter_map(|point| crs.to_lon_lat(point))
                .filter_map(|place| [place, place.swapped()].into_iter().find(|place| place.is_valid()))
                .map(|place| datum.to_wgs84(place))
                .collect();
            let middle = places.len() / 2;
            let mut median = |of: fn(&LonLat) -> f64| {
                places.sort_by(|a, b| of(a).total_cmp(&of(b)));
                places.get(middle).map_or(0.0, of)
            };
            LonLat::new(median(|place| place.lon), median(|place| place.lat))
        });
        Self { crs, datum, frame: LocalFrame::new(origin) }
    }

    pub(crate) fn frame(&self) -> LocalFrame {
        self.frame
    }

    /// Appends a ring in local metres. The first point of a feature decides the order of its numbers.
    pub(crate) fn locate(
        &self,
        ring: &[[f64; 2]],
        order: &mut Option<Order>,
        out: &mut Vec<[f64; 2]>,
    ) -> Result<(), Reason> {
        out.reserve(ring.len());
        for point in ring {
            let order = match *order {
                Some(order) => order,
                None => *order.insert(self.order(*point)),
            };
            out.push(self.point(*point, order)?);
        }
        Ok(())
    }

    /// One position that belongs to nothing else.
    pub(crate) fn one(&self, point: [f64; 2]) -> Result<[f64; 2], Reason> {
        self.point(point, self.order(point))
    }

    fn point(&self, point: [f64; 2], order: Order) -> Result<[f64; 2], Reason> {
        let wrong = |point: [f64; 2]| Reason::OutOfRange {
            x: point[0],
            y: point[1],
            metres: matches!(self.crs, Crs::Geographic)
                && point.iter().all(|number| number.abs() < 5e7)
                && point.iter().any(|number| number.abs() > 1_000.0),
        };
        let place = self.crs.to_lon_lat(point).ok_or_else(|| wrong(point))?;
        let place = if order.is_swapped() { place.swapped() } else { place };
        if !place.is_valid() {
            return Err(wrong(point));
        }
        let local = self.frame.project(self.datum.to_wgs84(place));
        let distance_m = local[0].hypot(local[1]);
        // Written so that NaN is refused, too.
        if distance_m <= LocalFrame::REACH_M {
            Ok(local)
        } else {
            Err(Reason::TooFar { distance_km: (self.frame.origin().distance_m(place) / 1_000.0) as u32 })
        }
    }

    fn order(&self, point: [f64; 2]) -> Order {
        if !matches!(self.crs, Crs::Geographic) {
            return Order::LonLat;
        }
        let place = LonLat::new(point[0], point[1]);
        let as_written = if place.is_valid() { self.frame.origin().distance_m(place) } else { f64::INFINITY };
        let swapped = if place.swapped().is_valid() {
            self.frame.origin().distance_m(place.swapped())
        } else {
            f64::INFINITY
        };
        if as_written > LocalFrame::REACH_M && swapped < SWAPPED_WITHIN_M {
            Order::LatLon
        } else {
            Order::LonLat
        }
    }
}
