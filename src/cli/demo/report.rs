//! The short report of a demo without a display.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde_json::json;

use crate::cli::bench::quantile;
use crate::language::{Language, Messages};
use crate::viewer::preset::Preset;

/// What was drawn, of what, and how quickly.
pub(super) struct Report {
    pub(super) place: String,
    pub(super) buildings: usize,
    pub(super) issues: usize,
    pub(super) open_issues: usize,
    pub(super) patrols: usize,
    pub(super) adapter: String,
    pub(super) preset: Preset,
    /// From process start to the first frame with every building in it.
    pub(super) first_frame: Duration,
    /// Of the first view, once around.
    pub(super) frames_ms: Vec<f64>,
    /// Now and at the peak.
    pub(super) memory_mb: (f64, f64),
    pub(super) pictures: Vec<PathBuf>,
}

impl Report {
    /// Writes `report.json` and `report.txt` beside the pictures.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let object = json!({
            "place": self.place,
            "buildings": self.buildings,
            "issues": self.issues,
            "open_issues": self.open_issues,
            "patrols": self.patrols,
            "adapter": self.adapter,
            "preset": format!("{:?}", self.preset).to_lowercase(),
            "first_frame_ms": self.first_frame.as_secs_f64() * 1e3,
            "frame_ms_median": self.frame_ms(0.5),
            "frame_ms_p95": self.frame_ms(0.95),
            "frames": self.frames_ms.len(),
            "rss_mb": self.memory_mb.0,
            "peak_rss_mb": self.memory_mb.1,
            "pictures": self.pictures,
        });
        for (name, text) in
            [("report.json", serde_json::to_string_pretty(&object)?), ("report.txt", self.text())]
        {
            let path = folder.join(name);
            std::fs::write(&path, text + "\n")
                .with_context(|| format!("the report cannot be written: {}", path.display()))?;
        }
        Ok(())
    }

    /// The report for people.
    pub(super) fn text(&self) -> String {
        let messages = Messages::new(Language::default());
        let line = |key: &str, value: String| {
            let name = messages.text(key);
            messages
                .text_with("report-line", &[("name", (&*name).into()), ("value", value.into())])
                .into_owned()
        };
        let frame_time = messages.text_with(
            "report-frame-time-value",
            &[
                ("median", format!("{:.0}", self.frame_ms(0.5)).into()),
                ("p95", format!("{:.0}", self.frame_ms(0.95)).into()),
            ],
        );
        let open = messages.text("counts-open");
        let mut lines = vec![
            messages.text("report-title").into_owned(),
            line("report-place", self.place.clone()),
            line("report-buildings", self.buildings.to_string()),
            line("report-issues", format!("{} ({open} {})", self.issues, self.open_issues)),
            line("report-patrols", self.patrols.to_string()),
            line("report-adapter", self.adapter.clone()),
            line("report-preset", messages.text(self.preset.key()).into_owned()),
            line("report-first-frame", format!("{:.0} ms", self.first_frame.as_secs_f64() * 1e3)),
            line("report-frame-time", frame_time.into_owned()),
            line("report-memory", format!("{:.0} MB", self.memory_mb.0)),
        ];
        lines.extend(self.pictures.iter().map(|path| line("report-picture", path.display().to_string())));
        lines.join("\n")
    }

    fn frame_ms(&self, share: f64) -> f64 {
        quantile(&mut self.frames_ms.clone(), share)
    }
}
