//! What everybody knows: the gates, the pagoda, the bell tower, the temple, the pavilions, the station.

use geo::{BooleanOps, Polygon};

use super::landscape::{points, road_strips};
use super::plane::{Frame, Point, at, left, oval, polygon, unit};
use super::sketch;
use super::town::{Building, Ground, Town};
use crate::city::BuildingUse;

/// The year that the rebuilt gates and the pagoda carry.
const REBUILT: i32 = 2016;

/// Builds all of them; returns the ground that nobody else may build on.
pub(super) fn build(town: &mut Town) -> Vec<Polygon> {
    let mut reserved = Vec::new();
    for &(name, aliases, (x, y), (dx, dy), road_m) in sketch::GATES {
        gate(town, name, aliases, at(x, y), unit(at(dx, dy)), road_m);
    }
    reserved.push(bell_tower(town, at(20.0, 180.0)));
    reserved.push(pagoda(town, at(-700.0, 215.0)));
    reserved.push(temple(town));
    reserved.push(station(town));
    for &(name, (x, y), half) in sketch::PAVILIONS {
        pavilion(town, name, at(x, y), half);
    }
    reserved
}

fn stone(footprint: Polygon, name: &str, base_m: f64, height_m: f64, year: i32) -> Building {
    Building::new(footprint, BuildingUse::Historic, 1, height_m, year)
        .floating_from(base_m)
        .named(name)
        .in_the_open()
}

/// A part that floats above the part before it.
fn upper(mut building: Building) -> Building {
    building.is_part = true;
    building
}

/// A gate: two piers beside the road, a hall over it, a smaller one above, and what is left of the wall.
fn gate(town: &mut Town, name: &str, aliases: &'static str, place: Point, through: Point, road_m: f64) {
    let frame = Frame::new(place, left(through) * -1.0);
    let inner = road_m / 2.0 + 1.2;
    let mut pier = stone(frame.rect(-inner - 9.0, -7.0, -inner, 7.0), name, 0.0, 7.5, REBUILT);
    pier.aliases = aliases.split('|').filter(|alias| !alias.is_empty()).collect();
    town.build(pier);
    town.build(upper(stone(frame.rect(inner, -7.0, inner + 9.0, 7.0), name, 0.0, 7.5, REBUILT)));
    let reach = inner + 8.0;
    town.build(upper(stone(frame.rect(-reach, -6.0, reach, 6.0), name, 7.5, 13.0, REBUILT)));
    town.build(upper(stone(frame.rect(-reach + 3.0, -4.0, reach - 3.0, 4.0), name, 13.0, 17.0, REBUILT)));
    town.add_label("gate", name, place);
    let mut blocked = road_strips(town, 0.6);
    blocked.extend(town.patches.iter().filter(|p| p.ground == Ground::Water).map(|p| p.shape.clone()));
    let blocked = geo::unary_union(&blocked);
    for wall in
        [frame.rect(-inner - 48.0, -2.5, -inner - 9.2, 2.5), frame.rect(inner + 9.2, -2.5, inner + 48.0, 2.5)]
    {
        for piece in &wall.difference(&blocked) {
            if geo::Area::unsigned_area(piece) > 40.0 {
                town.add_patch(Ground::Wall, name, piece);
            }
        }
    }
}

/// The bell tower over the crossing: four piers, a platform, two halls.
fn bell_tower(town: &mut Town, place: Point) -> Polygon {
    let frame = Frame::new(place, at(1.0, 0.04));
    let name = "钟楼";
    let mut is_first = true;
    for (x0, x1) in [(-16.0, -10.4), (10.4, 16.0)] {
        for (y0, y1) in [(-15.0, -9.4), (9.4, 15.0)] {
            let mut pier = stone(frame.rect(x0, y0, x1, y1), name, 0.0, 8.0, 1980);
            pier.is_part = !is_first;
            if is_first {
                pier.aliases = vec!["钟楼底"];
            }
            is_first = false;
            town.build(pier);
        }
    }
    for (x, y, base_m, height_m) in [
        (16.0, 15.0, 8.0, 10.0),
        (12.0, 10.0, 10.0, 15.0),
        (13.5, 11.5, 15.0, 15.8),
        (8.0, 6.5, 15.8, 20.0),
        (9.2, 7.6, 20.0, 20.8),
        (5.0, 2.5, 20.8, 23.5),
    ] {
        town.build(upper(stone(frame.rect(-x, -y, x, y), name, base_m, height_m, 1980)));
    }
    frame.rect(-18.0, -17.0, 18.0, 17.0)
}

