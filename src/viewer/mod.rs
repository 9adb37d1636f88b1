//! The only place that knows the engine: one folder a feature, each with a `plugin(app)`.

pub mod actions;
pub mod app;
pub mod camera;
pub mod labels;
pub mod layers;
pub mod preset;
pub mod selection;
pub mod sky;
pub mod stage;

use bevy::prelude::*;

/// The order of a frame; every system of the viewer is in one of these.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ViewerSystems {
    /// What comes from outside: feeds, loaded files.
    Receive,
    /// Hands on mouse and keys write actions.
    Input,
    /// Actions change resources.
    Apply,
    /// The camera moves.
    Camera,
    /// What is seen follows.
    Show,
}

fn plugin(app: &mut App) {
    app.add_plugins((
        actions::plugin,
        camera::plugin,
        layers::plugin,
        preset::plugin,
        sky::plugin,
        stage::plugin,
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::*;
    #[test]
    fn probe() {
        tracing_subscriber::fmt().with_env_filter("info,wgpu=error,wgpu_hal=warn").init();
        let t0 = std::time::Instant::now();
        let mut a = app::build(&app::Screen::OffScreen { size: UVec2::new(1920, 1080), pixels_per_point: 1.0 });
        app::ready(&mut a);
        println!("ready {:?}", t0.elapsed());
        let info = a.world().get_resource::<bevy::render::renderer::RenderAdapterInfo>().map(|i| i.0.clone());
        println!("{info:?}");
        // a box of 40 x 20 x 30
        let (w, h, d) = (40.0f32, 21.0f32, 30.0f32);
        let mut verts: Vec<u8> = vec![];
        let ring = [(0.0, 0.0), (0.0, d), (w, d), (w, 0.0), (0.0, 0.0)]; // x, z(south): CCW from above: start NW, south, east..
        let mut along = 0.0f32;
        for (i, (x, z)) in ring.iter().enumerate() {
            if i > 0 { let (px, pz) = ring[i - 1]; along += ((x - px) as f32).hypot(z - pz); }
            for y in [0.0, h] {
                for v in [(x * 100.0) as u16, (y * 100.0) as u16, (z * 100.0) as u16, 0u16, (along * 10.0) as u16, 0u16] { verts.extend(v.to_le_bytes()); }
            }
        }
        let mut idx: Vec<u16> = vec![];
        for i in 0..4u16 { let (a0, a1, b0, b1) = (2 * i, 2 * i + 1, 2 * i + 2, 2 * i + 3); idx.extend([a0, b0, b1, a0, b1, a1]); }
        idx.extend([1, 3, 5, 1, 5, 7]);
        let n = idx.len() as u32;
        let level = || Level { vertices: verts.clone(), indices: idx.clone(), sector_ends: [0, 0, 0, 0, 0, 0, 0, 24, n] };
        let mut tiles = vec![];
        for i in 0..10 { for j in 0..10 {
            let o = [i as f32 * 60.0 - 300.0, 0.0, j as f32 * 50.0 - 250.0];
            tiles.push(Tile { min: o, max: [o[0] + w, h, o[2] + d], step: [0.01; 3], first_row: (i * 10 + j) as u32, buildings: vec![0], full: level(), block: level() });
        }}
        {
            let mut scene = a.world_mut().resource_mut::<stage::Scene>();
            scene.city = Some(std::sync::Arc::new(CityMesh { tiles }));
            scene.city_revision = 1;
            scene.states.replace(vec![[0; 4]; 100]);
            scene.facts.replace(vec![[210 << 16, 7, 0, 0]; 100]);
            scene.palette.ground[0] = Vec4::new(0.02, 0.025, 0.03, 0.0);
            scene.sprites.push(stage::Sprite::new(stage::SpriteKind::Pin, Vec3::new(0.0, 40.0, 0.0), Vec2::splat(16.0), [230, 80, 60, 255]).back([255, 255, 255, 255]));
            scene.sprites_revision = 1;
        }
        let t = std::time::Instant::now();
        a.world().resource::<stage::Capture>().want_picture();
        let mut p = None;
        for _ in 0..20 { a.update(); p = a.world().resource::<stage::Capture>().take(); if p.is_some() { break; } }
        println!("first {:?}", t.elapsed());
        for _ in 0..3 { a.world().resource::<stage::Capture>().want_picture(); let t = std::time::Instant::now(); a.update(); println!("frame {:?}", t.elapsed()); p = a.world().resource::<stage::Capture>().take().or(p); }
        let p = p.unwrap();
        let s = a.world().resource::<stage::StageStats>();
        println!("tri {} draws {} tiles {}", s.triangles(), s.draws(), s.tiles());
        image::save_buffer("/tmp/probe.png", &p.rgba, p.size.x, p.size.y, image::ColorType::Rgba8).unwrap();
    }
}
