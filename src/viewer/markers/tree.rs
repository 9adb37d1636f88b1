//! Points on the ground in a quadtree of fixed depth that counts what lies under each of its squares.
//!
//! Adding, moving and removing a point touches one node a level; what is drawn is a cut through the tree, so that the
//! cost of a frame grows with what is drawn and never with what there is.

use bevy::math::{DVec3, Vec2, Vec3};

/// Side of the whole tree, metres, around the origin of the frame. Points beyond it lie in its outermost squares.
const SIDE_M: f32 = 32_768.0;
/// Levels below the whole: squares of the last are 8 m wide.
const DEPTH: u32 = 12;
/// How far from the middle of its square a group may stand, in sides: what stands in neighbouring squares keeps apart.
const STRAY: f32 = 0.26;
/// No node, no item.
const NONE: u32 = u32::MAX;

/// What is counted of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    /// Which of the [`Tally::groups`].
    pub(super) group: u8,
    pub(super) is_urgent: bool,
    pub(super) is_overdue: bool,
}

/// What lies under a square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) count: u32,
    pub(super) groups: [u32; 5],
    pub(super) urgent: u32,
    pub(super) overdue: u32,
}

impl Tally {
    fn change(&mut self, traits: Traits, by: i32) {
        let add = |held: &mut u32, if_so: bool| {
            if if_so {
                *held = held.saturating_add_signed(by);
            }
        };
        add(&mut self.count, true);
        if let Some(group) = self.groups.get_mut(usize::from(traits.group)) {
            add(group, true);
        }
        add(&mut self.urgent, traits.is_urgent);
        add(&mut self.overdue, traits.is_overdue);
    }
}

/// When and how something was last drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Drawn {
    /// The cut in which it was last drawn.
    pub(super) number: u32,
    /// Since when it is drawn, milliseconds.
    pub(super) since_ms: u32,
    /// Where the group stood that it came out of, if out of one.
    pub(super) came_from: Option<Vec2>,
}

/// A square that holds something.
#[derive(Clone, Debug)]
pub(super) struct Node {
    parent: u32,
    children: [u32; 4],
    first_item: u32,
    /// Sum of the places, centimetres: whole numbers, so that nothing drifts in months.
    sum_cm: [i64; 3],
    pub(super) tally: Tally,
    /// Whether it was looked into at the last cut.
    pub(super) is_open: bool,
    /// As a group.
    pub(super) drawn: Drawn,
}

/// A point, by the caller's index.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) place: Vec3,
    pub(super) traits: Traits,
    leaf: u32,
    next: u32,
    before: u32,
    /// By itself.
    pub(super) drawn: Drawn,
}

/// A square as a walk down the tree meets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Square {
    pub(super) node: u32,
    pub(super) middle: Vec2,
    pub(super) side_m: f32,
    pub(super) level: u32,
}

impl Square {
    /// Whether it is of the last level.
    pub(super) const fn is_last(&self) -> bool {
        self.level == DEPTH
    }

    /// The quadrant of it that a point lies in: 1 east, 2 south.
    fn quadrant(&self, point: Vec2) -> usize {
        usize::from(point.x >= self.middle.x) | usize::from(point.y >= self.middle.y) << 1
    }

    fn child(&self, quadrant: usize, node: u32) -> Self {
        let quarter = self.side_m * 0.25;
        let toward = |is_far: bool| if is_far { quarter } else { -quarter };
        let middle = self.middle + Vec2::new(toward(quadrant & 1 != 0), toward(quadrant & 2 != 0));
        Self { node, middle, side_m: self.side_m * 0.5, level: self.level + 1 }
    }
}

/// The tree.
pub(super) struct Tree {
    nodes: Vec<Node>,
    free: Vec<u32>,
    items: Vec<Option<Item>>,
    /// Grows with every change.
    revision: u64,
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: vec![Node::new(NONE)], free: Vec::new(), items: Vec::new(), revision: 0 }
    }
}

impl Node {
    const fn new(parent: u32) -> Self {
        Self {
            parent,
            children: [NONE; 4],
            first_item: NONE,
            sum_cm: [0; 3],
            tally: Tally { count: 0, groups: [0; 5], urgent: 0, overdue: 0 },
            is_open: false,
            drawn: Drawn { number: 0, since_ms: 0, came_from: None },
        }
    }
}