/// The pagoda: seven tiers of eight sides, each a little smaller, each under its eave.
fn pagoda(town: &mut Town, place: Point) -> Polygon {
    let name = "天王塔";
    let ground = oval(place, at(1.0, 0.0), 24.0, 21.0, 16);
    town.add_patch(Ground::Square, "天王塔院", &ground);
    let mut base_m = 0.0;
    for tier in 0..7 {
        let radius = 6.4 - 0.42 * f64::from(tier);
        let storey = 5.2 - 0.22 * f64::from(tier);
        let mut body =
            stone(oval(place, at(1.0, 0.4), radius, radius, 8), name, base_m, base_m + storey, REBUILT);
        body.is_part = tier > 0;
        body.levels = if tier == 0 { 7 } else { 1 };
        town.build(body);
        base_m += storey;
        let eave = radius + 1.3;
        town.build(upper(stone(
            oval(place, at(1.0, 0.4), eave, eave, 8),
            name,
            base_m,
            base_m + 0.6,
            REBUILT,
        )));
        base_m += 0.6;
    }
    town.build(upper(stone(oval(place, at(1.0, 0.4), 2.0, 2.0, 8), name, base_m, base_m + 2.5, REBUILT)));
    town.build(upper(stone(
        oval(place, at(1.0, 0.4), 0.7, 0.7, 4),
        name,
        base_m + 2.5,
        base_m + 8.0,
        REBUILT,
    )));
    oval(place, at(1.0, 0.0), 26.0, 23.0, 16)
}

