//! What holds for every city and its tiles, whatever they were read from.

use yunfushan::city::{City, Report};
use yunfushan::mesh::{CityMesh, Level, Tile, build};

/// The most bytes of tiles for one corner: two vertices in each wall, the roof's, twice as many indices, both levels.
const BYTES_A_CORNER: usize = 200;

/// Checks that a report accounts for every feature, and that its city and tiles are finite and no larger than they need be.
pub(super) fn check(city: &City, report: &Report) {
    assert_eq!(report.shown as usize, city.len());
    assert_eq!(report.features as usize, city.len() + report.refused.len(), "each is shown or listed");
    let listed: Vec<u32> = report.refused.iter().map(|refused| refused.index).collect();
    assert!(listed.is_sorted_by(|a, b| a < b), "each once, in order");
    assert!(listed.iter().all(|index| *index < report.features));
    assert!(report.refused.iter().all(|refused| !refused.reason.to_string().is_empty()));
    let mut corners = 0;
    for building in city.iter() {
        assert!(!listed.contains(&building.feature()), "what is shown is not listed as refused");
        assert!(building.height_m().is_finite() && building.height_m() > 0.0, "{}", building.height_m());
        assert!((0.0..=1_000.0).contains(&building.base_m()) && building.top_m() <= 2_000.0);
        assert!(building.points().iter().flatten().all(|metres| metres.is_finite()));
        assert!(building.polygons().all(|polygon| polygon.rings().all(|ring| ring.len() >= 3)));
        corners += building.points().len();
    }
    let mesh = build(city);
    check_mesh(city, &mesh);
    assert!(mesh.bytes() <= BYTES_A_CORNER * corners + 4_096, "{} bytes for {corners} corners", mesh.bytes());
}

fn check_mesh(city: &City, mesh: &CityMesh) {
    assert_eq!(mesh.tiles.iter().map(|tile| tile.buildings.len()).sum::<usize>(), city.len());
    for tile in &mesh.tiles {
        for axis in 0..3 {
            assert!(tile.min[axis].is_finite() && tile.min[axis] <= tile.max[axis], "{:?}", tile.key);
            assert!(tile.max[axis].is_finite() && tile.step[axis].is_finite() && tile.step[axis] >= 0.0);
        }
        check_level(tile, &tile.full);
        check_level(tile, &tile.block);
    }
}

fn check_level(tile: &Tile, level: &Level) {
    assert!(level.vertex_count() <= 65_535, "u16 indices reach no further");
    assert!(level.indices.iter().all(|index| usize::from(*index) < level.vertex_count()));
    assert!(level.sector_ends.is_sorted() && level.sector_ends.last() == Some(&(level.indices.len() as u32)));
    for i in 0..level.vertex_count() {
        let vertex = level.vertex(i);
        assert!(usize::from(vertex.row) < tile.buildings.len());
        assert!(tile.position(vertex.position).iter().all(|metres| metres.is_finite()));
    }
}
