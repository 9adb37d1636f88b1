//! One pass for all of it.

use bevy::prelude::*;
use bevy::render::renderer::{RenderContext, ViewQuery};
use bevy::render::view::{ExtractedView, ViewDepthTexture, ViewTarget};

use super::cull::{Choice, Frustum, choose, ranges};
use super::frame::FrameView;
use super::gpu::Gpu;
use super::models::GpuModels;
use super::pipelines::{Pipelines, TargetKey, TargetPipelines};
use super::plates::{self, Plates};
use super::scene::{StageCamera, StageStats};
use super::strokes::{self, Strokes};
use super::tiles::GpuTiles;
use super::upload::{GpuCity, GpuFlat, GpuTile, Pending, Uploaded};

/// Everything that is seen.
pub(super) fn draw_stage(
    view: ViewQuery<(&StageCamera, &ExtractedView, &ViewTarget, &ViewDepthTexture, &Msaa)>,
    gpu: Option<Res<Gpu>>,
    uploaded: Option<Res<Uploaded>>,
    pending: Res<Pending>,
    frame: Option<Res<FrameView>>,
    stats: Res<StageStats>,
    mut pipelines: ResMut<Pipelines>,
    mut models: ResMut<GpuModels>,
    (mut strokes, mut plates, mut marks, mut tiles): (
        ResMut<Strokes>,
        ResMut<Plates>,
        ResMut<super::marks::Marks>,
        ResMut<GpuTiles>,
    ),
    mut order: Local<Vec<(usize, Choice)>>,
    mut context: RenderContext,
) {
    let (Some(gpu), Some(uploaded), Some(frame)) = (gpu, uploaded, frame) else { return };
    let (_, extracted, target, depth, msaa) = view.into_inner();
    let key = TargetKey::new(extracted, *msaa, &pending);
    pipelines.prepare(&gpu, key);
    super::marks::prepare(&mut marks, &gpu, key.over());
    models.prepare(&gpu, key);
    strokes::prepare(&mut strokes, &gpu, key.over());
    plates::prepare(&mut plates, &gpu, key);
    tiles.prepare(&gpu, key);
    let Some(pipelines) = pipelines.get(key) else { return };

    let mut pass = context.command_encoder().begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("stage"),
        color_attachments: &[Some(target.get_color_attachment())],
        depth_stencil_attachment: Some(depth.get_attachment(wgpu::StoreOp::Store)),
        ..Default::default()
    });
    pass.set_bind_group(0, &gpu.frame_group, &[]);
    pass.set_bind_group(2, &uploaded.openness_group, &[]);
    let mut counted = Counted::default();
    if let Some(city) = &uploaded.city
        && pending.switches.buildings
    {
        counted =
            draw_city(&mut pass, pipelines, &uploaded, city, &frame, pending.switches.facades, &mut order);
        let (triangles, draws) = models.draw(&mut pass, key, &uploaded, &frame);
        counted.triangles += triangles;
        counted.draws += draws;
    }
    plates::draw(&plates, &mut pass, key);
    draw_ground(&mut pass, pipelines, &uploaded, &pending, &frame, |pass, is_after| {
        tiles.draw(pass, key, is_after);
    });
    if !key.is_filmic() {
        draw_over(&mut pass, key, pipelines, &uploaded, &strokes, &marks);
    }
    drop(pass);
    let revision = uploaded.city.as_ref().map_or(0, |city| city.revision);
    stats.record_frame(counted.triangles, counted.draws, counted.tiles, revision);
}

/// What lies over the city: lines, walls of light, names, markers. After tone mapping where there is any, so that their colours stay.
pub(super) fn draw_over(
    pass: &mut wgpu::RenderPass,
    key: TargetKey,
    pipelines: &TargetPipelines,
    uploaded: &Uploaded,
    strokes: &Strokes,
    marks: &super::marks::Marks,
) {
    strokes::draw(strokes, pass, key.over());
    if uploaded.sprite_count > 0 {
        pass.set_bind_group(1, &uploaded.sprite_group, &[]);
        let names = uploaded.name_count.min(uploaded.sprite_count);
        pass.set_pipeline(&pipelines.names);
        pass.draw(0..6, 0..names);
    }
    super::marks::draw(marks, pass, key.over());
    if uploaded.sprite_count > uploaded.name_count {
        let texts = uploaded.name_count..uploaded.sprite_count;
        pass.set_bind_group(1, &uploaded.sprite_group, &[]);
        for pipeline in [&pipelines.sprites_hidden, &pipelines.sprites] {
            pass.set_pipeline(pipeline);
            pass.draw(0..6, texts.clone());
        }
    }
}

