//! What must be said about the place's data: loading, why there is nothing, what was refused and repaired.

use super::speech::Speech;
use super::theme::Tone;
use crate::city::{Place, Reason, Repair, Report};

/// A line of the report on the data.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ReportLine {
    /// How it is meant; headings are accented.
    pub(super) tone: Tone,
    /// In words.
    pub(super) text: String,
}

/// What is to be noticed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Notices {
    /// The place is on its way.
    pub(super) is_loading: bool,
    /// Why there is nothing, in words.
    pub(super) error: Option<String>,
    /// There is a place and nothing in it.
    pub(super) is_empty: bool,
    /// Features that could not be used.
    pub(super) refused: usize,
    /// Features that were changed.
    pub(super) repaired: usize,
    /// Everything there is to say about the data.
    pub(super) report: Vec<ReportLine>,
}

impl Notices {
    /// While the place is on its way, or after it failed to come.
    pub(super) fn waiting(error: Option<String>) -> Self {
        Self { is_loading: error.is_none(), error, ..Self::default() }
    }

    /// What there is to say about a place.
    pub(super) fn of(place: &Place, speech: &Speech) -> Self {
        let mut report = Vec::new();
        for part in &place.reports {
            describe(part, speech, &mut report);
        }
        report.extend(
            place.warnings.iter().map(|warning| ReportLine { tone: Tone::Warn, text: warning.clone() }),
        );
        Self {
            is_loading: false,
            error: None,
            is_empty: place.city.is_empty(),
            refused: place.reports.iter().map(|part| part.refused.len()).sum(),
            repaired: place.reports.iter().map(|part| part.changed.len()).sum(),
            report,
        }
    }

    /// Why the map is empty, if it is.
    pub(super) fn emptiness(&self, speech: &Speech) -> Option<Emptiness> {
        let hint = Some("notice-no-buildings-hint");
        if let Some(reason) = &self.error {
            let words = speech.with("notice-error", &[("reason", reason.as_str().into())]);
            Some(Emptiness { tone: Tone::Bad, words, hint })
        } else if self.is_loading {
            Some(Emptiness { tone: Tone::Accent, words: speech.owned("notice-loading"), hint: None })
        } else if self.is_empty {
            Some(Emptiness { tone: Tone::Warn, words: speech.owned("notice-no-buildings"), hint })
        } else {
            None
        }
    }
}

/// Why the map is empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Emptiness {
    /// How that is meant.
    pub(super) tone: Tone,
    /// In words.
    pub(super) words: String,
    /// The key of what to do about it.
    pub(super) hint: Option<&'static str>,
}

fn describe(part: &Report, speech: &Speech, lines: &mut Vec<ReportLine>) {
    let mut line = |tone, text| lines.push(ReportLine { tone, text });
    line(
        Tone::Accent,
        speech.with(
            "report-source",
            &[
                ("source", part.source.as_str().into()),
                ("features", i64::from(part.features).into()),
                ("shown", i64::from(part.shown).into()),
            ],
        ),
    );
    for (repair, count) in &part.repaired {
        line(Tone::Quiet, format!("{} · {count}", repair_text(*repair, speech)));
    }
    for warning in &part.warnings {
        line(Tone::Warn, warning.clone());
    }
    for changed in &part.changed {
        let what = repair_text(changed.repair, speech);
        line(Tone::Normal, feature_line(changed.index, None, &what, speech));
    }
    for refused in &part.refused {
        let why = reason_text(&refused.reason, speech);
        line(Tone::Bad, feature_line(refused.index, refused.id.as_deref(), &why, speech));
    }
    if let Some(broken) = &part.broken {
        line(Tone::Bad, broken_text(broken, speech));
    }
}

fn feature_line(index: u32, id: Option<&str>, what: &str, speech: &Speech) -> String {
    let name = id.map_or_else(|| format!("#{index}"), |id| format!("#{index} {id}"));
    speech.with("report-feature", &[("name", name.into()), ("what", what.into())])
}

