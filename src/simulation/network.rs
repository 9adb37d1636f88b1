//! The road network as a graph: where one can walk or drive, and the way from here to there.
//!
//! Roads are cut into pieces of at most [`PIECE_M`], so that every place on a road has a node near it.
//! Roads cross where they share a point, as in our own files and in OpenStreetMap's.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::city::{RoadClass, Ways};
use crate::geo::LonLat;
use crate::geo::noise::mixed;

/// The longest piece of road between two nodes, in metres.
const PIECE_M: f64 = 20.0;
/// Points closer than this are one node, in metres.
const SNAP_M: f64 = 0.25;
/// The narrowest road that a patrol vehicle takes, in metres.
const DRIVABLE_M: f32 = 5.0;

/// A node of a [`Network`].
pub(super) type Node = u32;

/// How somebody moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// On foot: every road.
    Walk,
    /// In a vehicle: streets that are wide enough.
    Drive,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    to: Node,
    length_m: f32,
    drivable: bool,
}

/// The road network.
#[derive(Debug, Default)]
pub(super) struct Network {
    points: Vec<[f64; 2]>,
    links: Vec<Vec<Link>>,
    /// Of each node, the name of a road that it lies on.
    names: Vec<Option<u32>>,
    roads: Vec<String>,
    walk: RTree<GeomWithData<[f64; 2], Node>>,
    drive: RTree<GeomWithData<[f64; 2], Node>>,
}

/// A way through the network.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Route {
    /// The points on the way, `[east, north]` in local metres; at least one.
    pub(super) points: Vec<[f64; 2]>,
    /// Its length.
    pub(super) length_m: f64,
}

impl Network {
    /// The network of a place's roads; only what hangs together with most of it can be reached and is used.
    pub(super) fn new(ways: &Ways) -> Self {
        let mut network = Self::default();
        let mut nodes: BTreeMap<[i64; 2], Node> = BTreeMap::new();
        for road in &ways.roads {
            let name = road.name.as_ref().map(|name| {
                let known = network.roads.iter().position(|held| held == name);
                known.unwrap_or_else(|| {
                    network.roads.push(name.clone());
                    network.roads.len() - 1
                }) as u32
            });
            let drivable = road.width_m >= DRIVABLE_M && road.class >= RoadClass::Residential;
            for pair in road.line.windows(2) {
                let [a, b] = pair else { continue };
                network.add_segment(&mut nodes, a.map(f64::from), b.map(f64::from), name, drivable);
            }
        }
        network.walk = network.tree(network.largest_part(|_| true));
        network.drive = network.tree(network.largest_part(|link| link.drivable));
        network
    }

    fn add_segment(
        &mut self,
        nodes: &mut BTreeMap<[i64; 2], Node>,
        a: [f64; 2],
        b: [f64; 2],
        name: Option<u32>,
        drivable: bool,
    ) {
        let pieces = (distance_m(a, b) / PIECE_M).ceil().clamp(1.0, 10_000.0) as u32;
        let mut previous = self.node(nodes, a, name);
        for piece in 1..=pieces {
            let next = self.node(nodes, mix(a, b, f64::from(piece) / f64::from(pieces)), name);
            if next != previous {
                let length_m = distance_m(self.point(previous), self.point(next)) as f32;
                for (from, to) in [(previous, next), (next, previous)] {
                    if let Some(links) = self.links.get_mut(from as usize) {
                        links.push(Link { to, length_m, drivable });
                    }
                }
            }
            previous = next;
        }
    }

    fn node(&mut self, nodes: &mut BTreeMap<[i64; 2], Node>, point: [f64; 2], name: Option<u32>) -> Node {
        let key = point.map(|metres| (metres / SNAP_M).round() as i64);
        let next = self.points.len() as Node;
        let node = *nodes.entry(key).or_insert(next);
        if node == next {
            self.points.push(point);
            self.links.push(Vec::new());
            self.names.push(name);
        }
        node
    }