/// The temple of the southern Kong: halls on an axis, galleries beside them, a garden behind.
fn temple(town: &mut Town) -> Polygon {
    let (x, y) = sketch::TEMPLE_AT;
    let frame = Frame::new(at(x, y), at(1.0, -0.015));
    let name = "孔氏南宗家庙";
    town.add_patch(Ground::Square, name, &frame.rect(-45.0, 0.0, 45.0, 146.0));
    town.add_patch(Ground::Green, "孔府花园", &frame.rect(-45.0, 146.2, 45.0, 186.0));
    let mut hall = |rect: (f64, f64, f64, f64), part: &str, base_m: f64, height_m: f64| {
        let label = if part.is_empty() { name.to_owned() } else { format!("{name} {part}") };
        let mut building = Building::new(
            frame.rect(rect.0, rect.1, rect.2, rect.3),
            BuildingUse::Religious,
            1,
            height_m,
            1520,
        )
        .floating_from(base_m)
        .named(label)
        .in_the_open();
        building.is_part = base_m > 0.0;
        if part == "大成殿" && base_m == 0.0 {
            building.aliases = vec!["孔庙", "南宗孔庙", "孔氏家庙", "孔府"];
        }
        town.build(building);
    };
    hall((-13.0, 10.0, 13.0, 19.0), "大成门", 0.0, 8.5);
    hall((-15.0, 8.5, 15.0, 20.5), "大成门", 8.5, 9.3);
    hall((-30.0, 10.5, -20.0, 18.5), "碑亭", 0.0, 6.0);
    hall((20.0, 10.5, 30.0, 18.5), "碑亭", 0.0, 6.0);
    hall((-31.0, 27.0, -23.5, 78.0), "西庑", 0.0, 6.2);
    hall((23.5, 27.0, 31.0, 78.0), "东庑", 0.0, 6.2);
    hall((-16.0, 70.0, 16.0, 90.0), "大成殿", 0.0, 8.6);
    hall((-18.5, 67.5, 18.5, 92.5), "大成殿", 8.6, 9.6);
    hall((-12.5, 73.0, 12.5, 87.0), "大成殿", 9.6, 13.0);
    hall((-14.5, 71.0, 14.5, 89.0), "大成殿", 13.0, 15.2);
    hall((-11.0, 112.0, 11.0, 124.0), "思鲁阁", 0.0, 6.0);
    hall((-12.5, 110.5, 12.5, 125.5), "思鲁阁", 6.0, 6.8);
    hall((-9.0, 114.0, 9.0, 122.0), "思鲁阁", 6.8, 11.0);
    hall((-31.0, 100.0, -22.0, 138.0), "六代公爵祠", 0.0, 6.2);
    hall((22.0, 100.0, 31.0, 138.0), "五支祠", 0.0, 6.2);
    hall((-10.0, 132.0, 10.0, 141.0), "圣泽楼", 0.0, 7.0);
    // Houses with courtyards on both side axes.
    for (x0, x1) in [(-43.5, -34.0), (34.0, 43.5)] {
        for (y0, y1) in [(12.0, 40.0), (44.0, 72.0), (76.0, 104.0), (108.0, 136.0)] {
            let outer = frame.rect(x0, y0, x1, y1);
            let court = frame.rect(x0 + 2.9, y0 + 9.0, x1 - 2.9, y1 - 9.0);
            let ring = Polygon::new(outer.exterior().clone(), vec![court.exterior().clone()]);
            town.build(Building::new(ring, BuildingUse::Historic, 1, 5.6, 1520).named(name).in_the_open());
        }
    }
    pavilion(town, "孔府花园亭", frame.out(-20.0, 166.0), 4.0);
    for (x0, y0, x1, y1) in [
        (-46.0, -0.8, -7.0, 0.0),
        (7.0, -0.8, 46.0, 0.0),
        (-46.0, 0.0, -45.2, 186.0),
        (45.2, 0.0, 46.0, 186.0),
        (-46.0, 186.0, 46.0, 186.8),
    ] {
        town.add_patch(Ground::Wall, name, &frame.rect(x0, y0, x1, y1));
    }
    frame.rect(-48.0, -3.0, 48.0, 189.0)
}

fn pavilion(town: &mut Town, name: &str, place: Point, half: f64) {
    let ring = |reach: f64| oval(place, at(1.0, 0.2), reach, reach, 8);
    let building = |shape, base_m: f64, height_m: f64| {
        Building::new(shape, BuildingUse::Public, 1, height_m, 1985)
            .floating_from(base_m)
            .named(name)
            .in_the_open()
    };
    if town.build(building(ring(half * 0.8), 0.0, 4.2)).is_some() {
        town.build(upper(building(ring(half), 4.2, 4.8)));
        town.build(upper(building(ring(half * 0.55), 4.8, 6.8)));
    }
}

/// The railway station by its square, with a taller middle.
fn station(town: &mut Town) -> Polygon {
    let frame = Frame::new(at(1278.0, -440.0), at(1.0, 0.0));
    let name = "城站火车站";
    let mut hall = |rect: (f64, f64, f64, f64), base_m: f64, height_m: f64, levels: u32| {
        let shape = frame.rect(rect.0, rect.1, rect.2, rect.3);
        let mut building = Building::new(shape, BuildingUse::Transport, levels, height_m, 1998)
            .floating_from(base_m)
            .named(name)
            .in_the_open();
        building.is_part = base_m > 0.0;
        building.aliases = if base_m == 0.0 { vec!["老火车站", "城站"] } else { Vec::new() };
        town.build(building);
    };
    hall((-16.0, -72.0, 12.0, 72.0), 0.0, 12.0, 2);
    hall((-18.0, -26.0, 12.0, 26.0), 12.0, 19.0, 2);
    polygon(points(&[(1255.0, -530.0), (1300.0, -530.0), (1300.0, -350.0), (1255.0, -350.0)]))
}