impl Node {
    /// The middle of what lies under it.
    pub(super) fn mean(&self) -> Vec3 {
        let count = f64::from(self.tally.count.max(1)) * 100.0;
        DVec3::from_array(self.sum_cm.map(|sum| sum as f64 / count)).as_vec3()
    }
}

fn centimetres(place: Vec3) -> [i64; 3] {
    place.to_array().map(|metres| (f64::from(metres) * 100.0).round() as i64)
}

impl Tree {
    /// Grows whenever something changes.
    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// The whole.
    pub(super) const fn root() -> Square {
        Square { node: 0, middle: Vec2::ZERO, side_m: SIDE_M, level: 0 }
    }

    pub(super) fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    pub(super) fn node_mut(&mut self, node: u32) -> Option<&mut Node> {
        self.nodes.get_mut(node as usize)
    }

    pub(super) fn item(&self, index: u32) -> Option<&Item> {
        self.items.get(index as usize)?.as_ref()
    }

    pub(super) fn item_mut(&mut self, index: u32) -> Option<&mut Item> {
        self.items.get_mut(index as usize)?.as_mut()
    }

    /// How many points there are.
    pub(super) fn len(&self) -> u32 {
        self.nodes.first().map_or(0, |root| root.tally.count)
    }

    /// Adds a point, or changes the one of this index.
    pub(super) fn set(&mut self, index: u32, place: Vec3, traits: Traits) {
        let held = self.item(index).map(|item| (item.leaf, item.place, item.traits));
        if held.is_some_and(|(_, old_place, old_traits)| old_place == place && old_traits == traits) {
            return;
        }
        self.revision += 1;
        if let Some((leaf, old_place, old_traits)) = held
            && same_leaf(old_place, place)
        {
            let (from, to) = (centimetres(old_place), centimetres(place));
            let mut at = leaf;
            while let Some(node) = self.nodes.get_mut(at as usize) {
                for ((sum, from), to) in node.sum_cm.iter_mut().zip(from).zip(to) {
                    *sum += to - from;
                }
                if old_traits != traits {
                    node.tally.change(old_traits, -1);
                    node.tally.change(traits, 1);
                }
                at = node.parent;
            }
            if let Some(item) = self.item_mut(index) {
                (item.place, item.traits) = (place, traits);
            }
            return;
        }
        let drawn = self.take_out(index).map_or(Drawn::default(), |item| item.drawn);
        self.put_in(index, place, traits, drawn);
    }

    /// Takes a point out.
    pub(super) fn remove(&mut self, index: u32) {
        if self.take_out(index).is_some() {
            self.revision += 1;
        }
    }

    fn put_in(&mut self, index: u32, place: Vec3, traits: Traits, drawn: Drawn) {
        let point = Vec2::new(place.x, place.z);
        let place_cm = centimetres(place);
        let mut square = Self::root();
        loop {
            self.count(square.node, place_cm, traits, 1);
            if square.is_last() {
                break;
            }
            let quadrant = square.quadrant(point);
            let child = match self.child(square.node, quadrant) {
                Some(child) => child,
                None => self.add_child(square.node, quadrant),
            };
            square = square.child(quadrant, child);
        }
        let next =
            self.node_mut(square.node).map_or(NONE, |leaf| std::mem::replace(&mut leaf.first_item, index));
        if let Some(item) = self.item_mut(next) {
            item.before = index;
        }
        if self.items.len() <= index as usize {
            self.items.resize(index as usize + 1, None);
        }
        if let Some(slot) = self.items.get_mut(index as usize) {
            *slot = Some(Item { place, traits, leaf: square.node, next, before: NONE, drawn });
        }
    }

    fn take_out(&mut self, index: u32) -> Option<Item> {
        let item = self.items.get_mut(index as usize)?.take()?;
        match self.item_mut(item.before) {
            Some(before) => before.next = item.next,
            None => {
                if let Some(leaf) = self.node_mut(item.leaf) {
                    leaf.first_item = item.next;
                }
            }
        }
        if let Some(next) = self.item_mut(item.next) {
            next.before = item.before;
        }
        let place_cm = centimetres(item.place);
        let mut at = item.leaf;
        while at != NONE {
            self.count(at, place_cm, item.traits, -1);
            let (parent, count) = self.node(at).map_or((NONE, 1), |node| (node.parent, node.tally.count));
            if count == 0 && parent != NONE {
                if let Some(link) = self
                    .node_mut(parent)
                    .and_then(|parent| parent.children.iter_mut().find(|child| **child == at))
                {
                    *link = NONE;
                }
                self.free.push(at);
            }
            at = parent;
        }
        Some(item)
    }

