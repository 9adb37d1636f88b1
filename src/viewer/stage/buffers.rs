//! Buffers of the device: made, filled, and made larger where they have to be.

/// A buffer of so many bytes that can be written to.
pub(super) fn empty(
    device: &wgpu::Device,
    label: &str,
    bytes: usize,
    usage: wgpu::BufferUsages,
) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: bytes as u64,
        usage: usage | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// A buffer of just these bytes, whose number is a multiple of four.
pub(super) fn filled(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    label: &str,
    bytes: &[u8],
    usage: wgpu::BufferUsages,
) -> wgpu::Buffer {
    let buffer = empty(device, label, bytes.len(), usage);
    queue.write_buffer(&buffer, 0, bytes);
    buffer
}

/// Writes instances into a vertex buffer, or into a larger one in its place where they need it.
pub(super) fn refill(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    label: &str,
    bytes: &[u8],
    held: &mut wgpu::Buffer,
) {
    if held.size() < bytes.len() as u64 {
        *held = empty(device, label, bytes.len().next_power_of_two(), wgpu::BufferUsages::VERTEX);
    }
    if !bytes.is_empty() {
        queue.write_buffer(held, 0, bytes);
    }
}

/// How a uniform buffer is bound.
pub(super) const UNIFORM: wgpu::BindingType = wgpu::BindingType::Buffer {
    ty: wgpu::BufferBindingType::Uniform,
    has_dynamic_offset: false,
    min_binding_size: None,
};