    /// The nodes of the largest part that hangs together by links of a kind.
    fn largest_part(&self, usable: impl Fn(&Link) -> bool) -> Vec<Node> {
        let mut seen = vec![false; self.points.len()];
        let mut best = Vec::new();
        for start in 0..self.points.len() {
            if seen.get(start).copied().unwrap_or(true) {
                continue;
            }
            let mut part = vec![start as Node];
            if let Some(seen) = seen.get_mut(start) {
                *seen = true;
            }
            let mut next = 0;
            while let Some(node) = part.get(next).copied() {
                next += 1;
                for link in self.links(node).iter().filter(|link| usable(link)) {
                    if let Some(seen) = seen.get_mut(link.to as usize)
                        && !*seen
                    {
                        *seen = true;
                        part.push(link.to);
                    }
                }
            }
            // A node without a link leads nowhere.
            if part.len() > best.len() && part.len() > 1 {
                best = part;
            }
        }
        best.sort_unstable();
        best
    }

    fn tree(&self, nodes: Vec<Node>) -> RTree<GeomWithData<[f64; 2], Node>> {
        RTree::bulk_load(nodes.into_iter().map(|node| GeomWithData::new(self.point(node), node)).collect())
    }

    fn links(&self, node: Node) -> &[Link] {
        self.links.get(node as usize).map(Vec::as_slice).unwrap_or_default()
    }

    fn reachable(&self, mode: Mode) -> &RTree<GeomWithData<[f64; 2], Node>> {
        match mode {
            Mode::Walk => &self.walk,
            Mode::Drive => &self.drive,
        }
    }

    /// Whether nobody can go anywhere.
    pub(super) fn is_empty(&self) -> bool {
        self.walk.size() == 0
    }

    /// Where a node lies.
    pub(super) fn point(&self, node: Node) -> [f64; 2] {
        self.points.get(node as usize).copied().unwrap_or_default()
    }

    /// The name of the road at a node.
    pub(super) fn road_name(&self, node: Node) -> Option<&str> {
        let name = (*self.names.get(node as usize)?)?;
        self.roads.get(name as usize).map(String::as_str)
    }

    /// The nearest node that can be reached; on foot if no street is wide enough for a vehicle.
    pub(super) fn nearest(&self, point: [f64; 2], mode: Mode) -> Option<Node> {
        let found = self.reachable(mode).nearest_neighbor(&point);
        found.or_else(|| self.walk.nearest_neighbor(&point)).map(|found| found.data)
    }

    /// The nodes that can be reached and fulfil a condition, in order.
    pub(super) fn nodes(&self, mode: Mode, mut keep: impl FnMut([f64; 2]) -> bool) -> Vec<Node> {
        let mut nodes: Vec<Node> =
            self.reachable(mode).iter().filter(|entry| keep(*entry.geom())).map(|entry| entry.data).collect();
        nodes.sort_unstable();
        nodes
    }

    /// A way from node to node: the shortest, but for a `taste` that makes one street up to a third longer than another,
    /// so that not everybody always goes the same way. `None` if there is none.
    pub(super) fn route(&self, from: Node, to: Node, mode: Mode, taste: u64) -> Option<Route> {
        let goal = self.point(to);
        let mut best: BTreeMap<Node, (f64, Node)> = BTreeMap::new();
        let mut open = BinaryHeap::new();
        best.insert(from, (0.0, from));
        open.push(Reverse((Cost(distance_m(self.point(from), goal)), Cost(0.0), from)));
        while let Some(Reverse((_, Cost(cost), node))) = open.pop() {
            if node == to {
                return Some(self.way_back(&best, from, to));
            }
            if best.get(&node).is_some_and(|(known, _)| *known < cost) {
                continue;
            }
            for link in self.links(node) {
                if mode == Mode::Drive && !link.drivable {
                    continue;
                }
                let street = u64::from(self.names.get(link.to as usize).copied().flatten().unwrap_or(0));
                let reached = cost + f64::from(link.length_m) * (1.0 + chance(taste ^ street) / 3.0);
                if best.get(&link.to).is_none_or(|(known, _)| reached < *known) {
                    best.insert(link.to, (reached, node));
                    let left_m = distance_m(self.point(link.to), goal);
                    open.push(Reverse((Cost(reached + left_m), Cost(reached), link.to)));
                }
            }
        }
        None
    }