    fn count(&mut self, node: u32, place_cm: [i64; 3], traits: Traits, by: i32) {
        let Some(node) = self.node_mut(node) else { return };
        node.tally.change(traits, by);
        for (sum, centimetres) in node.sum_cm.iter_mut().zip(place_cm) {
            *sum += centimetres * i64::from(by);
        }
    }

    fn child(&self, node: u32, quadrant: usize) -> Option<u32> {
        self.node(node)?.children.get(quadrant).copied().filter(|child| *child != NONE)
    }

    fn add_child(&mut self, parent: u32, quadrant: usize) -> u32 {
        let fresh = Node::new(parent);
        let at = match self.free.pop() {
            Some(at) => at,
            None => {
                self.nodes.push(Node::new(NONE));
                self.nodes.len().saturating_sub(1) as u32
            }
        };
        if let Some(node) = self.node_mut(at) {
            *node = fresh;
        }
        if let Some(link) = self.node_mut(parent).and_then(|node| node.children.get_mut(quadrant)) {
            *link = at;
        }
        at
    }

    /// The squares within a square that hold something, the farthest from a point first.
    pub(super) fn within(&self, square: Square, seen_from: Vec2) -> impl Iterator<Item = Square> + use<> {
        let near = square.quadrant(seen_from);
        let children = self.node(square.node).map_or([NONE; 4], |node| node.children);
        [near ^ 3, near ^ 1, near ^ 2, near].into_iter().filter_map(move |quadrant| {
            let child = children.get(quadrant).copied().filter(|child| *child != NONE)?;
            Some(square.child(quadrant, child))
        })
    }

    /// The points in a square of the last level.
    pub(super) fn items_of(&self, node: u32) -> impl Iterator<Item = u32> {
        let first = self.node(node).map_or(NONE, |node| node.first_item);
        std::iter::successors((first != NONE).then_some(first), |index| {
            self.item(*index).map(|item| item.next).filter(|next| *next != NONE)
        })
    }

    /// Any point under a node: the only one where there is one.
    pub(super) fn any_item(&self, mut node: u32) -> Option<u32> {
        loop {
            let held = self.node(node)?;
            if held.first_item != NONE {
                return Some(held.first_item);
            }
            node = held.children.into_iter().find(|child| *child != NONE)?;
        }
    }

    /// A pressing point under a node: urgent ones before overdue ones before where most are.
    pub(super) fn leader(&self, mut node: u32) -> Option<u32> {
        loop {
            let held = self.node(node)?;
            if held.first_item != NONE {
                return self.items_of(node).max_by_key(|index| {
                    self.item(*index).map(|item| (item.traits.is_urgent, item.traits.is_overdue))
                });
            }
            node = held.children.into_iter().filter(|child| *child != NONE).max_by_key(|child| {
                self.node(*child)
                    .map(|node| (node.tally.urgent > 0, node.tally.overdue > 0, node.tally.count))
            })?;
        }
    }

    /// The middle of what lies under a square, kept away from its borders.
    pub(super) fn middle_of(&self, square: &Square) -> Vec3 {
        let Some(node) = self.node(square.node) else { return Vec3::ZERO };
        let mean = node.mean();
        let stray = Vec2::splat(square.side_m * STRAY);
        let kept = Vec2::new(mean.x, mean.z).clamp(square.middle - stray, square.middle + stray);
        Vec3::new(kept.x, mean.y, kept.y)
    }

    /// The node above one.
    pub(super) fn parent(&self, node: u32) -> Option<u32> {
        self.node(node).map(|node| node.parent).filter(|parent| *parent != NONE)
    }

    /// The nodes above a point, the smallest first.
    pub(super) fn above(&self, index: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(self.item(index).map(|item| item.leaf), |node| self.parent(*node))
    }
}