#[derive(Default)]
struct Counted {
    triangles: u32,
    draws: u32,
    tiles: u32,
}

/// Tiles from near to far, so that what is hidden is never shaded; near ones with facades, far ones as blocks.
fn draw_city(
    pass: &mut wgpu::RenderPass,
    pipelines: &TargetPipelines,
    uploaded: &Uploaded,
    city: &GpuCity,
    frame: &FrameView,
    facades: bool,
    order: &mut Vec<(usize, Choice)>,
) -> Counted {
    let frustum = Frustum::new(frame.clip_from_world, frame.camera);
    order.clear();
    order.extend(city.tiles.iter().enumerate().filter_map(|(index, tile)| {
        choose(frame, &frustum, tile.min, tile.max, facades).map(|choice| (index, choice))
    }));
    order.sort_unstable_by(|a, b| a.1.distance_m.total_cmp(&b.1.distance_m));
    pass.set_bind_group(1, &uploaded.city_group, &[]);
    let mut counted = Counted { tiles: order.len() as u32, ..Counted::default() };
    let mut bound = None;
    for (index, choice) in order.iter() {
        let Some(tile) = city.tiles.get(*index) else { continue };
        if bound != Some(choice.full) {
            bound = Some(choice.full);
            pass.set_pipeline(if choice.full { &pipelines.city_full } else { &pipelines.city_block });
        }
        let (triangles, draws) = draw_tile(pass, city, *index, tile, *choice);
        counted.triangles += triangles;
        counted.draws += draws;
    }
    counted
}

/// Draws the chosen sectors of a level of a tile; triangles and draw calls.
pub(super) fn draw_tile(
    pass: &mut wgpu::RenderPass,
    city: &GpuCity,
    index: usize,
    tile: &GpuTile,
    choice: Choice,
) -> (u32, u32) {
    let level = if choice.full { &tile.full } else { &tile.block };
    let (Some(vertices), Some(indices)) =
        (city.vertex_pages.get(level.vertex_page), city.index_pages.get(level.index_page))
    else {
        return (0, 0);
    };
    pass.set_vertex_buffer(0, vertices.slice(level.vertex_offset..));
    pass.set_vertex_buffer(1, city.instances.slice(index as u64 * 32..(index as u64 + 1) * 32));
    pass.set_index_buffer(indices.slice(..), wgpu::IndexFormat::Uint16);
    let (mut triangles, mut draws) = (0, 0);
    for range in ranges(choice.sectors, &level.sector_ends) {
        triangles += (range.end - range.start) / 3;
        draws += 1;
        pass.draw_indexed(level.first_index + range.start..level.first_index + range.end, 0, 0..1);
    }
    (triangles, draws)
}

fn draw_ground(
    pass: &mut wgpu::RenderPass,
    pipelines: &TargetPipelines,
    uploaded: &Uploaded,
    pending: &Pending,
    frame: &FrameView,
    base_map: impl Fn(&mut wgpu::RenderPass, bool),
) {
    pass.set_bind_group(1, &uploaded.openness_group, &[]);
    if frame.horizon_px > 0 {
        pass.set_scissor_rect(0, 0, frame.viewport.x, frame.horizon_px.min(frame.viewport.y));
        pass.set_pipeline(&pipelines.sky);
        pass.draw(0..3, 0..1);
        pass.set_scissor_rect(0, 0, frame.viewport.x, frame.viewport.y);
    }
    pass.set_pipeline(&pipelines.plain);
    pass.draw(0..6, 0..1);
    let flat = |pass: &mut wgpu::RenderPass, pipeline: &wgpu::RenderPipeline, flat: &GpuFlat| {
        pass.set_pipeline(pipeline);
        pass.set_vertex_buffer(0, flat.vertices.slice(..));
        pass.set_index_buffer(flat.indices.slice(..), wgpu::IndexFormat::Uint32);
        pass.draw_indexed(0..flat.count, 0, 0..1);
    };
    if let (Some(ground), true) = (&uploaded.ground, pending.switches.ground) {
        let trees_m = pending.switches.trees_m as f32;
        super::land::draw(pass, &pipelines.ground, ground, frame, trees_m, |pass| base_map(pass, false));
    } else {
        base_map(pass, false);
    }
    if let (Some(veil), true) = (&uploaded.veil, pending.switches.ground) {
        flat(pass, &pipelines.tints, veil);
    }
    base_map(pass, true);
    if let (Some(tints), true) = (&uploaded.tints, pending.switches.areas) {
        flat(pass, &pipelines.tints, tints);
    }
}
