//! Boxes in degrees, also across the antimeridian.

use crate::geo::LonLat;

/// A box in degrees; `west` is greater than `east` where it crosses the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::server) struct Bbox {
    pub(in crate::server) west: f64,
    pub(in crate::server) south: f64,
    pub(in crate::server) east: f64,
    pub(in crate::server) north: f64,
}

impl Bbox {
    /// The box that is one point.
    pub(in crate::server) fn at(LonLat { lon, lat }: LonLat) -> Self {
        Self { west: lon, south: lat, east: lon, north: lat }
    }

    /// Whether two boxes have a point in common, edges included; one that is a point lies within the other then.
    /// 180° east is 180° west.
    pub(in crate::server) fn touches(self, other: Self) -> bool {
        let [(west, east), (from, to)] = [self, other].map(|bbox| {
            let turn = if bbox.west <= bbox.east { 0.0 } else { 360.0 };
            (bbox.west, bbox.east + turn)
        });
        let in_lon = [-360.0, 0.0, 360.0].into_iter().any(|turn| from + turn <= east && west <= to + turn);
        in_lon && other.south <= self.north && self.south <= other.north
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bbox(west: f64, south: f64, east: f64, north: f64) -> Bbox {
        Bbox { west, south, east, north }
    }

    /// Either way round.
    fn touch(one: Bbox, other: Bbox) -> bool {
        assert_eq!(one.touches(other), other.touches(one), "{one:?} {other:?}");
        one.touches(other)
    }

    #[test]
    fn boxes_touch_where_they_share_an_edge_or_more() {
        let town = bbox(118.0, 28.0, 119.0, 29.0);
        for near in [
            town,
            bbox(119.0, 29.0, 120.0, 30.0),
            bbox(118.4, 28.4, 118.5, 28.5),
            bbox(-180.0, -90.0, 180.0, 90.0),
        ] {
            assert!(touch(town, near), "{near:?}");
        }
        for far in
            [bbox(119.1, 28.0, 120.0, 29.0), bbox(118.0, 29.1, 119.0, 30.0), bbox(-119.0, 28.0, -118.0, 29.0)]
        {
            assert!(!touch(town, far), "{far:?}");
        }
    }

    #[test]
    fn a_point_touches_what_it_lies_in() {
        let town = bbox(118.0, 28.0, 119.0, 29.0);
        let at = |lon, lat| touch(town, Bbox::at(LonLat::new(lon, lat)));
        assert!(at(118.5, 28.5) && at(118.0, 28.0) && at(119.0, 29.0));
        assert!(!at(117.99, 28.5) && !at(118.5, 29.01) && !at(f64::NAN, 28.5));
    }

    #[test]
    fn across_the_antimeridian() {
        let fiji = bbox(177.0, -21.0, -178.0, -12.0);
        let at = |lon| touch(fiji, Bbox::at(LonLat::new(lon, -18.0)));
        assert!(at(178.0) && at(180.0) && at(-180.0) && at(-179.0) && at(-178.0));
        assert!(!at(0.0) && !at(176.9) && !at(-177.9));
        assert!(touch(fiji, bbox(179.0, -20.0, -179.0, -19.0)), "both cross");
        assert!(
            touch(fiji, bbox(170.0, -20.0, 177.0, -19.0)) && touch(fiji, bbox(-178.0, -20.0, -170.0, -19.0))
        );
        assert!(!touch(fiji, bbox(-177.0, -20.0, 176.0, -19.0)), "the rest of the earth");
        assert!(touch(bbox(170.0, 0.0, 180.0, 1.0), bbox(-180.0, 0.0, -170.0, 1.0)), "one meridian");
        assert!(touch(bbox(110.0, -90.0, 100.0, 90.0), Bbox::at(LonLat::new(118.0, 28.0))));
        assert!(!touch(bbox(110.0, -90.0, 100.0, 90.0), Bbox::at(LonLat::new(105.0, 28.0))));
    }
}