    fn way_back(&self, best: &BTreeMap<Node, (f64, Node)>, from: Node, to: Node) -> Route {
        let mut points = vec![self.point(to)];
        let mut node = to;
        while node != from
            && let Some((_, before)) = best.get(&node)
        {
            node = *before;
            points.push(self.point(node));
        }
        points.reverse();
        let length_m = points.windows(2).map(|pair| distance_m(pair[0], pair[1])).sum();
        Route { points, length_m }
    }
}

/// A cost in a queue.
#[derive(Debug, Clone, Copy)]
struct Cost(f64);

impl PartialEq for Cost {
    fn eq(&self, other: &Self) -> bool {
        self.0.total_cmp(&other.0).is_eq()
    }
}

impl Eq for Cost {}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cost {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Metres between two points.
pub(super) fn distance_m(a: [f64; 2], b: [f64; 2]) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// The point that divides the way from `a` to `b`.
pub(super) fn mix(a: [f64; 2], b: [f64; 2], share: f64) -> [f64; 2] {
    [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
}

/// A place to the centimetre, as it is written down.
pub(super) fn to_centimetre(place: LonLat) -> LonLat {
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    LonLat::new(round(place.lon), round(place.lat))
}

/// A number from 0 to 1 that looks random and is always the same for the same key (SplitMix64).
pub(super) fn chance(key: u64) -> f64 {
    mixed(key.wrapping_add(0x9E37_79B9_7F4A_7C15)) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Road;

    fn road(name: &str, width_m: f32, line: &[[f32; 2]]) -> Road {
        Road {
            class: RoadClass::Residential,
            width_m,
            name: Some(name.into()),
            name_en: None,
            line: line.to_vec(),
        }
    }

    /// A square of streets 100 m wide, a lane across it from corner to corner, and a street far from everything.
    fn network() -> Network {
        Network::new(&Ways {
            roads: vec![
                road("南", 7.0, &[[0.0, 0.0], [100.0, 0.0]]),
                road("东", 7.0, &[[100.0, 0.0], [100.0, 100.0]]),
                road("斜", 3.0, &[[0.0, 0.0], [100.0, 100.0]]),
                road("远", 7.0, &[[900.0, 0.0], [930.0, 0.0]]),
            ],
            ..Ways::default()
        })
    }

    #[test]
    fn the_lane_is_walked_and_the_streets_are_driven() {
        let network = network();
        let from = network.nearest([-3.0, 1.0], Mode::Walk).expect("a node");
        let to = network.nearest([101.0, 103.0], Mode::Walk).expect("a node");
        let walked = network.route(from, to, Mode::Walk, 7).expect("a way");
        assert!((walked.length_m - 100.0 * 2.0_f64.sqrt()).abs() < 1e-6, "{}", walked.length_m);
        assert!(walked.points.windows(2).all(|pair| distance_m(pair[0], pair[1]) <= PIECE_M));
        let driven = network.route(from, to, Mode::Drive, 7).expect("a way");
        assert!((driven.length_m - 200.0).abs() < 1e-6, "{}", driven.length_m);
        assert_eq!(
            (driven.points.first(), driven.points.last()),
            (walked.points.first(), walked.points.last())
        );
    }

    #[test]
    fn what_cannot_be_reached_is_left_out() {
        let network = network();
        let end = network.nearest([1_000.0, 0.0], Mode::Walk).expect("a node");
        assert_eq!(network.point(end), [100.0, 0.0]);
        assert_eq!(network.road_name(end), Some("南"));
        assert_eq!(network.nodes(Mode::Drive, |_| true).len(), 11);
        assert!(Network::new(&Ways::default()).is_empty());
    }
}
