//! An axis-aligned box on the ground.

use serde::{Deserialize, Serialize};

/// A box in local metres; `[east, north]` corners. An empty box has `min` above `max`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// The south-west corner.
    pub min: [f64; 2],
    /// The north-east corner.
    pub max: [f64; 2],
}

impl Default for Bounds {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Bounds {
    /// Contains nothing; the start of a union.
    pub const EMPTY: Self = Self { min: [f64::INFINITY; 2], max: [f64::NEG_INFINITY; 2] };

    /// The smallest box around some points.
    pub fn of(points: impl IntoIterator<Item = [f64; 2]>) -> Self {
        let mut bounds = Self::EMPTY;
        for point in points {
            bounds.extend(point);
        }
        bounds
    }

    /// The smallest box around single-precision points.
    pub fn of_f32(points: &[[f32; 2]]) -> Self {
        Self::of(points.iter().map(|p| [f64::from(p[0]), f64::from(p[1])]))
    }

    /// Grows to take in a point.
    pub fn extend(&mut self, point: [f64; 2]) {
        for (axis, value) in point.into_iter().enumerate() {
            self.min[axis] = self.min[axis].min(value);
            self.max[axis] = self.max[axis].max(value);
        }
    }

    /// The smallest box around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            min: [self.min[0].min(other.min[0]), self.min[1].min(other.min[1])],
            max: [self.max[0].max(other.max[0]), self.max[1].max(other.max[1])],
        }
    }

    /// The box with `margin_m` added on each side.
    #[must_use]
    pub fn expanded(self, margin_m: f64) -> Self {
        Self {
            min: [self.min[0] - margin_m, self.min[1] - margin_m],
            max: [self.max[0] + margin_m, self.max[1] + margin_m],
        }
    }

    /// Whether nothing was ever put in.
    pub fn is_empty(&self) -> bool {
        self.min[0] > self.max[0] || self.min[1] > self.max[1]
    }

    /// Whether a point lies inside or on the edge.
    pub fn contains(&self, [east, north]: [f64; 2]) -> bool {
        east >= self.min[0] && east <= self.max[0] && north >= self.min[1] && north <= self.max[1]
    }

    /// Whether two boxes share at least a point.
    pub fn intersects(&self, other: &Self) -> bool {
        (0..2).all(|axis| self.min[axis] <= other.max[axis] && other.min[axis] <= self.max[axis])
    }

    /// The middle; the origin for an empty box.
    pub fn centre(&self) -> [f64; 2] {
        if self.is_empty() {
            return [0.0; 2];
        }
        [f64::midpoint(self.min[0], self.max[0]), f64::midpoint(self.min[1], self.max[1])]
    }

    /// Width and depth in metres; zero for an empty box.
    pub fn size(&self) -> [f64; 2] {
        if self.is_empty() {
            return [0.0; 2];
        }
        [self.max[0] - self.min[0], self.max[1] - self.min[1]]
    }

    /// Square of the distance from a point to the nearest point of the box, in m².
    pub fn distance_squared(&self, point: [f64; 2]) -> f64 {
        (0..2)
            .map(|axis| {
                let outside = (self.min[axis] - point[axis]).max(point[axis] - self.max[axis]).max(0.0);
                outside * outside
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_and_measures() {
        let bounds = Bounds::of([[1.0, 2.0], [-3.0, 8.0]]);
        assert_eq!(bounds.size(), [4.0, 6.0]);
        assert_eq!(bounds.centre(), [-1.0, 5.0]);
        assert!(bounds.contains([1.0, 8.0]));
        assert!(!bounds.contains([1.1, 8.0]));
        assert_eq!(bounds.distance_squared([4.0, 12.0]), 25.0);
    }

    #[test]
    fn the_empty_box_touches_nothing() {
        assert!(Bounds::EMPTY.is_empty());
        assert!(!Bounds::EMPTY.intersects(&Bounds::of([[0.0, 0.0]])));
        assert_eq!(Bounds::EMPTY.union(Bounds::of([[1.0, 1.0]])), Bounds::of([[1.0, 1.0]]));
        assert_eq!(Bounds::EMPTY.size(), [0.0, 0.0]);
    }
}
