//! Communities and grids: unions of the faces between streets, so that their borders run along streets and
//! neighbours share every corner.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Area, BoundingRect, Contains, LineString, MultiPolygon, Polygon};

use super::landscape::{closed, divides, points};
use super::network::{Face, Node, deep_inside, faces, point, with_shared_corners};
use super::plane::{Point, cross, distance, middle, polygon};
use super::sketch::{BUSINESS_DISTRICTS, COMMUNITIES, STREETS};
use super::town::{RoadClass, Town};

/// The code of the subdistrict.
pub(super) const SUBDISTRICT: &str = "330802006";

/// A community, a grid or a business district.
#[derive(Debug, Clone)]
pub(super) struct Region {
    pub code: String,
    pub name: String,
    pub parent: String,
    pub shape: MultiPolygon,
}

/// The division of the town.
#[derive(Debug)]
pub(super) struct Regions {
    pub communities: Vec<Region>,
    pub grids: Vec<Region>,
    pub business_districts: Vec<Region>,
    /// Per building: its community and grid, by their place in the lists.
    pub of_building: Vec<Option<(usize, usize)>>,
}

impl Regions {
    /// The community and grid at a point.
    pub(super) fn at(&self, place: Point) -> Option<(usize, usize)> {
        let place = geo::Point(place);
        let grid = self.grids.iter().position(|grid| grid.shape.contains(&place))?;
        let parent = &self.grids.get(grid)?.parent;
        Some((self.communities.iter().position(|community| &community.code == parent)?, grid))
    }
}

/// Divides the town.
pub(super) fn divide(town: &Town) -> Regions {
    let mut lines = vec![closed(&town.boundary)];
    lines.extend(divides());
    // The streets of the sketch bound communities; lanes may bound grids, too.
    let mut is_main = vec![true; lines.len()];
    for road in town.roads.iter().filter(|road| road.class != RoadClass::Footway) {
        is_main.push(STREETS.iter().any(|street| street.name == road.name) || road.name == "江滨路");
        lines.push(road.path.clone());
    }
    let lines = with_shared_corners(&lines);
    let main: Vec<Vec<Point>> =
        lines.iter().zip(&is_main).filter(|&(_, &is_main)| is_main).map(|(line, _)| line.clone()).collect();
    let main_faces: Vec<(Face, usize)> = faces(&main)
        .into_iter()
        .filter(|face| town.boundary.contains(&geo::Point(face.inside)))
        .map(|face| {
            let community = community_at(face.inside);
            (face, community)
        })
        .collect();
    let fine: Vec<Face> =
        faces(&lines).into_iter().filter(|face| town.boundary.contains(&geo::Point(face.inside))).collect();
    let community_of: Vec<usize> = fine
        .iter()
        .map(|face| {
            let inside = geo::Point(face.inside);
            main_faces
                .iter()
                .find(|(main, _)| main.shape.contains(&inside))
                .map_or_else(|| community_at(face.inside), |&(_, community)| community)
        })
        .collect();
    let face_of: Vec<Option<usize>> = town
        .buildings
        .iter()
        .map(|building| {
            let spot = geo::Point(deep_inside(&building.footprint)?);
            fine.iter().position(|face| {
                face.shape.bounding_rect().is_some_and(|rect| rect.contains(&spot))
                    && face.shape.contains(&spot)
            })
        })
        .collect();
    let mut weight = vec![1.0; fine.len()];
    for &face in face_of.iter().flatten() {
        if let Some(weight) = weight.get_mut(face) {
            *weight += 1.0;
        }
    }
    let mut regions = name_all(&fine, &community_of, &weight, &face_of);
    regions.business_districts = BUSINESS_DISTRICTS
        .iter()
        .map(|&(code, name, outline)| {
            let sketch = polygon(points(outline));
            let members: Vec<usize> = (0..fine.len())
                .filter(|&face| fine.get(face).is_some_and(|face| sketch.contains(&geo::Point(face.inside))))
                .collect();
            let shape = if members.is_empty() {
                MultiPolygon(vec![sketch.clone()])
            } else {
                dissolved(&fine, &members)
            };
            let parent =
                regions.at(middle(&sketch)).and_then(|(community, _)| regions.communities.get(community));
            Region {
                code: format!("{SUBDISTRICT}{code}"),
                name: name.to_owned(),
                parent: parent.map_or(SUBDISTRICT, |community| community.code.as_str()).to_owned(),
                shape,
            }
        })
        .collect();
    regions
}

fn community_at(place: Point) -> usize {
    let inside = geo::Point(place);
    COMMUNITIES
        .iter()
        .position(|community| polygon(points(community.3)).contains(&inside))
        .or_else(|| {
            (0..COMMUNITIES.len()).min_by(|&a, &b| {
                let far = |i: usize| {
                    COMMUNITIES
                        .get(i)
                        .map_or(f64::INFINITY, |c| distance(middle(&polygon(points(c.3))), place))
                };
                far(a).total_cmp(&far(b))
            })
        })
        .unwrap_or(0)
}

