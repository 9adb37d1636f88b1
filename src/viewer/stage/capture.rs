//! Reading a picture, or one pixel, back from the target: for `snapshot`, `bench`, `demo` without a display and tests.

use std::sync::{Arc, Mutex, PoisonError};

use bevy::camera::RenderTarget;
use bevy::prelude::*;
use bevy::render::extract_resource::{ExtractResource, ExtractResourcePlugin};
use bevy::render::render_asset::RenderAssets;
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;
use bevy::render::{Render, RenderApp, RenderSystems};

/// A picture read back: RGBA, 8 bits each, sRGB, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width and height in pixels.
    pub size: UVec2,
    /// Four bytes a pixel.
    pub rgba: Vec<u8>,
}

/// What to read back after each frame, and what was read. Shared by both worlds.
#[derive(Resource, Clone, Default, ExtractResource)]
pub struct Capture {
    /// The image that the camera draws into.
    pub target: Handle<Image>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    wanted: Wanted,
    picture: Option<Picture>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    #[default]
    Nothing,
    /// Finish the frame and read one pixel.
    Pixel,
    /// The whole picture.
    Whole,
}

impl Capture {
    /// A capture of an image.
    pub fn new(target: Handle<Image>) -> Self {
        Self { target, state: Arc::default() }
    }

    /// Reads one pixel after the next frame, which waits until the frame is finished.
    pub fn finish_next_frame(&self) {
        self.lock().wanted = Wanted::Pixel;
    }

    /// Reads the next frame whole.
    pub fn want_picture(&self) {
        self.lock().wanted = Wanted::Whole;
    }

    /// The picture, once it has been read.
    pub fn take(&self) -> Option<Picture> {
        self.lock().picture.take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(ExtractResourcePlugin::<Capture>::default());
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        render_app.add_systems(Render, read_back.in_set(RenderSystems::Cleanup));
    }
}

/// An image that can be drawn into and read back.
pub(crate) fn target_image(size: UVec2) -> Image {
    let mut image = Image::new_target_texture(size.x, size.y, wgpu::TextureFormat::Rgba8UnormSrgb, None);
    image.texture_descriptor.usage |= wgpu::TextureUsages::COPY_SRC;
    image
}

/// The camera's target for an image.
pub(crate) fn render_target(image: Handle<Image>) -> RenderTarget {
    RenderTarget::Image(image.into())
}

fn read_back(
    capture: Option<Res<Capture>>,
    images: Res<RenderAssets<GpuImage>>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let Some(capture) = capture else { return };
    let wanted = std::mem::take(&mut capture.lock().wanted);
    if wanted == Wanted::Nothing {
        return;
    }
    let Some(image) = images.get(&capture.target) else {
        capture.lock().wanted = wanted;
        return;
    };
    let full = image.texture.size();
    let (width, height) = if wanted == Wanted::Whole { (full.width, full.height) } else { (1, 1) };
    let bytes_a_row = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let device = device.wgpu_device();
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size: u64::from(bytes_a_row) * u64::from(height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_texture_to_buffer(
        wgpu::TexelCopyTextureInfo {
            texture: &image.texture,
            mip_level: 0,
            origin: wgpu::Origin3d::ZERO,
            aspect: wgpu::TextureAspect::All,
        },
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(bytes_a_row),
                rows_per_image: None,
            },
        },
        wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
    );
    queue.submit([encoder.finish()]);
    buffer.slice(..).map_async(wgpu::MapMode::Read, |_| {});
    if let Err(error) = device.poll(wgpu::PollType::wait_indefinitely()) {
        warn!("the picture could not be read back: {error}");
        return;
    }
    if wanted == Wanted::Whole {
        let mapped = buffer.slice(..).get_mapped_range();
        let rgba = mapped
            .chunks_exact(bytes_a_row as usize)
            .flat_map(|row| &row[..(width * 4) as usize])
            .copied()
            .collect();
        capture.lock().picture = Some(Picture { size: UVec2::new(width, height), rgba });
    }
}