/// Whether two points lie in the same square of the last level.
fn same_leaf(a: Vec3, b: Vec3) -> bool {
    let leaf_m = SIDE_M / (1_u32 << DEPTH) as f32;
    let most = SIDE_M * 0.5;
    let square = |metres: f32| (metres.clamp(-most, most - 1.0) / leaf_m).floor() as i32;
    square(a.x) == square(b.x) && square(a.z) == square(b.z)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn urgent(is_urgent: bool) -> Traits {
        Traits { group: u8::from(is_urgent), is_urgent, is_overdue: false }
    }

    /// The square of a level that a point lies in.
    fn square_at(tree: &Tree, place: Vec3, level: u32) -> Option<Square> {
        let mut square = Tree::root();
        while square.level < level {
            let quadrant = square.quadrant(Vec2::new(place.x, place.z));
            square = square.child(quadrant, tree.child(square.node, quadrant)?);
        }
        Some(square)
    }

    #[test]
    fn two_points_in_a_square_are_two() {
        let mut tree = Tree::default();
        tree.set(7, Vec3::new(1.0, 10.0, 1.0), urgent(true));
        tree.set(9, Vec3::new(3.0, 20.0, 5.0), urgent(false));
        let last = square_at(&tree, Vec3::ONE, DEPTH).expect("the square 0 to 8 m");
        assert_eq!((last.side_m, last.middle), (8.0, Vec2::splat(4.0)));
        assert_eq!(tree.node(last.node).map(|node| node.tally.count), Some(2));
        // The mean is 2 and 3; 4 − 8 · 0.26 is 1.92: both are within.
        assert_eq!(tree.middle_of(&last), Vec3::new(2.0, 15.0, 3.0));
        assert_eq!(tree.leader(0), Some(7));
        tree.set(7, Vec3::new(900.0, 0.0, 1.0), urgent(true));
        assert_eq!(tree.node(last.node).map(|node| node.tally.urgent), Some(0));
        assert_eq!(tree.any_item(last.node), Some(9));
        tree.remove(9);
        assert_eq!((tree.len(), square_at(&tree, Vec3::ONE, DEPTH)), (1, None));
    }

    proptest! {
        #[test]
        fn every_node_counts_what_is_under_it(steps in proptest::collection::vec((0u32..12, -60f32..60.0, -60f32..60.0, any::<bool>(), 0u8..4), 0..120)) {
            let mut tree = Tree::default();
            let mut held = std::collections::BTreeMap::new();
            for (index, x, z, is_urgent, what) in steps {
                if what == 0 {
                    tree.remove(index);
                    held.remove(&index);
                } else {
                    let place = Vec3::new(x, 0.0, z);
                    tree.set(index, place, urgent(is_urgent));
                    held.insert(index, (place, is_urgent));
                }
            }
            let mut squares = vec![Tree::root()];
            let mut seen = std::collections::BTreeSet::new();
            while let Some(square) = squares.pop() {
                let inside: Vec<_> = held.iter().filter(|(_, (place, _))| square_at(&tree, *place, square.level).is_some_and(|other| other.node == square.node)).collect();
                let node = tree.node(square.node).expect("a node");
                prop_assert_eq!(node.tally.count as usize, inside.len());
                prop_assert_eq!(node.tally.urgent as usize, inside.iter().filter(|(_, (_, urgent))| *urgent).count());
                let sum: i64 = inside.iter().map(|(_, (place, _))| centimetres(*place)[0]).sum();
                prop_assert_eq!(node.sum_cm[0], sum);
                seen.extend(tree.items_of(square.node));
                squares.extend(tree.within(square, Vec2::ZERO));
            }
            prop_assert_eq!(seen.into_iter().collect::<Vec<_>>(), held.keys().copied().collect::<Vec<_>>());
        }

        #[test]
        fn what_is_far_comes_first(x in -40f32..40.0, z in -40f32..40.0) {
            let mut tree = Tree::default();
            for (index, (east, south)) in [(-5.0, -5.0), (5.0, -5.0), (-5.0, 5.0), (5.0, 5.0)].into_iter().enumerate() {
                tree.set(index as u32, Vec3::new(east, 0.0, south), Traits::default());
            }
            let eye = Vec2::new(x, z);
            let middles: Vec<Vec2> = tree.within(Tree::root(), eye).map(|square| square.middle).collect();
            prop_assert_eq!(middles.len(), 4);
            let is_with_eye = |middle: &Vec2| (middle.x > 0.0) == (x >= 0.0) && (middle.y > 0.0) == (z >= 0.0);
            prop_assert!(is_with_eye(&middles[3]) && is_with_eye(&-middles[0]));
        }
    }
}
