//! Which preset suits an adapter, by its kind and by what its name gives away.

use super::Preset;

/// Names of rasterisers on the CPU, and of adapters that are only handed through from another machine. Drivers that
/// speak OpenGL do not always say what kind they are.
const ON_CPU: [&str; 13] = [
    "llvmpipe",
    "lavapipe",
    "softpipe",
    "swiftshader",
    "swrast",
    "software",
    "basic render",
    "warp",
    "virgl",
    "virtio",
    "svga3d",
    "vmware",
    "parallels",
];
/// Names of GPUs that are too old, or too small, for shadows and smooth edges at the size of a desk: Intel before
/// 2013, domestic GPUs of office machines, phones of the first generation.
const SMALL: [&str; 11] = [
    "gma ",
    "hd graphics 2000",
    "hd graphics 2500",
    "hd graphics 3000",
    "sandybridge",
    "ivybridge",
    "jm5400",
    "jm7",
    "zhaoxin",
    "mali-4",
    "videocore",
];
/// Names of dedicated GPUs, for drivers that do not say so.
const DEDICATED: [&str; 4] = ["geforce", "quadro", "radeon rx", "radeon pro"];

/// What suits an adapter: a rasteriser on the CPU gets `low`, an integrated GPU `medium`, a dedicated one `high`.
pub(super) fn preset_for(kind: wgpu::DeviceType, backend: wgpu::Backend, name: &str) -> Preset {
    let name = name.to_lowercase();
    let says = |hints: &[&str]| hints.iter().any(|hint| name.contains(hint));
    if says(&ON_CPU) || says(&SMALL) {
        return Preset::Low;
    }
    // `high` reads depth with several samples a pixel, which OpenGL ES 3.0 cannot.
    let most = if backend == wgpu::Backend::Gl { Preset::Medium } else { Preset::High };
    let suits = match kind {
        wgpu::DeviceType::DiscreteGpu => Preset::High,
        wgpu::DeviceType::IntegratedGpu => Preset::Medium,
        wgpu::DeviceType::Cpu => Preset::Low,
        wgpu::DeviceType::VirtualGpu | wgpu::DeviceType::Other if says(&DEDICATED) => Preset::High,
        wgpu::DeviceType::VirtualGpu | wgpu::DeviceType::Other => Preset::Low,
    };
    suits.min(most)
}

#[cfg(test)]
mod tests {
    use wgpu::{Backend, DeviceType};

    use super::*;

    #[test]
    fn the_kind_decides_where_the_name_says_nothing() {
        let by_kind = |kind| preset_for(kind, Backend::Vulkan, "some adapter");
        assert_eq!(by_kind(DeviceType::Cpu), Preset::Low);
        assert_eq!(by_kind(DeviceType::Other), Preset::Low);
        assert_eq!(by_kind(DeviceType::IntegratedGpu), Preset::Medium);
        assert_eq!(by_kind(DeviceType::DiscreteGpu), Preset::High);
    }

    #[test]
    fn the_name_gives_a_rasteriser_away() {
        for name in
            ["llvmpipe (LLVM 15.0.6, 256 bits)", "Google SwiftShader", "Microsoft Basic Render Driver"]
        {
            assert_eq!(preset_for(DeviceType::Other, Backend::Gl, name), Preset::Low, "{name}");
            assert_eq!(preset_for(DeviceType::DiscreteGpu, Backend::Vulkan, name), Preset::Low, "{name}");
        }
    }

    #[test]
    fn an_old_integrated_gpu_gets_low_and_opengl_never_high() {
        let old = "Mesa Intel(R) HD Graphics 3000 (SNB GT2)";
        assert_eq!(preset_for(DeviceType::IntegratedGpu, Backend::Gl, old), Preset::Low);
        let new = "Intel(R) UHD Graphics 630";
        assert_eq!(preset_for(DeviceType::IntegratedGpu, Backend::Vulkan, new), Preset::Medium);
        let geforce = "NVIDIA GeForce RTX 3060";
        assert_eq!(preset_for(DeviceType::Other, Backend::Gl, geforce), Preset::Medium);
        assert_eq!(preset_for(DeviceType::Other, Backend::Vulkan, geforce), Preset::High);
    }
}