fn name_all(fine: &[Face], community_of: &[usize], weight: &[f64], face_of: &[Option<usize>]) -> Regions {
    let mut communities = Vec::new();
    let mut grids = Vec::new();
    let mut grid_of_face: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (index, &(number, name, count, _)) in COMMUNITIES.iter().enumerate() {
        let members: Vec<usize> =
            (0..fine.len()).filter(|&face| community_of.get(face) == Some(&index)).collect();
        let code = format!("{SUBDISTRICT}{number:03}");
        let shape = dissolved(fine, &members);
        let load: f64 = members.iter().filter_map(|&face| weight.get(face)).sum();
        let mut clusters = grouped(fine, weight, &members, count as usize, load / f64::from(count));
        // Grids are numbered from the north-west.
        clusters.sort_by(|a, b| {
            let key = |cluster: &[usize]| middle_of(fine, cluster);
            let (a, b) = (key(a), key(b));
            (a.x - 2.0 * a.y).total_cmp(&(b.x - 2.0 * b.y))
        });
        for (n, cluster) in clusters.iter().enumerate() {
            for &face in cluster {
                grid_of_face.insert(face, (index, grids.len()));
            }
            grids.push(Region {
                code: format!("{code}{:03}", n + 1),
                name: format!("{}第{:02}网格", name.trim_end_matches("社区"), n + 1),
                parent: code.clone(),
                shape: dissolved(fine, cluster),
            });
        }
        communities.push(Region { code, name: name.to_owned(), parent: SUBDISTRICT.to_owned(), shape });
    }
    let of_building =
        face_of.iter().map(|face| face.and_then(|face| grid_of_face.get(&face).copied())).collect();
    Regions { communities, grids, business_districts: Vec::new(), of_building }
}

fn middle_of(fine: &[Face], cluster: &[usize]) -> Point {
    let mut sum = Point::default();
    let mut total = 0.0;
    for face in cluster.iter().filter_map(|&face| fine.get(face)) {
        let area = face.shape.unsigned_area();
        sum = sum + face.inside * area;
        total += area;
    }
    if total > 0.0 { sum / total } else { sum }
}

/// Joins neighbouring faces, the lightest first, until `count` groups are left.
fn grouped(fine: &[Face], weight: &[f64], members: &[usize], count: usize, ideal: f64) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = members.iter().map(|&face| vec![face]).collect();
    while groups.len() > count {
        let load = |group: &[usize]| group.iter().filter_map(|&face| weight.get(face)).sum::<f64>();
        let Some(lightest) = (0..groups.len()).min_by(|&a, &b| {
            let get = |i: usize| groups.get(i).map_or(f64::INFINITY, |group| load(group));
            get(a).total_cmp(&get(b))
        }) else {
            break;
        };
        let light = groups.swap_remove(lightest);
        let border = directed_edges(fine, &light);
        let around: f64 = border.iter().map(|&(a, b)| distance(point(a), point(b))).sum();
        // The neighbour that shares most of the border and is not yet heavy.
        let best = groups
            .iter()
            .enumerate()
            .filter_map(|(index, group)| {
                let shared: f64 = directed_edges(fine, group)
                    .iter()
                    .filter(|&&(a, b)| border.contains(&(b, a)))
                    .map(|&(a, b)| distance(point(a), point(b)))
                    .sum();
                (shared > 0.0).then(|| (shared / around.max(1.0) - 0.8 * load(group) / ideal, index))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match best.and_then(|(_, index)| groups.get_mut(index)) {
            Some(group) => group.extend(light),
            None => {
                groups.push(light);
                break;
            }
        }
    }
    groups
}

/// The border of a group of faces as directed edges, the group on the left.
fn directed_edges(fine: &[Face], group: &[usize]) -> BTreeSet<(Node, Node)> {
    let mut found = BTreeSet::new();
    for face in group.iter().filter_map(|&face| fine.get(face)) {
        for (&a, &b) in face.ring.iter().zip(face.ring.iter().cycle().skip(1)) {
            if !found.remove(&(b, a)) {
                found.insert((a, b));
            }
        }
    }
    found
}

/// The union of a group of faces.
fn dissolved(fine: &[Face], group: &[usize]) -> MultiPolygon {
    let mut edges = directed_edges(fine, group);
    let mut outer: Vec<Polygon> = Vec::new();
    let mut holes: Vec<LineString> = Vec::new();
    while let Some((start, second)) = edges.pop_first() {
        let mut ring = vec![point(start), point(second)];
        let (mut from, mut here) = (start, second);
        while here != start {
            // Where several go on, the sharpest turn to the right keeps pieces that only touch apart.
            let onward: Vec<Node> = edges
                .range((here, (i64::MIN, i64::MIN))..=(here, (i64::MAX, i64::MAX)))
                .map(|edge| edge.1)
                .collect();
            let came = point(here) - point(from);
            let Some(&next) = onward.iter().min_by(|&&a, &&b| {
                let turn = |n: Node| {
                    let v = point(n) - point(here);
                    let sine = cross(came, v)
                        / (distance(point(n), point(here)) * super::plane::length(came)).max(1e-9);
                    if super::plane::dot(came, v) >= 0.0 {
                        sine
                    } else if sine >= 0.0 {
                        2.0 - sine
                    } else {
                        -2.0 - sine
                    }
                };
                turn(a).total_cmp(&turn(b))
            }) else {
                break;
            };
            edges.remove(&(here, next));
            ring.push(point(next));
            (from, here) = (here, next);
        }
        let shape = Polygon::new(LineString(ring), Vec::new());
        if shape.signed_area() > 0.0 {
            outer.push(shape);
        } else {
            holes.push(shape.exterior().clone());
        }
    }
    for hole in holes {
        let Some(&corner) = hole.0.first() else { continue };
        let home = outer.iter_mut().find(|shape| geo::Intersects::intersects(*shape, &geo::Point(corner)));
        if let Some(shape) = home {
            shape.interiors_push(hole);
        }
    }
    MultiPolygon(outer)
}