fn broken_text(broken: &crate::city::Broken, speech: &Speech) -> String {
    speech.with(
        "report-broken",
        &[("byte", broken.byte.to_string().into()), ("what", broken.what.as_str().into())],
    )
}

fn repair_text(repair: Repair, speech: &Speech) -> String {
    speech.owned(&format!("repair-{}", repair.to_string().replace('_', "-")))
}

fn reason_text(reason: &Reason, speech: &Speech) -> String {
    match reason {
        Reason::NoGeometry => speech.owned("reason-no-geometry"),
        Reason::NotAnArea(kind) => speech.with("reason-not-an-area", &[("kind", (*kind).into())]),
        Reason::NotUsable(kind) => speech.with("reason-not-usable", &[("kind", (*kind).into())]),
        Reason::NotAFeature => speech.owned("reason-not-a-feature"),
        Reason::NestedCollection => speech.owned("reason-nested-collection"),
        Reason::UnknownGeometry => speech.owned("reason-unknown-geometry"),
        Reason::BadCoordinates(what) => speech.with("reason-bad-coordinates", &[("what", (*what).into())]),
        Reason::OutOfRange { x, y, metres } => speech.with(
            if *metres { "reason-looks-like-metres" } else { "reason-out-of-range" },
            &[("x", x.to_string().into()), ("y", y.to_string().into())],
        ),
        Reason::TooFar { distance_km } => {
            speech.with("reason-too-far", &[("km", i64::from(*distance_km).into())])
        }
        Reason::TooFewPoints => speech.owned("reason-too-few-points"),
        Reason::NoArea => speech.owned("reason-no-area"),
        Reason::CrossesItself => speech.owned("reason-crosses-itself"),
        Reason::TooIntricate => speech.owned("reason-too-intricate"),
        Reason::SameAs(index) => speech.with("reason-same-as", &[("index", i64::from(*index).into())]),
        Reason::NotJson(broken) => broken_text(broken, speech),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{ReadOptions, read};

    const TWO: &str = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","id":"a","properties":{"height":-9},"geometry":{"type":"Polygon",
         "coordinates":[[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]}},
        {"type":"Feature","id":"b","properties":null,"geometry":null}]}"#;

    #[test]
    fn what_was_refused_is_named_with_its_reason() {
        let (city, report) = read(TWO.as_bytes(), &ReadOptions::named("x")).expect("readable");
        let notices = Notices::of(&Place::of_city(city, report), &Speech::default());
        assert_eq!((notices.refused, notices.repaired), (1, 1));
        assert!(notices.report.iter().any(|line| line.text == "要素 #1 b：没有几何"), "{:?}", notices.report);
        assert!(notices.report[0].text.contains('x'));
    }

    #[test]
    fn every_repair_has_a_name() {
        let speech = Speech::default();
        for repair in [
            Repair::RingClosed,
            Repair::DuplicatePoints,
            Repair::Winding,
            Repair::SelfCrossing,
            Repair::HoleOutside,
            Repair::HoleDropped,
            Repair::PartDropped,
            Repair::NotAreaDropped,
            Repair::BareGeometry,
            Repair::SwappedLonLat,
            Repair::HeightFromLevels,
            Repair::HeightDefaulted,
            Repair::HeightUnreadable,
            Repair::HeightNegative,
            Repair::HeightAbsurd,
            Repair::HeightZero,
            Repair::HeightBelowBase,
            Repair::BaseUnusable,
            Repair::IdMissing,
            Repair::IdRepeated,
        ] {
            let text = repair_text(repair, &speech);
            assert!(!text.starts_with("repair-"), "{text}");
        }
    }

    #[test]
    fn an_error_ends_the_loading() {
        assert!(Notices::waiting(None).is_loading);
        assert!(!Notices::waiting(Some("x".into())).is_loading);
    }
}
